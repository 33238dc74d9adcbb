// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/// A JSON array.
public record JsonArray(List<Json> elements) implements Json, Iterable<Json> {
    public static final JsonArray EMPTY = new JsonArray(List.of());

    public JsonArray {
        elements = List.copyOf(elements);
    }

    public static JsonArray of(List<? extends Json> elements) {
        return elements.isEmpty() ? EMPTY : new JsonArray(List.copyOf(elements));
    }

    public static JsonArray of(Json... elements) {
        return of(List.of(elements));
    }

    public static JsonArray ofStrings(List<String> values) {
        return of(values.stream().map(Json::of).toList());
    }

    public int size() {
        return elements.size();
    }

    public boolean isEmpty() {
        return elements.isEmpty();
    }

    public Json get(int index) {
        return elements.get(index);
    }

    public Stream<Json> stream() {
        return elements.stream();
    }

    /// The elements that are objects; others are skipped.
    public List<JsonObject> objects() {
        return elements.stream()
                .filter(JsonObject.class::isInstance)
                .map(JsonObject.class::cast)
                .toList();
    }

    /// The elements that are strings; others are skipped.
    public List<String> strings() {
        return elements.stream()
                .filter(JsonString.class::isInstance)
                .map(element -> ((JsonString) element).value())
                .toList();
    }

    @Override
    public Iterator<Json> iterator() {
        return elements.iterator();
    }

    @Override
    public String toString() {
        return JsonWriter.text(this);
    }
}
