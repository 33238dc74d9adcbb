// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.LabelSelector;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// How many replicas a workload has, apart from the rest of it.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/>
final class Scale {
    private static final String REPLICAS = "replicas";

    private Scale() {}

    /// The `autoscaling/v1` Scale of `workload`.
    static JsonObject of(ResourceType type, JsonObject workload) {
        var metadata = workload.object("metadata");
        var spec = workload.object("spec");
        var selector =
                type.equals(ResourceTypes.REPLICATION_CONTROLLERS)
                        ? LabelSelector.ofMap(spec.object("selector"))
                        : LabelSelector.of(spec.object("selector"));
        return JsonObject.builder()
                .put("kind", "Scale")
                .put("apiVersion", "autoscaling/v1")
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("name", metadata.string("name"))
                                .put("namespace", metadata.string("namespace"))
                                .put("uid", metadata.string("uid"))
                                .put("resourceVersion", metadata.string("resourceVersion"))
                                .put("creationTimestamp", metadata.string("creationTimestamp"))
                                .build())
                .put("spec", JsonObject.builder().put(REPLICAS, spec.number(REPLICAS, 0)).build())
                .put(
                        "status",
                        JsonObject.builder()
                                .put(REPLICAS, workload.object("status").number(REPLICAS, 0))
                                .putUnlessEmpty("selector", selector.text())
                                .build())
                .build();
    }

    /// `workload` with the replicas that `scale` wants.
    ///
    /// @throws ApiException 422 if they are negative
    static JsonObject applied(JsonObject workload, JsonObject scale) {
        long replicas = scale.object("spec").number(REPLICAS, 0);
        if (replicas < 0) {
            var type =
                    new ResourceType(
                            "autoscaling",
                            "v1",
                            "scales",
                            "scale",
                            "Scale",
                            true,
                            List.of(),
                            List.of());
            var cause =
                    new Status.Cause(
                            "FieldValueInvalid",
                            "Invalid value: %d: must be greater than or equal to 0"
                                    .formatted(replicas),
                            "spec.replicas");
            throw new ApiException(
                    Status.invalid(
                            type, workload.object("metadata").string("name"), List.of(cause)));
        }
        return workload.with("spec", spec -> spec.with(REPLICAS, replicas));
    }
}
