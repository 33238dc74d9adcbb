// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.schema.Field;
import dev.coracle.core.schema.Merge;
import dev.coracle.core.schema.Schema;
import dev.coracle.core.schema.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Strategic merge patch: a merge patch in which lists whose schema names a merge key are merged by
/// that key, and lists of scalars with the strategy `merge` are united.
///
/// Directives are names beginning with `$`: `$patch` (`replace`, `delete`) in an object or in an
/// element of a list; `$retainKeys`, all fields that may stay; `$deleteFromPrimitiveList/x`, what
/// is taken out of list `x`; `$setElementOrder/x`, the order its elements get.
///
/// <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/>
final class StrategicMergePatch {
    private static final String PATCH = "$patch";
    private static final String RETAIN_KEYS = "$retainKeys";
    private static final String DELETE_FROM = "$deleteFromPrimitiveList/";
    private static final String ORDER = "$setElementOrder/";

    private StrategicMergePatch() {}

    static JsonObject apply(JsonObject current, JsonObject patch, Schema schema) {
        return object(current, patch, schema);
    }

    /// `schema` is null in free-form parts: objects are merged, lists replaced.
    private static JsonObject object(
            JsonObject current, JsonObject patch, @Nullable Schema schema) {
        var directive = patch.get(PATCH);
        if (directive != null) {
            return switch (text(directive)) {
                case "replace" -> (JsonObject) added(patch.without(PATCH));
                case "delete" -> JsonObject.EMPTY;
                default -> throw badDirective(directive, patch);
            };
        }
        var result = retained(current, patch);
        var done = new HashSet<String>();
        for (var name : patch.names()) {
            if (name.startsWith(ORDER)) {
                var list = name.substring(ORDER.length());
                result = ordered(result, patch, list, field(schema, list));
                done.add(list);
            }
        }
        for (var name : patch.names()) {
            if (!done.contains(name) && !name.equals(RETAIN_KEYS) && !name.startsWith(ORDER)) {
                result = merged(result, name, patch, schema);
            }
        }
        return result;
    }

    private static JsonObject merged(
            JsonObject result, String name, JsonObject patch, @Nullable Schema schema) {
        var change = value(patch, name);
        if (name.startsWith(DELETE_FROM)) {
            return withoutElements(result, name.substring(DELETE_FROM.length()), change);
        }
        if (change instanceof JsonNull) {
            return result.without(name);
        }
        var before = result.get(name);
        var field = field(schema, name);
        var merge = field == null ? Merge.NONE : field.merge();
        if (before instanceof JsonObject object && change instanceof JsonObject changes) {
            boolean replace = merge.strategies().contains(Merge.Strategy.REPLACE);
            return result.with(
                    name, replace ? changes : object(object, changes, objectSchema(field)));
        }
        if (before instanceof JsonArray array && change instanceof JsonArray changes) {
            return result.with(name, list(array, changes, field));
        }
        return marked(change) ? result.without(name) : result.with(name, added(change));
    }

    private static JsonObject withoutElements(JsonObject result, String name, Json change) {
        if (!(change instanceof JsonArray unwanted)) {
            throw ApiException.badRequest("invalid patch format of primitive list");
        }
        if (!(result.get(name) instanceof JsonArray array)) {
            return result;
        }
        var gone = Set.copyOf(unwanted.elements());
        return result.with(
                name, array.stream().filter(e -> !gone.contains(e)).collect(Json.toArray()));
    }

    /// Fields that `$retainKeys` does not name go; and nothing else may be patched.
    private static JsonObject retained(JsonObject current, JsonObject patch) {
        var directive = patch.get(RETAIN_KEYS);
        if (directive == null) {
            return current;
        }
        if (!(directive instanceof JsonArray names)) {
            throw ApiException.badRequest("invalid patch format of retainKeys");
        }
        var kept = Set.copyOf(names.strings());
        patch.forEach(
                (name, value) -> {
                    boolean change = !name.startsWith("$") && !(value instanceof JsonNull);
                    if (change && !kept.contains(name)) {
                        throw ApiException.badRequest("invalid patch format of retainKeys");
                    }
                });
        var result = current;
        for (var name : current.names()) {
            result = kept.contains(name) ? result : result.without(name);
        }
        return result;
    }

    private static JsonObject ordered(
            JsonObject result, JsonObject patch, String name, @Nullable Field field) {
        if (!(value(patch, ORDER + name) instanceof JsonArray order)) {
            throw ApiException.badRequest("invalid patch format of setElementOrder list");
        }
        var before = arrayOrNull(result.get(name), name);
        var change = arrayOrNull(patch.get(name), name);
        if (before == null && change == null) {
            return patch.get(name) instanceof JsonNull ? result.without(name) : result;
        }
        var key = field == null ? "" : field.merge().patchMergeKey();
        if (change != null) {
            checkOrder(change, order, key);
        }
        JsonArray merged;
        if (before == null) {
            merged = (JsonArray) added(change == null ? JsonArray.EMPTY : change);
        } else if (change == null) {
            merged = before;
        } else {
            merged = list(before, change, field);
        }
        var server = before == null ? List.<Json>of() : before.elements();
        return result.with(name, new ElementOrder(key, server).arrange(merged, order));
    }

