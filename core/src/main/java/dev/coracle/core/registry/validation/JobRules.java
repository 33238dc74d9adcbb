// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/// Jobs.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/>
final class JobRules implements Rules {
    private static final Set<String> COUNTS =
            Set.of(
                    "parallelism",
                    "completions",
                    "activeDeadlineSeconds",
                    "backoffLimit",
                    "backoffLimitPerIndex",
                    "maxFailedIndexes",
                    "ttlSecondsAfterFinished");
    private static final List<String> MODES = List.of("Indexed", "NonIndexed");
    private static final List<String> REPLACEMENTS = List.of("Failed", "TerminatingOrFailed");
    private static final List<String> FIXED =
            List.of("selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex");
    private static final long MAX_INDEXED_PARALLELISM = 100_000;

    /// What may change in the template of a job that is suspended.
    private static final List<String> DIRECTIVES =
            List.of("nodeSelector", "affinity", "tolerations", "schedulingGates");

    @Override
    public void create(JsonObject job, Causes causes) {
        var spec = job.object("spec");
        spec(spec, "spec", causes);
        if (spec.get("selector") instanceof JsonObject selector) {
            LabelSelectors.check(selector, "spec.selector", causes);
            var labels = spec.object("template").object("metadata").object("labels");
            if (!LabelSelectors.matches(selector, labels.strings())) {
                causes.invalid("spec.template.metadata.labels", labels, WorkloadRules.UNSELECTED);
            }
        } else {
            causes.required("spec.selector");
        }
    }

    /// Also for the template of a CronJob, at `path`.
    static void spec(JsonObject spec, String path, Causes causes) {
        spec.names().stream()
                .filter(COUNTS::contains)
                .forEach(count -> Numbers.notNegative(spec, count, path, causes));
        var mode = spec.stringOrNull("completionMode");
        if (mode != null && !MODES.contains(mode)) {
            causes.unsupported(path + ".completionMode", mode, MODES);
        }
        if ("Indexed".equals(mode)) {
            indexed(spec, path, causes);
        } else if (Numbers.has(spec, "backoffLimitPerIndex")) {
            causes.invalid(
                    path + ".backoffLimitPerIndex",
                    spec.number("backoffLimitPerIndex", 0),
                    "requires indexed completion mode");
        }
        var replacement = spec.stringOrNull("podReplacementPolicy");
        if (replacement != null && !REPLACEMENTS.contains(replacement)) {
            causes.unsupported(path + ".podReplacementPolicy", replacement, REPLACEMENTS);
        }
        var template = spec.object("template");
        PodSpecRules.template(template, path + ".template", causes);
        var policy = template.object("spec").string("restartPolicy");
        if (policy.equals("Always")) {
            causes.required(
                    path + ".template.spec.restartPolicy",
                    "valid values: \"OnFailure\", \"Never\"");
        }
        if (spec.has("podFailurePolicy") && !policy.equals("Never")) {
            causes.invalid(
                    path + ".template.spec.restartPolicy",
                    policy,
                    "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }

    private static void indexed(JsonObject spec, String path, Causes causes) {
        if (!Numbers.has(spec, "completions")) {
            causes.required(path + ".completions", "when completion mode is Indexed");
        }
        long parallelism = spec.number("parallelism", 0);
        if (parallelism > MAX_INDEXED_PARALLELISM) {
            causes.invalid(
                    path + ".parallelism",
                    parallelism,
                    "must be less than or equal to %d when completion mode is Indexed"
                            .formatted(MAX_INDEXED_PARALLELISM));
        }
    }

    @Override
    public void update(JsonObject oldJob, JsonObject updatedJob, Causes causes) {
        create(updatedJob, causes);
        var old = oldJob.object("spec");
        var updated = updatedJob.object("spec");
        completions(old, updated, causes);
        FIXED.forEach(field -> Metadata.immutable(updated, old, field, "spec", causes));
        var before = old.object("template");
        var now = updated.object("template");
        if (old.bool("suspend", false) && !oldJob.object("status").has("startTime")) {
            now = directed(before, now);
        }
        if (!now.equals(before)) {
            causes.invalid("spec.template", updated.get("template"), Metadata.IMMUTABLE);
        }
    }

    private static void completions(JsonObject old, JsonObject updated, Causes causes) {
        boolean elastic =
                updated.string("completionMode").equals("Indexed")
                        && Numbers.has(updated, "completions")
                        && Numbers.has(old, "completions");
        if (!elastic) {
            Metadata.immutable(updated, old, "completions", "spec", causes);
            return;
        }
        long now = updated.number("completions", 0);
        boolean changed = now != old.number("completions", 0);
        if (changed && now != updated.number("parallelism", 0)) {
            causes.invalid(
                    "spec.completions",
                    now,
                    "can only be modified in tandem with spec.parallelism");
        }
    }

    /// <https://kubernetes.io/docs/concepts/workloads/controllers/job/>
    private static JsonObject directed(JsonObject old, JsonObject updated) {
        var result = updated;
        for (var field : List.of("labels", "annotations")) {
            result = result.with("metadata", m -> kept(m, old.object("metadata"), field));
        }
        for (var field : DIRECTIVES) {
            result = result.with("spec", s -> kept(s, old.object("spec"), field));
        }
        return result;
    }

    private static JsonObject kept(JsonObject updated, JsonObject old, String field) {
        var value = old.get(field);
        return value == null ? updated.without(field) : updated.with(field, value);
    }
}
