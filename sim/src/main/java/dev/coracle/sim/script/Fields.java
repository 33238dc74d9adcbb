// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonBoolean;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The fields of one object of a script, each asked for once by who knows what it means; what
/// nobody has asked for when [#end] is called is unknown.
final class Fields {
    private final String path;
    private final JsonObject object;
    private final Set<String> asked = new HashSet<>();

    /// What is wrong, and where.
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String path, String value, String what) {
            super(path + ": " + (value.isEmpty() ? "" : value + ": ") + what);
        }
    }

    private Fields(String path, JsonObject object) {
        this.path = path;
        this.object = object;
    }

    static Fields of(String path, Json value) {
        if (value instanceof JsonObject object) {
            return new Fields(path, object);
        }
        throw new Wrong(path, value.text(), "must be an object");
    }

    /// Everything was asked for.
    void end() {
        for (var name : object.names()) {
            if (!asked.contains(name)) {
                throw new Wrong(at(name), "", "unknown field; known here: " + known());
            }
        }
    }

    private String known() {
        return String.join(", ", asked.stream().sorted().toList());
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private @Nullable Json ask(String name) {
        asked.add(name);
        return object.get(name);
    }

    boolean has(String name) {
        return ask(name) != null;
    }

    /// The names of those given, of which one at most may be.
    @Nullable String oneOf(List<String> names) {
        var given = names.stream().filter(this::has).toList();
        if (given.size() > 1) {
            throw wrong(given.get(1), "cannot be beside " + given.getFirst());
        }
        return given.isEmpty() ? null : given.getFirst();
    }

    Wrong wrong(String name, String what) {
        var value = object.get(name);
        return new Wrong(at(name), value == null ? "" : value.text(), what);
    }

    Wrong missing(String what) {
        return new Wrong(path.isEmpty() ? "the script" : path, "", what);
    }

    String text(String name) {
        var value = textOrNull(name);
        if (value == null) {
            throw new Wrong(at(name), "", "required value");
        }
        return value;
    }

    String text(String name, String otherwise) {
        var value = textOrNull(name);
        return value == null ? otherwise : value;
    }

    @Nullable String textOrNull(String name) {
        return switch (ask(name)) {
            case null -> null;
            case JsonString(var value) -> value;
            default -> throw wrong(name, "must be a text");
        };
    }

    boolean flag(String name) {
        return switch (ask(name)) {
            case null -> false;
            case JsonBoolean value -> value.equals(JsonBoolean.TRUE);
            default -> throw wrong(name, "must be true or false");
        };
    }

    int number(String name, int least, int most, @Nullable Integer otherwise) {
        var value = ask(name);
        if (value == null && otherwise != null) {
            return otherwise;
        }
        if (value == null) {
            throw new Wrong(at(name), "", "required value");
        }
        if (value instanceof JsonNumber number
                && number.isLong()
                && number.longValue() >= least
                && number.longValue() <= most) {
            return (int) number.longValue();
        }
        throw wrong(name, "must be a whole number from %d to %d".formatted(least, most));
    }

    @Nullable Duration durationOrNull(String name) {
        return switch (ask(name)) {
            case null -> null;
            case JsonString(var value) -> {
                try {
                    yield Durations.parse(value);
                } catch (IllegalArgumentException e) {
                    throw wrong(name, String.valueOf(e.getMessage()));
                }
            }
            default -> throw wrong(name, "must be a length of time with its unit, such as 10s");
        };
    }

    Duration duration(String name, Duration otherwise) {
        var value = durationOrNull(name);
        return value == null ? otherwise : value;
    }

    long bytes(String name) {
        var text =
                switch (ask(name)) {
                    case null -> throw new Wrong(at(name), "", "required value");
                    case JsonString(var value) -> value;
                    case JsonNumber number -> number.literal();
                    default -> throw wrong(name, "must be a quantity such as 64Mi");
                };
        try {
            var bytes = Quantity.parse(text).value();
            if (bytes >= 0) {
                return bytes;
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        throw wrong(name, "must be a quantity such as 64Mi");
    }

    @Nullable Json valueOrNull(String name) {
        return ask(name);
    }

    /// A list of texts, or one text that stands for its words.
    List<String> words(String name) {
        return switch (ask(name)) {
            case null -> throw new Wrong(at(name), "", "required value");
            case JsonString(var value) when !value.isBlank() ->
                    List.of(value.strip().split("\\s+"));
            case JsonArray array when array.strings().size() == array.size() && array.size() > 0 ->
                    array.strings();
            default -> throw wrong(name, "must be a command: a text, or a list of texts");
        };
    }

    /// The object of that name, all of whose fields `read` must ask for.
    <T> @Nullable T object(String name, Function<Fields, T> read) {
        var value = ask(name);
        return value == null ? null : whole(at(name), value, read);
    }

    /// The objects of a list; an absent one is empty.
    <T> List<T> list(String name, Function<Fields, T> read) {
        var value = ask(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof JsonArray array)) {
            throw wrong(name, "must be a list");
        }
        var all = new ArrayList<T>();
        for (int i = 0; i < array.size(); i++) {
            all.add(whole("%s[%d]".formatted(at(name), i), array.get(i), read));
        }
        return List.copyOf(all);
    }

    /// The objects of a map, in order; `read` is told each one's name.
    <T> List<T> entries(String name, java.util.function.BiFunction<String, Fields, T> read) {
        var value = ask(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof JsonObject map)) {
            throw wrong(name, "must be an object");
        }
        var entries = new ArrayList<T>();
        for (var key : map.names()) {
            var entry = map.get(key);
            if (entry != null) {
                entries.add(
                        whole(
                                "%s[%s]".formatted(at(name), key),
                                entry,
                                fields -> read.apply(key, fields)));
            }
        }
        return List.copyOf(entries);
    }

    private static <T> T whole(String path, Json value, Function<Fields, T> read) {
        var fields = of(path, value);
        var result = read.apply(fields);
        fields.end();
        return result;
    }
}
