// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.util.Map;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/// A JSON value: immutable, compared by content, shared freely.
public sealed interface Json
        permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBoolean, JsonNull {

    static Json of(String value) {
        return new JsonString(value);
    }

    static Json of(long value) {
        return JsonNumber.of(value);
    }

    static Json of(boolean value) {
        return JsonBoolean.of(value);
    }

    /// Collects values into an array in encounter order.
    static Collector<Json, ?, JsonArray> toArray() {
        return Collectors.collectingAndThen(Collectors.toList(), JsonArray::of);
    }

    /// An object of string values, as labels and annotations are, in the map's order.
    static JsonObject ofStrings(Map<String, String> values) {
        var builder = JsonObject.builder();
        values.forEach((name, value) -> builder.put(name, of(value)));
        return builder.build();
    }

    /// Compact JSON text, as [JsonWriter] writes it.
    default String text() {
        return JsonWriter.text(this);
    }
}
