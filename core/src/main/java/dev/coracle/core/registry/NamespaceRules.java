// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Nothing is made in a namespace that is not there or is going, and some never go.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>
final class NamespaceRules {
    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

    private NamespaceRules() {}

    /// Refuses to make `objectName` of `type` in `name`, whose Namespace is `namespace` (null:
    /// there is none), unless it may be.
    static void checkCreate(
            ResourceType type, String objectName, String name, @Nullable JsonObject namespace) {
        if (namespace == null) {
            throw new ApiException(Status.notFound(ResourceTypes.NAMESPACES, name));
        }
        if (!namespace.object("metadata").has(Deletion.TIMESTAMP)
                && !namespace.object("status").string("phase").equals("Terminating")) {
            return;
        }
        var why =
                "unable to create new content in namespace %s because it is being terminated"
                        .formatted(name);
        var cause =
                new Status.Cause(
                        Status.NAMESPACE_TERMINATING,
                        "namespace %s is being terminated".formatted(name),
                        "metadata.namespace");
        throw new ApiException(Status.forbidden(type, objectName, why, List.of(cause)));
    }

    static void checkDelete(String name) {
        if (IMMORTAL.contains(name)) {
            throw new ApiException(
                    Status.forbidden(
                            ResourceTypes.NAMESPACES,
                            name,
                            "this namespace may not be deleted",
                            List.of()));
        }
    }
}
