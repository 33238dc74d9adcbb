// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.QosClass;
import java.util.ArrayList;
import java.util.Set;

/// What becomes of a new object before it is validated: a status sent by its author is dropped,
/// generations start at 1, and a few kinds get what only the server can know.
///
/// Comes after [Defaults] and after `metadata` has its name and uid.
public final class Creation {
    private static final Set<String> GENERATIONS =
            Set.of(
                    "pods",
                    "replicationcontrollers",
                    "deployments.apps",
                    "replicasets.apps",
                    "statefulsets.apps",
                    "daemonsets.apps",
                    "jobs.batch",
                    "cronjobs.batch",
                    "ingresses.networking.k8s.io",
                    "ingressclasses.networking.k8s.io",
                    "networkpolicies.networking.k8s.io",
                    "endpointslices.discovery.k8s.io",
                    "poddisruptionbudgets.policy",
                    "priorityclasses.scheduling.k8s.io",
                    "customresourcedefinitions.apiextensions.k8s.io");

    /// Kinds with a status that nobody but its controller may write.
    private static final Set<String> RESET =
            Set.of(
                    "deployments.apps",
                    "replicasets.apps",
                    "statefulsets.apps",
                    "daemonsets.apps",
                    "replicationcontrollers",
                    "jobs.batch",
                    "cronjobs.batch",
                    "services",
                    "ingresses.networking.k8s.io",
                    "persistentvolumes",
                    "persistentvolumeclaims",
                    "resourcequotas",
                    "horizontalpodautoscalers.autoscaling",
                    "poddisruptionbudgets.policy");

    private Creation() {}

    /// The object as it will be validated and stored.
    public static JsonObject prepare(ResourceType type, JsonObject object) {
        var name = type.qualified();
        var result = object;
        if (GENERATIONS.contains(name)) {
            result = result.with("metadata", metadata -> metadata.with("generation", 1));
        }
        if (RESET.contains(name)) {
            result = Defaults.apply(type, result.with("status", JsonObject.EMPTY));
        }
        return switch (name) {
            case "pods" -> result.with("status", podStatus(result.object("spec")));
            case "namespaces" -> namespace(result);
            case "jobs.batch" -> JobSelector.generate(result);
            default -> result;
        };
    }

    private static JsonObject podStatus(JsonObject spec) {
        var status = JsonObject.builder().put("phase", "Pending");
        if (!spec.array("schedulingGates").isEmpty()) {
            status.put("conditions", JsonArray.of(gated()));
        }
        return status.put("qosClass", QosClass.of(spec).text()).build();
    }

    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/>
    private static JsonObject gated() {
        return JsonObject.builder()
                .put("type", "PodScheduled")
                .put("status", "False")
                .put("lastProbeTime", JsonNull.NULL)
                .put("lastTransitionTime", JsonNull.NULL)
                .put("reason", "SchedulingGated")
                .put("message", "Scheduling is blocked due to non-empty scheduling gates")
                .build();
    }

    /// <https://kubernetes.io/docs/tasks/administer-cluster/namespaces/>
    private static JsonObject namespace(JsonObject namespace) {
        return namespace
                .with("status", JsonObject.of("phase", Json.of("Active")))
                .with(
                        "spec",
                        spec -> {
                            var finalizers = new ArrayList<>(spec.array("finalizers").strings());
                            if (!finalizers.contains("kubernetes")) {
                                finalizers.add("kubernetes");
                            }
                            return spec.with("finalizers", JsonArray.ofStrings(finalizers));
                        });
    }
}
