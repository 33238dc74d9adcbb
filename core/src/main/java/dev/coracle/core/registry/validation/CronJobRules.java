// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;

/// CronJobs.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>
final class CronJobRules implements Rules {
    private static final List<String> POLICIES = List.of("Allow", "Forbid", "Replace");

    /// A job's name is this name and 11 characters more, and must still fit a label.
    private static final int NAME_LENGTH = 52;

    @Override
    public void create(JsonObject cronJob, Causes causes) {
        var name = cronJob.object("metadata").string("name");
        if (name.length() > NAME_LENGTH) {
            causes.invalid(
                    "metadata.name",
                    name,
                    "must be no more than %d characters".formatted(NAME_LENGTH));
        }
        spec(cronJob.object("spec"), causes);
    }

    @Override
    public void update(JsonObject old, JsonObject updated, Causes causes) {
        spec(updated.object("spec"), causes);
    }

    private static void spec(JsonObject spec, Causes causes) {
        schedule(spec, causes);
        for (var count :
                List.of(
                        "startingDeadlineSeconds",
                        "successfulJobsHistoryLimit",
                        "failedJobsHistoryLimit")) {
            Numbers.notNegative(spec, count, "spec", causes);
        }
        var policy = spec.string("concurrencyPolicy");
        if (policy.isEmpty()) {
            causes.required("spec.concurrencyPolicy");
        } else if (!POLICIES.contains(policy)) {
            causes.unsupported("spec.concurrencyPolicy", policy, POLICIES);
        }
        timeZone(spec, causes);
        var job = spec.object("jobTemplate").object("spec");
        JobRules.spec(job, "spec.jobTemplate.spec", causes);
        if (job.get("selector") instanceof JsonObject selector) {
            causes.invalid(
                    "spec.jobTemplate.spec.selector",
                    selector,
                    "`selector` will be auto-generated");
        }
        if (job.bool("manualSelector", false)) {
            causes.unsupported(
                    "spec.jobTemplate.spec.manualSelector", "true", List.of("nil", "false"));
        }
    }

    private static void schedule(JsonObject spec, Causes causes) {
        var schedule = spec.string("schedule");
        if (schedule.isEmpty()) {
            causes.required("spec.schedule");
            return;
        }
        if (schedule.contains("TZ")) {
            causes.invalid(
                    "spec.schedule",
                    schedule,
                    "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            return;
        }
        CronSyntax.problem(schedule)
                .ifPresent(problem -> causes.invalid("spec.schedule", schedule, problem));
    }

    private static void timeZone(JsonObject spec, Causes causes) {
        var zone = spec.stringOrNull("timeZone");
        if (zone == null) {
            return;
        }
        if (zone.isEmpty()) {
            causes.invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string");
        } else if (zone.equalsIgnoreCase("Local")) {
            causes.invalid(
                    "spec.timeZone",
                    zone,
                    "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        } else {
            try {
                ZoneId.of(zone);
            } catch (DateTimeException e) {
                causes.invalid("spec.timeZone", zone, "unknown time zone " + zone);
            }
        }
    }
}
