// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.each;
import static dev.coracle.core.registry.defaults.Unset.empty;
import static dev.coracle.core.registry.defaults.Unset.inside;
import static dev.coracle.core.registry.defaults.Unset.isMissing;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.util.List;

/// Defaults of namespaces, nodes, policies, roles and scaling.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/>
final class ClusterDefaults {
    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final String NAME_LABEL = "kubernetes.io/metadata.name";
    private static final Json CPU_AT_80_PERCENT =
            JsonReader.parse(
                    """
                    [{"type": "Resource", "resource": {"name": "cpu",
                      "target": {"type": "Utilization", "averageUtilization": 80}}}]
                    """);

    private ClusterDefaults() {}

    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>
    static JsonObject namespace(JsonObject namespace) {
        var name = namespace.object("metadata").string("name");
        var result =
                name.isEmpty()
                        ? namespace
                        : namespace.with(
                                "metadata",
                                metadata ->
                                        metadata.with(
                                                "labels", labels -> labels.with(NAME_LABEL, name)));
        return result.with("status", status -> empty(status, "phase", "Active"));
    }

    static JsonObject node(JsonObject node) {
        return missing(node, "spec", JsonObject.EMPTY)
                .with(
                        "status",
                        status -> {
                            var result = ResourceDefaults.list(status, "capacity");
                            result = ResourceDefaults.list(result, "allocatable");
                            return result.get("capacity") instanceof JsonObject capacity
                                    ? missing(result, "allocatable", capacity)
                                    : result;
                        });
    }

    static JsonObject limitRange(JsonObject range) {
        return range.with("spec", spec -> each(spec, "limits", ClusterDefaults::limits));
    }

    /// <https://kubernetes.io/docs/concepts/policy/limit-range/>
    private static JsonObject limits(JsonObject item) {
        var result = item;
        for (var list : List.of("max", "min", "default", "defaultRequest")) {
            result = ResourceDefaults.list(result, list);
        }
        if (!item.string("type").equals("Container")) {
            return result;
        }
        var defaults = filled(result.object("default"), result.object("max"));
        var requests = filled(result.object("defaultRequest"), defaults);
        requests = filled(requests, result.object("min"));
        return result.with("default", defaults).with("defaultRequest", requests);
    }

    private static JsonObject filled(JsonObject list, JsonObject from) {
        var result = list;
        for (var name : from.names()) {
            var value = from.get(name);
            result = value == null ? result : missing(result, name, value);
        }
        return result;
    }

    static JsonObject resourceQuota(JsonObject quota) {
        return quota.with("spec", spec -> ResourceDefaults.list(spec, "hard"));
    }

    /// <https://k8s.io/docs/reference/kubernetes-api/workload-resources/>
    static JsonObject autoscaler(JsonObject autoscaler) {
        return autoscaler
                .with(
                        "spec",
                        spec -> {
                            var result = missing(spec, "minReplicas", 1);
                            result =
                                    result.array("metrics").isEmpty()
                                            ? result.with("metrics", CPU_AT_80_PERCENT)
                                            : result;
                            return inside(result, "behavior", ClusterDefaults::behavior);
                        })
                .with(
                        "status",
                        status ->
                                missing(
                                        missing(status, "desiredReplicas", 0),
                                        "currentMetrics",
                                        dev.coracle.core.json.JsonNull.NULL));
    }

    private static JsonObject behavior(JsonObject behavior) {
        var up = behavior.object("scaleUp");
        up = missing(missing(up, "stabilizationWindowSeconds", 0), "selectPolicy", "Max");
        up =
                isMissing(up, "policies")
                        ? up.with(
                                "policies", JsonArray.of(policy("Pods", 4), policy("Percent", 100)))
                        : up;
        var down = missing(behavior.object("scaleDown"), "selectPolicy", "Max");
        down =
                isMissing(down, "policies")
                        ? down.with("policies", JsonArray.of(policy("Percent", 100)))
                        : down;
        return behavior.with("scaleUp", up).with("scaleDown", down);
    }

    private static JsonObject policy(String type, long value) {
        return JsonObject.builder()
                .put("type", type)
                .put("value", value)
                .put("periodSeconds", 15)
                .build();
    }

    static JsonObject disruptionBudget(JsonObject budget) {
        return budget.with(
                "status",
                status -> {
                    var result = missing(status, "disruptionsAllowed", 0);
                    result = missing(result, "currentHealthy", 0);
                    result = missing(result, "desiredHealthy", 0);
                    return missing(result, "expectedPods", 0);
                });
    }

    /// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>
    static JsonObject binding(JsonObject binding) {
        return each(
                inside(binding, "roleRef", role -> empty(role, "apiGroup", RBAC)),
                "subjects",
                subject ->
                        subject.string("kind").equals("ServiceAccount")
                                ? subject
                                : empty(subject, "apiGroup", RBAC));
    }

    static JsonObject priorityClass(JsonObject priorityClass) {
        return missing(priorityClass, "preemptionPolicy", "PreemptLowerPriority");
    }
}
