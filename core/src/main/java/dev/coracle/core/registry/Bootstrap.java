// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// What is in every cluster from the start: the system's namespaces and priority classes.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>
/// <https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/>
public final class Bootstrap {
    private static final List<String> NAMESPACES =
            List.of("default", "kube-system", "kube-public", "kube-node-lease");
    private static final long CLUSTER_CRITICAL = 2_000_000_000;
    private static final long NODE_CRITICAL = 2_000_001_000;

    private Bootstrap() {}

    /// Creates what is missing; what is there stays as it is.
    public static void apply(Api api) {
        for (var name : NAMESPACES) {
            create(api, ResourceTypes.NAMESPACES, name, JsonObject.EMPTY);
        }
        create(
                api,
                ResourceTypes.PRIORITY_CLASSES,
                "system-cluster-critical",
                priority(CLUSTER_CRITICAL, "For pods that the cluster needs, on whichever node."));
        create(
                api,
                ResourceTypes.PRIORITY_CLASSES,
                "system-node-critical",
                priority(NODE_CRITICAL, "For pods that the node they are on needs."));
    }

    private static JsonObject priority(long value, String description) {
        return JsonObject.of("value", Json.of(value), "description", Json.of(description));
    }

    private static void create(Api api, ResourceType type, String name, JsonObject object) {
        try {
            api.create(
                    type,
                    "",
                    object.with("metadata", JsonObject.of("name", Json.of(name))),
                    WriteOptions.by("coracle"));
        } catch (ApiException e) {
            if (!e.is(Status.Reason.ALREADY_EXISTS)) {
                throw e;
            }
        }
    }
}
