// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.each;
import static dev.coracle.core.registry.defaults.Unset.empty;
import static dev.coracle.core.registry.defaults.Unset.inside;
import static dev.coracle.core.registry.defaults.Unset.isMissing;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.json.JsonObject;

/// Defaults of the kinds that own pods.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>
final class WorkloadDefaults {
    private static final long BACKOFF_LIMIT = 6;

    private WorkloadDefaults() {}

    static JsonObject deployment(JsonObject deployment) {
        return deployment.with(
                "spec",
                spec -> {
                    var result = missing(spec, "replicas", 1);
                    result = result.with("template", PodDefaults::template);
                    result =
                            result.with(
                                    "strategy",
                                    strategy -> rolling(strategy, "maxUnavailable", "maxSurge"));
                    result = missing(result, "revisionHistoryLimit", 10);
                    return missing(result, "progressDeadlineSeconds", 600);
                });
    }

    private static JsonObject rolling(JsonObject strategy, String... shares) {
        var typed = empty(strategy, "type", "RollingUpdate");
        if (!typed.string("type").equals("RollingUpdate")) {
            return typed;
        }
        return typed.with(
                "rollingUpdate",
                update -> {
                    var result = update;
                    for (var share : shares) {
                        result = missing(result, share, "25%");
                    }
                    return result;
                });
    }

    static JsonObject replicaSet(JsonObject set) {
        var result =
                set.with(
                        "spec",
                        spec ->
                                missing(spec, "replicas", 1)
                                        .with("template", PodDefaults::template));
        return result.with("status", status -> missing(status, "replicas", 0));
    }

    /// A ReplicationController takes selector and labels from its template.
    static JsonObject replicationController(JsonObject controller) {
        var spec = missing(controller.object("spec"), "replicas", 1);
        var result = controller;
        if (spec.get("template") instanceof JsonObject template) {
            spec = spec.with("template", PodDefaults.template(template));
            var labels = template.object("metadata").object("labels");
            if (!labels.isEmpty()) {
                spec = spec.object("selector").isEmpty() ? spec.with("selector", labels) : spec;
                result = labelled(result, labels);
            }
        }
        return result.with("spec", spec).with("status", status -> missing(status, "replicas", 0));
    }

    static JsonObject statefulSet(JsonObject set) {
        var result =
                set.with(
                        "spec",
                        spec -> {
                            var changed = empty(spec, "podManagementPolicy", "OrderedReady");
                            changed = changed.with("updateStrategy", WorkloadDefaults::partitioned);
                            changed =
                                    changed.with(
                                            "persistentVolumeClaimRetentionPolicy",
                                            policy ->
                                                    empty(
                                                            empty(policy, "whenDeleted", "Retain"),
                                                            "whenScaled",
                                                            "Retain"));
                            changed = missing(changed, "replicas", 1);
                            changed = missing(changed, "revisionHistoryLimit", 10);
                            changed = changed.with("template", PodDefaults::template);
                            return each(
                                    changed,
                                    "volumeClaimTemplates",
                                    StorageDefaults::claimTemplate);
                        });
        return result.with(
                "status",
                status -> missing(missing(status, "replicas", 0), "availableReplicas", 0));
    }

    private static JsonObject partitioned(JsonObject strategy) {
        var typed =
                strategy.string("type").isEmpty()
                        ? missing(
                                strategy.with("type", "RollingUpdate"),
                                "rollingUpdate",
                                JsonObject.EMPTY)
                        : strategy;
        return typed.string("type").equals("RollingUpdate")
                ? inside(typed, "rollingUpdate", update -> missing(update, "partition", 0))
                : typed;
    }

    static JsonObject daemonSet(JsonObject set) {
        var result =
                set.with(
                        "spec",
                        spec ->
                                missing(spec, "revisionHistoryLimit", 10)
                                        .with("template", PodDefaults::template)
                                        .with("updateStrategy", WorkloadDefaults::oneByOne));
        return result.with(
                "status",
                status -> {
                    var counted = missing(status, "currentNumberScheduled", 0);
                    counted = missing(counted, "numberMisscheduled", 0);
                    counted = missing(counted, "desiredNumberScheduled", 0);
                    return missing(counted, "numberReady", 0);
                });
    }

    private static JsonObject oneByOne(JsonObject strategy) {
        var typed = empty(strategy, "type", "RollingUpdate");
        return typed.string("type").equals("RollingUpdate")
                ? typed.with(
                        "rollingUpdate",
                        update -> missing(missing(update, "maxUnavailable", 1), "maxSurge", 0))
                : typed;
    }

    static JsonObject job(JsonObject job) {
        var spec = job.object("spec");
        if (isMissing(spec, "completions") && isMissing(spec, "parallelism")) {
            spec = spec.with("completions", 1).with("parallelism", 1);
        }
        spec = missing(spec, "parallelism", 1);
        spec =
                missing(
                        spec,
                        "backoffLimit",
                        isMissing(spec, "backoffLimitPerIndex")
                                ? BACKOFF_LIMIT
                                : Integer.MAX_VALUE);
        spec = missing(spec, "completionMode", "NonIndexed");
        spec = missing(spec, "suspend", false);
        spec = missing(spec, "manualSelector", false);
        boolean policed = !isMissing(spec, "podFailurePolicy");
        spec = missing(spec, "podReplacementPolicy", policed ? "Failed" : "TerminatingOrFailed");
        spec = inside(spec, "podFailurePolicy", WorkloadDefaults::failurePolicy);
        spec = spec.with("template", PodDefaults::template);
        var labels = spec.object("template").object("metadata").object("labels");
        return labelled(job, labels).with("spec", spec);
    }

    private static JsonObject failurePolicy(JsonObject policy) {
        return each(
                policy,
                "rules",
                rule ->
                        each(
                                rule,
                                "onPodConditions",
                                condition -> empty(condition, "status", "True")));
    }

    static JsonObject cronJob(JsonObject cronJob) {
        return cronJob.with(
                "spec",
                spec -> {
                    var result = empty(spec, "concurrencyPolicy", "Allow");
                    result = missing(result, "suspend", false);
                    result = missing(result, "successfulJobsHistoryLimit", 3);
                    result = missing(result, "failedJobsHistoryLimit", 1);
                    return result.with("jobTemplate", WorkloadDefaults::jobTemplate);
                });
    }

    private static JsonObject jobTemplate(JsonObject template) {
        return missing(template, "metadata", JsonObject.EMPTY)
                .with(
                        "spec",
                        spec ->
                                inside(spec, "podFailurePolicy", WorkloadDefaults::failurePolicy)
                                        .with("template", PodDefaults::template));
    }

    private static JsonObject labelled(JsonObject object, JsonObject labels) {
        boolean unlabelled = object.object("metadata").object("labels").isEmpty();
        return unlabelled && !labels.isEmpty()
                ? object.with("metadata", metadata -> metadata.with("labels", labels))
                : object;
    }
}
