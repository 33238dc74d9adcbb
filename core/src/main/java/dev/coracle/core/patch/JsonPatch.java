// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// JSON patch, RFC 6902: operations, each applied to what the one before left. Errors are worded as
/// upstream's library words them; negative indices count from the end when adding and removing, as
/// there.
final class JsonPatch {
    private static final long MOST_COPIED = 3 << 20;

    private Json document;
    private long copied;

    private JsonPatch(Json document) {
        this.document = document;
    }

    static Json apply(JsonArray operations, Json document) {
        var patch = new JsonPatch(document);
        for (var operation : operations) {
            if (!(operation instanceof JsonObject object)) {
                throw ApiException.badRequest(
                        "error decoding patch: an operation must be an object, not "
                                + operation.text());
            }
            patch.apply(object);
        }
        return patch.document;
    }

    private void apply(JsonObject operation) {
        switch (operation.string("op")) {
            case "add" -> {
                var path = pointer(operation, "path");
                add(path, value(operation), "add operation does not apply: doc is missing path");
            }
            case "remove" -> {
                var path = pointer(operation, "path");
                parent(path, "remove operation does not apply: doc is missing path");
                document = Pointer.removed(document, path);
            }
            case "replace" -> replace(operation);
            case "move" -> move(operation);
            case "copy" -> copy(operation);
            case "test" -> test(operation);
            default ->
                    throw Patches.unfit(
                            "Unexpected kind: "
                                    + (operation.has("op") ? operation.string("op") : "unknown"));
        }
    }

    private void add(Pointer path, Json value, String missing) {
        parent(path, missing);
        document = Pointer.added(document, path, value);
    }

    private void replace(JsonObject operation) {
        var path = pointer(operation, "path");
        parent(path, "replace operation does not apply: doc is missing path");
        if (path.find(document) == null) {
            throw missing("replace operation does not apply: doc is missing key", path);
        }
        document = Pointer.replaced(document, path, value(operation));
    }

    private void move(JsonObject operation) {
        var from = pointer(operation, "from");
        var path = pointer(operation, "path");
        var moved = from.find(document);
        if (moved == null) {
            throw missing("move operation does not apply: doc is missing from path", from);
        }
        if (path.isBelow(from)) {
            throw Patches.unfit(
                    "move operation does not apply: %s is inside %s"
                            .formatted(path.text(), from.text()));
        }
        document = Pointer.removed(document, from);
        add(path, moved, "move operation does not apply: doc is missing destination path");
    }

    private void copy(JsonObject operation) {
        var from = pointer(operation, "from");
        var path = pointer(operation, "path");
        var source = from.find(document);
        if (source == null) {
            throw missing("copy operation does not apply: doc is missing from path", from);
        }
        copied += source.text().length();
        if (copied > MOST_COPIED) {
            throw Patches.unfit(
                    "Unable to complete the copy, the accumulated size increase of copy is %d,"
                                    .formatted(copied)
                            + " exceeding the limit "
                            + MOST_COPIED);
        }
        add(path, source, "copy operation does not apply: doc is missing destination path");
    }

    private void test(JsonObject operation) {
        var path = pointer(operation, "path");
        parent(path, "test operation does not apply: is missing path");
        var found = path.find(document);
        if (found == null || !same(found, value(operation))) {
            throw Patches.unfit("testing value %s failed: test failed".formatted(path.text()));
        }
    }

    /// Numbers are compared by their value.
    private static boolean same(Json a, Json b) {
        return switch (a) {
            case JsonNumber one ->
                    b instanceof JsonNumber other && one.decimal().compareTo(other.decimal()) == 0;
            case JsonArray one ->
                    b instanceof JsonArray other
                            && one.size() == other.size()
                            && allSame(one.elements(), other.elements());
            case JsonObject one ->
                    b instanceof JsonObject other
                            && one.size() == other.size()
                            && one.names().stream().allMatch(name -> sameField(one, other, name));
            default -> a.equals(b);
        };
    }

    private static boolean allSame(List<Json> one, List<Json> other) {
        for (int i = 0; i < one.size(); i++) {
            if (!same(one.get(i), other.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameField(JsonObject one, JsonObject other, String name) {
        var a = one.get(name);
        var b = other.get(name);
        return a != null && b != null && same(a, b);
    }

    private void parent(Pointer path, String missing) {
        if (!path.hasParent(document)) {
            throw missing(missing, path);
        }
    }

    private static Json value(JsonObject operation) {
        var value = operation.get("value");
        if (value == null) {
            throw Patches.unfit(
                    "%s operation has no value: %s"
                            .formatted(operation.string("op"), operation.text()));
        }
        return value;
    }

    private static Pointer pointer(JsonObject operation, String name) {
        @Nullable Json path = operation.get(name);
        if (path instanceof JsonString(var text) && (text.isEmpty() || text.startsWith("/"))) {
            return Pointer.of(text);
        }
        throw Patches.unfit(
                "%s operation failed to decode %s: %s"
                        .formatted(
                                operation.string("op"),
                                name,
                                path == null ? "missing value" : path.text()));
    }

    private static ApiException missing(String what, Pointer path) {
        return Patches.unfit("%s: %s: missing value".formatted(what, path.text()));
    }
}
