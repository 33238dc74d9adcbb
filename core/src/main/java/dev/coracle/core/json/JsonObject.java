// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A JSON object: names in the order they were written, each once.
///
/// Kept as two arrays, because most objects of Kubernetes have fewer than a dozen fields: that is
/// half the memory of a hash map and no slower to search. Larger ones (a ConfigMap's data) get an
/// index when first searched.
///
/// Two objects are equal when they hold equal values under equal names, in whatever order.
public final class JsonObject implements Json {
    public static final JsonObject EMPTY = new JsonObject(new String[0], new Json[0]);
    private static final int SMALL = 16;

    private final String[] names;
    private final Json[] values;
    private @Nullable Map<String, Integer> index;

    private JsonObject(String[] names, Json[] values) {
        this.names = names;
        this.values = values;
    }

    public static Builder builder() {
        return new Builder();
    }

    public static JsonObject of(String name, Json value) {
        return new JsonObject(new String[] {name}, new Json[] {value});
    }

    public static JsonObject of(String name1, Json value1, String name2, Json value2) {
        return builder().put(name1, value1).put(name2, value2).build();
    }

    public int size() {
        return names.length;
    }

    public boolean isEmpty() {
        return names.length == 0;
    }

    /// The names, in order.
    public List<String> names() {
        return Collections.unmodifiableList(Arrays.asList(names));
    }

    public boolean has(String name) {
        return find(name) >= 0;
    }

    /// The value under `name`, null when there is none. An explicit JSON null is [JsonNull].
    public @Nullable Json get(String name) {
        int at = find(name);
        return at < 0 ? null : values[at];
    }

    /// The value found by following `path` through objects, null when a step is missing.
    public @Nullable Json at(String... path) {
        Json current = this;
        for (var step : path) {
            if (!(current instanceof JsonObject object)) {
                return null;
            }
            var next = object.get(step);
            if (next == null) {
                return null;
            }
            current = next;
        }
        return current;
    }

    /// The string under `name`; empty when absent or not a string, as Go's zero value would be.
    public String string(String name) {
        return get(name) instanceof JsonString(var value) ? value : "";
    }

    /// The string under `name`, null when absent or not a string.
    public @Nullable String stringOrNull(String name) {
        return get(name) instanceof JsonString(var value) ? value : null;
    }

    /// The integer under `name`, `otherwise` when absent or not an integer.
    public long number(String name, long otherwise) {
        return get(name) instanceof JsonNumber number && number.isLong()
                ? number.longValue()
                : otherwise;
    }

    /// The boolean under `name`, `otherwise` when absent or not a boolean.
    public boolean bool(String name, boolean otherwise) {
        return get(name) instanceof JsonBoolean bool ? bool.value() : otherwise;
    }

    /// The object under `name`, an empty one when absent or not an object.
    public JsonObject object(String name) {
        return get(name) instanceof JsonObject object ? object : EMPTY;
    }

    /// The array under `name`, an empty one when absent or not an array.
    public JsonArray array(String name) {
        return get(name) instanceof JsonArray array ? array : JsonArray.EMPTY;
    }

    /// The string values, in order; others are skipped. For labels, annotations, data.
    public Map<String, String> strings() {
        var strings = LinkedHashMap.<String, String>newLinkedHashMap(names.length);
        forEach(
                (name, value) -> {
                    if (value instanceof JsonString(var text)) {
                        strings.put(name, text);
                    }
                });
        return Collections.unmodifiableMap(strings);
    }

    public void forEach(BiConsumer<? super String, ? super Json> action) {
        for (int i = 0; i < names.length; i++) {
            action.accept(names[i], values[i]);
        }
    }

    /// This object with `value` under `name`: in its old place, or at the end when new.
    public JsonObject with(String name, Json value) {
        int at = find(name);
        if (at >= 0) {
            if (values[at].equals(value)) {
                return this;
            }
            var changed = values.clone();
            changed[at] = value;
            return new JsonObject(names, changed);
        }
        var moreNames = Arrays.copyOf(names, names.length + 1);
        var moreValues = Arrays.copyOf(values, values.length + 1);
        moreNames[names.length] = name;
        moreValues[names.length] = value;
        return new JsonObject(moreNames, moreValues);
    }

    public JsonObject with(String name, String value) {
        return with(name, Json.of(value));
    }

    public JsonObject with(String name, long value) {
        return with(name, Json.of(value));
    }

    public JsonObject with(String name, boolean value) {
        return with(name, Json.of(value));
    }

    /// This object with the object under `name` (an empty one when absent) changed by `change`.
    public JsonObject with(String name, UnaryOperator<JsonObject> change) {
        return with(name, change.apply(object(name)));
    }

    public JsonObject without(String name) {
        int at = find(name);
        if (at < 0) {
            return this;
        }
        var fewerNames = new ArrayList<>(Arrays.asList(names));
        var fewerValues = new ArrayList<>(Arrays.asList(values));
        fewerNames.remove(at);
        fewerValues.remove(at);
        return new JsonObject(fewerNames.toArray(String[]::new), fewerValues.toArray(Json[]::new));
    }

    private int find(String name) {
        if (names.length > SMALL) {
            return index().getOrDefault(name, -1);
        }
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private Map<String, Integer> index() {
        var known = index;
        if (known == null) {
            known = HashMap.<String, Integer>newHashMap(names.length);
            for (int i = 0; i < names.length; i++) {
                known.put(names[i], i);
            }
            index = known; // a benign race: every thread builds the same one
        }
        return known;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof JsonObject that) || that.names.length != names.length) {
            return false;
        }
        for (int i = 0; i < names.length; i++) {
            if (!Objects.equals(values[i], that.get(names[i]))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 0;
        for (int i = 0; i < names.length; i++) {
            hash += names[i].hashCode() ^ values[i].hashCode(); // order must not matter
        }
        return hash;
    }

    @Override
    public String toString() {
        return JsonWriter.text(this);
    }

    /// Collects names and values; a name put twice keeps its place and takes the later value.
    public static final class Builder {
        private final LinkedHashMap<String, Json> entries = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String name, Json value) {
            entries.put(name, value);
            return this;
        }

        public Builder put(String name, String value) {
            return put(name, Json.of(value));
        }

        public Builder put(String name, long value) {
            return put(name, Json.of(value));
        }

        public Builder put(String name, boolean value) {
            return put(name, Json.of(value));
        }

        /// Puts unless `value` is null or, being a string, object or array, empty: Go's
        /// `omitempty`.
        public Builder putUnlessEmpty(String name, @Nullable Json value) {
            boolean empty =
                    switch (value) {
                        case null -> true;
                        case JsonString(var text) -> text.isEmpty();
                        case JsonObject object -> object.isEmpty();
                        case JsonArray array -> array.isEmpty();
                        case JsonNumber _, JsonBoolean _, JsonNull _ -> false;
                    };
            return empty || value == null ? this : put(name, value);
        }

        public Builder putUnlessEmpty(String name, @Nullable String value) {
            return value == null || value.isEmpty() ? this : put(name, value);
        }

        public JsonObject build() {
            return entries.isEmpty()
                    ? EMPTY
                    : new JsonObject(
                            entries.keySet().toArray(String[]::new),
                            entries.values().toArray(Json[]::new));
        }
    }
}
