// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// A JSON pointer, RFC 6901, and what can be done at the place it names.
record Pointer(String text, List<String> steps) {

    /// `text` is empty (everything) or begins with `/`.
    static Pointer of(String text) {
        if (text.isEmpty()) {
            return new Pointer(text, List.of());
        }
        var steps =
                Arrays.stream(text.substring(1).split("/", -1))
                        .map(step -> step.replace("~1", "/").replace("~0", "~"))
                        .toList();
        return new Pointer(text, steps);
    }

    boolean isBelow(Pointer other) {
        return steps.size() > other.steps.size()
                && steps.subList(0, other.steps.size()).equals(other.steps);
    }

    /// Null: there is nothing at this place.
    @Nullable Json find(Json document) {
        Json current = document;
        for (var step : steps) {
            var next = child(current, step);
            if (next == null) {
                return null;
            }
            current = next;
        }
        return current;
    }

    boolean hasParent(Json document) {
        if (steps.isEmpty()) {
            return true;
        }
        var parent = new Pointer(text, steps.subList(0, steps.size() - 1)).find(document);
        return parent instanceof JsonObject || parent instanceof JsonArray;
    }

    private static @Nullable Json child(Json parent, String step) {
        return switch (parent) {
            case JsonObject object -> object.get(step);
            case JsonArray array -> {
                int index = index(step);
                yield index >= 0 && index < array.size() ? array.get(index) : null;
            }
            default -> null;
        };
    }

    private static int index(String step) {
        try {
            return Integer.parseInt(step);
        } catch (NumberFormatException e) {
            throw Patches.unfit("value was not a proper array index: '%s'".formatted(step));
        }
    }

    static Json added(Json document, Pointer path, Json value) {
        return path.changed(
                document,
                value,
                (parent, last) -> {
                    if (parent instanceof JsonObject object) {
                        return object.with(last, value);
                    }
                    var elements = new ArrayList<>(((JsonArray) parent).elements());
                    elements.add(
                            last.equals("-")
                                    ? elements.size()
                                    : position(last, elements.size() + 1, path),
                            value);
                    return JsonArray.of(elements);
                });
    }

    static Json removed(Json document, Pointer path) {
        if (path.steps.isEmpty()) {
            throw Patches.unfit("Unable to remove the whole document");
        }
        return path.changed(
                document,
                document,
                (parent, last) -> {
                    if (parent instanceof JsonObject object) {
                        if (!object.has(last)) {
                            throw Patches.unfit(
                                    "error in remove for path: '%s': Unable to remove nonexistent"
                                                    .formatted(path.text)
                                            + " key: "
                                            + last
                                            + ": missing value");
                        }
                        return object.without(last);
                    }
                    var elements = new ArrayList<>(((JsonArray) parent).elements());
                    elements.remove(position(last, elements.size(), path));
                    return JsonArray.of(elements);
                });
    }

    static Json replaced(Json document, Pointer path, Json value) {
        return path.changed(
                document,
                value,
                (parent, last) -> {
                    if (parent instanceof JsonObject object) {
                        return object.with(last, value);
                    }
                    var elements = new ArrayList<>(((JsonArray) parent).elements());
                    elements.set(position(last, elements.size(), path), value);
                    return JsonArray.of(elements);
                });
    }

    private static int position(String step, int size, Pointer path) {
        int index = index(step);
        if (index >= size || index < -size) {
            throw Patches.unfit(
                    "path '%s': Unable to access invalid index: %d: invalid index referenced"
                            .formatted(path.text, index));
        }
        return index < 0 ? index + size : index;
    }

    /// `document` with the last parent on the way changed; `whole` when there is no way to go.
    private Json changed(Json document, Json whole, BiFunction<Json, String, Json> change) {
        return steps.isEmpty() ? whole : changed(document, 0, change);
    }

    private Json changed(Json current, int depth, BiFunction<Json, String, Json> change) {
        var step = steps.get(depth);
        if (depth == steps.size() - 1) {
            return change.apply(current, step);
        }
        var child = child(current, step);
        if (child == null) {
            throw Patches.unfit("doc is missing path: %s: missing value".formatted(text));
        }
        var changed = changed(child, depth + 1, change);
        if (current instanceof JsonArray array) {
            var elements = new ArrayList<>(array.elements());
            elements.set(index(step), changed);
            return JsonArray.of(elements);
        }
        return ((JsonObject) current).with(step, changed);
    }
}
