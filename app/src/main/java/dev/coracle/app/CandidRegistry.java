// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import java.util.List;

/// The registry as clients of the API have it: whoever creates what nothing acts on is warned, or
/// would wait for what does not come.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#warnings>
record CandidRegistry(Registry registry) implements Registry {

    @Override
    public JsonObject create(
            ResourceType type, String namespace, JsonObject object, WriteOptions options) {
        var created = registry.create(type, namespace, object, options);
        if (ActedOn.byNobody(type)) {
            options.warnings()
                    .add(
                            "%s \"%s\" is stored, but nothing in this version acts on it"
                                    .formatted(
                                            type.kind(),
                                            created.object("metadata").string("name")));
        }
        return created;
    }

    @Override
    public List<ResourceType> types() {
        return registry.types();
    }

    @Override
    public JsonObject get(ResourceType type, ObjectKey key) {
        return registry.get(type, key);
    }

    @Override
    public JsonObject get(ResourceType type, ObjectKey key, String subresource) {
        return registry.get(type, key, subresource);
    }

    @Override
    public Listing list(ResourceType type, ListOptions options) {
        return registry.list(type, options);
    }

    @Override
    public ObjectWatch watch(ResourceType type, ListOptions options) {
        return registry.watch(type, options);
    }

    @Override
    public JsonObject update(
            ResourceType type,
            ObjectKey key,
            String subresource,
            JsonObject object,
            WriteOptions options) {
        return registry.update(type, key, subresource, object, options);
    }

    @Override
    public JsonObject patch(
            ResourceType type,
            ObjectKey key,
            String subresource,
            Patch patch,
            WriteOptions options) {
        return registry.patch(type, key, subresource, patch, options);
    }

    @Override
    public JsonObject delete(ResourceType type, ObjectKey key, DeleteOptions options) {
        return registry.delete(type, key, options);
    }

    @Override
    public List<JsonObject> deleteCollection(
            ResourceType type, ListOptions selection, DeleteOptions options) {
        return registry.deleteCollection(type, selection, options);
    }
}