    /// The elements of a patch must be in the order, in the same order.
    private static void checkOrder(JsonArray change, JsonArray order, String key) {
        int next = 0;
        for (var element : change) {
            if (marked(element) || order.isEmpty()) {
                continue;
            }
            var identity = ElementOrder.identity(element, key);
            while (next < order.size()
                    && !ElementOrder.identity(order.get(next), key).equals(identity)) {
                next++;
            }
            if (next == order.size()) {
                throw ApiException.badRequest(
                        "The order in patch list:\n%s\n doesn't match $setElementOrder list:\n%s\n"
                                .formatted(change.text(), order.text()));
            }
            next++;
        }
    }

    private static @Nullable JsonArray arrayOrNull(@Nullable Json value, String name) {
        return switch (value) {
            case null -> null;
            case JsonNull _ -> null;
            case JsonArray array -> array;
            default ->
                    throw ApiException.badRequest(
                            "expected a list in field \"%s\", but received %s"
                                    .formatted(name, value.text()));
        };
    }

    private static JsonArray list(JsonArray before, JsonArray change, @Nullable Field field) {
        if (field == null || !field.merge().merges()) {
            return (JsonArray) added(change);
        }
        var key = field.merge().patchMergeKey();
        if (key.isEmpty()) {
            var both = new ArrayList<>(before.elements());
            both.addAll(change.elements());
            var united = JsonArray.of(both.stream().distinct().toList());
            return new ElementOrder(key, before.elements()).arrange(united, change);
        }
        return byKey(before, change, key, elementSchema(field));
    }

    private static JsonArray byKey(
            JsonArray before, JsonArray change, String key, @Nullable Schema schema) {
        var elements = new ArrayList<Json>(before.elements());
        var wanted = new ArrayList<Json>();
        boolean replace = false;
        for (var element : change) {
            if (!(element instanceof JsonObject object)) {
                throw ApiException.badRequest(
                        "expected an object in a list with merge key %s, but received %s"
                                .formatted(key, element.text()));
            }
            var directive = object.get(PATCH);
            if (directive == null) {
                wanted.add(ElementOrder.withKey(object, key));
                continue;
            }
            switch (text(directive)) {
                case "delete" -> {
                    var gone = ElementOrder.identity(ElementOrder.withKey(object, key), key);
                    elements.removeIf(e -> ElementOrder.identity(e, key).equals(gone));
                }
                case "replace" -> replace = true;
                case "merge" ->
                        throw ApiException.badRequest(
                                "merging lists cannot yet be specified in the patch");
                default -> throw badDirective(directive, object);
            }
        }
        if (replace) {
            return (JsonArray) added(JsonArray.of(wanted));
        }
        var server = List.copyOf(elements);
        for (var element : wanted) {
            mergeInto(elements, (JsonObject) element, key, schema);
        }
        return new ElementOrder(key, server).arrange(JsonArray.of(elements), JsonArray.of(wanted));
    }

    private static void mergeInto(
            List<Json> elements, JsonObject change, String key, @Nullable Schema schema) {
        var identity = ElementOrder.identity(change, key);
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i) instanceof JsonObject object
                    && ElementOrder.identity(object, key).equals(identity)) {
                elements.set(i, object(object, change, schema));
                return;
            }
        }
        elements.add(added(change));
    }

    /// What is new has neither nulls nor directives, nor elements that are marked for deletion.
    private static Json added(Json value) {
        return switch (value) {
            case JsonObject object -> {
                var plain = JsonObject.builder();
                object.forEach(
                        (name, child) -> {
                            boolean directive =
                                    name.equals(RETAIN_KEYS)
                                            || name.startsWith(ORDER)
                                            || name.startsWith(DELETE_FROM);
                            if (!directive && !(child instanceof JsonNull) && !marked(child)) {
                                plain.put(name, added(child));
                            }
                        });
                yield plain.build();
            }
            case JsonArray array ->
                    array.stream()
                            .filter(element -> !marked(element))
                            .map(StrategicMergePatch::added)
                            .collect(Json.toArray());
            default -> value;
        };
    }

    private static boolean marked(Json value) {
        return value instanceof JsonObject object && object.has(PATCH);
    }

    private static Json value(JsonObject object, String name) {
        var value = object.get(name);
        return value == null ? JsonNull.NULL : value;
    }

    private static String text(Json directive) {
        return directive instanceof dev.coracle.core.json.JsonString(var text) ? text : "";
    }

    private static ApiException badDirective(Json directive, JsonObject where) {
        return ApiException.badRequest(
                "unknown patch type: %s in map: %s".formatted(directive.text(), where.text()));
    }

    private static @Nullable Field field(@Nullable Schema schema, String name) {
        return schema == null ? null : schema.field(name);
    }

    private static @Nullable Schema objectSchema(@Nullable Field field) {
        return field != null && field.type() instanceof Type.ObjectOf(Schema schema)
                ? schema
                : null;
    }

    private static @Nullable Schema elementSchema(Field field) {
        return field.type() instanceof Type.ListOf(Type.ObjectOf(Schema schema)) ? schema : null;
    }
}
