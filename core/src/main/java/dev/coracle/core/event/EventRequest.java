// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.event;

import dev.coracle.core.json.JsonObject;

/// Something that happened to an object and that people should be able to read about.
///
/// `type` is Normal or Warning; `component` says who reports it, `host` on which node (empty when
/// it is no node's business).
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>
public record EventRequest(
        Reference regarding,
        String type,
        String reason,
        String message,
        String component,
        String host) {

    /// Which object, and with `fieldPath` (`spec.containers{app}`, else empty) which part of it.
    public record Reference(
            String apiVersion,
            String kind,
            String namespace,
            String name,
            String uid,
            String resourceVersion,
            String fieldPath) {

        /// Refers to all of a whole object.
        public static Reference to(JsonObject object) {
            return to(object, "");
        }

        public static Reference to(JsonObject object, String fieldPath) {
            var metadata = object.object("metadata");
            return new Reference(
                    object.string("apiVersion"),
                    object.string("kind"),
                    metadata.string("namespace"),
                    metadata.string("name"),
                    metadata.string("uid"),
                    metadata.string("resourceVersion"),
                    fieldPath);
        }

        JsonObject json() {
            return JsonObject.builder()
                    .putUnlessEmpty("kind", kind)
                    .putUnlessEmpty("namespace", namespace)
                    .putUnlessEmpty("name", name)
                    .putUnlessEmpty("uid", uid)
                    .putUnlessEmpty("apiVersion", apiVersion)
                    .putUnlessEmpty("resourceVersion", resourceVersion)
                    .putUnlessEmpty("fieldPath", fieldPath)
                    .build();
        }
    }

    public EventRequest {
        if (!type.equals("Normal") && !type.equals("Warning")) {
            throw new IllegalArgumentException(
                    "event type \"%s\" is not one of Normal, Warning".formatted(type));
        }
    }
}
