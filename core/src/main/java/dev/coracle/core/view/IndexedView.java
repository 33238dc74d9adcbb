// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A [View] of a store that finds objects by their labels, and selectors by the labels they choose,
/// without looking at all the others. Brought up to date whenever it is asked: never behind. For
/// any thread.
///
/// Each object is found under every label that it has, and under the first one that it selects.
public final class IndexedView implements View, AutoCloseable {
    private final Store store;
    private final View plain;
    private final List<ResourceType> types;
    private final Map<Place, NavigableMap<ObjectKey, JsonObject>> byLabel = new HashMap<>();
    private final Map<Place, NavigableMap<ObjectKey, JsonObject>> bySelector = new HashMap<>();
    private final Map<ResourceType, Followed> followed = new HashMap<>();

    /// Where an object is found.
    private record Place(ResourceType type, String namespace, String label, Json value) {}

    /// `types` are indexed; others are found the slow way.
    public IndexedView(Store store, List<ResourceType> types) {
        this.store = store;
        this.plain = new StoreView(store);
        this.types = List.copyOf(types);
    }

    @Override
    public @Nullable JsonObject get(ResourceType type, ObjectKey key) {
        return plain.get(type, key);
    }

    @Override
    public List<JsonObject> list(ResourceType type, String namespace) {
        return plain.list(type, namespace);
    }

    @Override
    public synchronized List<JsonObject> labeled(
            ResourceType type, String namespace, JsonObject wanted) {
        if (!types.contains(type)) {
            return plain.labeled(type, namespace, wanted);
        }
        refresh(type);
        var fewest = new ArrayList<Map<ObjectKey, JsonObject>>();
        wanted.forEach((label, value) -> fewest.add(at(byLabel, type, namespace, label, value)));
        return fewest.stream()
                .min(Comparator.comparingInt(Map::size))
                .map(Map::values)
                .orElse(List.of())
                .stream()
                .filter(object -> View.has(labels(object), wanted))
                .toList();
    }

    @Override
    public synchronized List<JsonObject> selecting(
            ResourceType type, String namespace, JsonObject labels) {
        if (!types.contains(type)) {
            return plain.selecting(type, namespace, labels);
        }
        refresh(type);
        var found = new TreeMap<ObjectKey, JsonObject>();
        labels.forEach(
                (label, value) -> found.putAll(at(bySelector, type, namespace, label, value)));
        return found.values().stream()
                .filter(object -> View.has(labels, selector(object)))
                .toList();
    }

    private static JsonObject labels(JsonObject object) {
        return object.object("metadata").object("labels");
    }

    private static JsonObject selector(JsonObject object) {
        return object.object("spec").object("selector");
    }

    private static Map<ObjectKey, JsonObject> at(
            Map<Place, NavigableMap<ObjectKey, JsonObject>> index,
            ResourceType type,
            String namespace,
            String label,
            Json value) {
        var found = index.get(new Place(type, namespace, label, value));
        return found == null ? Map.of() : found;
    }

    private void refresh(ResourceType type) {
        followed.computeIfAbsent(type, _ -> new Followed(store, type.keyPrefix(), new Labels(type)))
                .catchUp();
    }

    /// The part of both indexes that is of one type.
    private final class Labels implements Followed.Index {
        private final ResourceType type;

        Labels(ResourceType type) {
            this.type = type;
        }

        @Override
        public void clear() {
            byLabel.keySet().removeIf(place -> place.type().equals(type));
            bySelector.keySet().removeIf(place -> place.type().equals(type));
        }

        @Override
        public void comes(Entry entry) {
            change(entry.object(), true);
        }

        @Override
        public void goes(Entry entry) {
            change(entry.object(), false);
        }

        private void change(JsonObject object, boolean present) {
            labels(object)
                    .forEach((label, value) -> put(byLabel, type, label, value, object, present));
            var selector = selector(object);
            if (!selector.isEmpty()) {
                var first = selector.names().getFirst();
                var value = selector.get(first);
                if (value != null) {
                    put(bySelector, type, first, value, object, present);
                }
            }
        }
    }

    private static void put(
            Map<Place, NavigableMap<ObjectKey, JsonObject>> index,
            ResourceType type,
            String label,
            Json value,
            JsonObject object,
            boolean present) {
        var key = ObjectKey.of(object);
        var place = new Place(type, key.namespace(), label, value);
        if (present) {
            index.computeIfAbsent(place, _ -> new TreeMap<>()).put(key, object);
            return;
        }
        var objects = index.get(place);
        if (objects != null) {
            objects.remove(key);
            if (objects.isEmpty()) {
                index.remove(place);
            }
        }
    }

    @Override
    public synchronized void close() {
        followed.values().forEach(Followed::close);
        followed.clear();
    }
}
