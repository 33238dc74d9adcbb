// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;

/// A registry in memory at a time that only moves when told to, with the namespace `default`.
final class Cluster implements InstantSource, AutoCloseable {
    static final Schemas SCHEMAS = Schemas.load();

    private Instant now = Instant.parse("2026-11-21T04:00:00Z");
    final MvccStore store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT);
    final StoreRegistry registry =
            new StoreRegistry(store, SCHEMAS, this, new SplittableRandom(7), List.of());

    Cluster() {
        create(ResourceTypes.NAMESPACES, "{'metadata': {'name': 'default'}}");
    }

    @Override
    public Instant instant() {
        return now;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    /// JSON with single quotes, for namespace `default`.
    JsonObject create(ResourceType type, String json) {
        return registry.create(type, type.namespaced() ? "default" : "", json(json), options());
    }

    JsonObject pod(String name) {
        return create(
                ResourceTypes.PODS,
                """
                {'metadata': {'name': '%s'},
                 'spec': {'containers': [{'name': 'app', 'image': 'web:1'}]}}
                """
                        .formatted(name));
    }

    JsonObject boundPod(String name) {
        pod(name);
        bind(name, "yard");
        return get(ResourceTypes.PODS, name);
    }

    void bind(String pod, String node) {
        registry.update(
                ResourceTypes.PODS,
                key(pod),
                "binding",
                json("{'metadata': {'name': '%s'}, 'target': {'name': '%s'}}".formatted(pod, node)),
                options());
    }

    JsonObject get(ResourceType type, String name) {
        return registry.get(type, type.namespaced() ? key(name) : new ObjectKey("", name));
    }

    JsonObject update(ResourceType type, String subresource, JsonObject object) {
        return registry.update(type, ObjectKey.of(object), subresource, object, options());
    }

    static ObjectKey key(String name) {
        return new ObjectKey("default", name);
    }

    static WriteOptions options() {
        return WriteOptions.by("test");
    }

    static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    @Override
    public void close() {
        store.close();
    }
}
