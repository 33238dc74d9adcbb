// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.api.Timestamps;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Ties a pod to a node, once.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/>
final class Binding {
    private Binding() {}

    /// `pod` bound as `binding` says.
    ///
    /// @throws ApiException 409 if it is bound, being deleted, or another pod than meant; 422 if
    ///     the target is no node
    static JsonObject bound(JsonObject pod, JsonObject binding, Instant now) {
        var type = ResourceTypes.PODS;
        var name = pod.object("metadata").string("name");
        var node = target(name, binding.object("target"));
        var uid = binding.object("metadata").string("uid");
        if (!uid.isEmpty() && !uid.equals(pod.object("metadata").string("uid"))) {
            throw conflict(
                    type,
                    name,
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(uid, pod.object("metadata").string("uid")));
        }
        if (pod.object("metadata").has(Deletion.TIMESTAMP)) {
            throw conflict(
                    type,
                    name,
                    "pod %s is being deleted, cannot be assigned to a host".formatted(name));
        }
        var before = pod.object("spec").string("nodeName");
        if (!before.isEmpty()) {
            throw conflict(
                    type,
                    name,
                    "pod %s is already assigned to node \"%s\"".formatted(name, before));
        }
        if (!pod.object("spec").array("schedulingGates").isEmpty()) {
            throw conflict(
                    type, name, "pod %s has non-empty .spec.schedulingGates".formatted(name));
        }
        return annotated(pod, binding)
                .with("spec", spec -> spec.with("nodeName", node))
                .with("status", status -> status.with("conditions", scheduled(status, now)));
    }

    private static String target(String pod, JsonObject target) {
        var kind = target.string("kind");
        if (!kind.isEmpty() && !kind.equals("Node")) {
            throw invalid(
                    pod,
                    "FieldValueNotSupported",
                    "Unsupported value: \"%s\": supported values: \"Node\", \"<empty>\""
                            .formatted(kind),
                    "target.kind");
        }
        if (target.string("name").isEmpty()) {
            throw invalid(pod, "FieldValueRequired", "Required value", "target.name");
        }
        return target.string("name");
    }

    private static ApiException invalid(String pod, String reason, String message, String field) {
        var binding =
                new ResourceType(
                        "", "v1", "bindings", "binding", "Binding", true, List.of(), List.of());
        return new ApiException(
                Status.invalid(binding, pod, List.of(new Status.Cause(reason, message, field))));
    }

    private static ApiException conflict(ResourceType type, String name, String why) {
        return new ApiException(Status.conflict(type, name, why));
    }

    private static JsonObject annotated(JsonObject pod, JsonObject binding) {
        var annotations = binding.object("metadata").object("annotations");
        if (annotations.isEmpty()) {
            return pod;
        }
        var all = JsonObject.builder();
        pod.object("metadata").object("annotations").forEach(all::put);
        annotations.forEach(all::put);
        return pod.with("metadata", m -> m.with("annotations", all.build()));
    }

    private static JsonArray scheduled(JsonObject status, Instant now) {
        var conditions = new ArrayList<Json>();
        for (var condition : status.array("conditions").objects()) {
            if (!condition.string("type").equals("PodScheduled")) {
                conditions.add(condition);
            }
        }
        conditions.add(
                JsonObject.builder()
                        .put("type", "PodScheduled")
                        .put("status", "True")
                        .put("lastProbeTime", JsonNull.NULL)
                        .put("lastTransitionTime", Timestamps.seconds(now))
                        .build());
        return JsonArray.of(conditions);
    }
}
