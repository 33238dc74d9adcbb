// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.json.JsonObject;

/// Which parts of an object a write may set, by kind and subresource.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris>
final class Strategy {
    private static final String STATUS = "status";
    private static final String FINALIZERS = "finalizers";

    private Strategy() {}

    /// `sent` as it may start its life: without a status of the client's.
    static JsonObject created(ServedKind kind, JsonObject sent) {
        return kind.hasStatus() && !kind.has(Trait.STATUS_ON_CREATE) ? sent.without(STATUS) : sent;
    }

    /// `current` replaced by `sent` through `subresource`: empty, `status` or `finalize`.
    static JsonObject updated(
            ServedKind kind, String subresource, JsonObject current, JsonObject sent) {
        return switch (subresource) {
            case "" -> replaced(kind, current, sent);
            // Differs from upstream: labels and annotations sent to a status are ignored, too.
            case STATUS -> withFieldOf(STATUS, sent, current);
            case "finalize" ->
                    current.with(
                            "spec",
                            spec -> spec.with(FINALIZERS, sent.object("spec").array(FINALIZERS)));
            default -> throw new IllegalArgumentException("cannot be updated: " + subresource);
        };
    }

    private static JsonObject replaced(ServedKind kind, JsonObject current, JsonObject sent) {
        var metadata = ObjectMetadata.updated(current.object("metadata"), sent.object("metadata"));
        var next = sent.with("metadata", metadata);
        if (kind.storage().equals(ResourceTypes.NAMESPACES)) {
            next = withFieldOf("spec", current, next);
        }
        if (ServiceAllocation.isService(kind)) {
            next = ServiceTransition.inherited(current, next);
        }
        return kind.hasStatus() ? withFieldOf(STATUS, current, next) : next;
    }

    private static JsonObject withFieldOf(String name, JsonObject from, JsonObject base) {
        var value = from.get(name);
        return value == null ? base.without(name) : base.with(name, value);
    }

    /// `object` named and ordered as stored: kind, apiVersion, metadata, then the rest.
    static JsonObject ordered(ServedKind kind, JsonObject object) {
        var builder =
                JsonObject.builder()
                        .put("kind", kind.storage().kind())
                        .put("apiVersion", kind.storage().apiVersion())
                        .put("metadata", object.object("metadata"));
        object.forEach(
                (name, value) -> {
                    if (!name.equals("kind") && !name.equals("apiVersion")) {
                        builder.put(name, value);
                    }
                });
        return builder.build();
    }
}
