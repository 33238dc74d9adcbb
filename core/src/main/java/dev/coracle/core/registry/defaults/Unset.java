// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.util.function.UnaryOperator;

/// Filling in fields that were left out.
///
/// The API's types know two ways of leaving out: an optional field is missing or null, a plain one
/// may also hold its zero value (`""`, `0`).
final class Unset {

    private Unset() {}

    /// `value` under `name` where the field is missing or null.
    static JsonObject missing(JsonObject object, String name, Json value) {
        return isMissing(object, name) ? object.with(name, value) : object;
    }

    static JsonObject missing(JsonObject object, String name, String value) {
        return missing(object, name, Json.of(value));
    }

    static JsonObject missing(JsonObject object, String name, long value) {
        return missing(object, name, Json.of(value));
    }

    static JsonObject missing(JsonObject object, String name, boolean value) {
        return missing(object, name, Json.of(value));
    }

    /// `value` under `name` where the field is missing, null or empty.
    static JsonObject empty(JsonObject object, String name, String value) {
        boolean empty =
                isMissing(object, name)
                        || (object.get(name) instanceof JsonString(var text) && text.isEmpty());
        return empty ? object.with(name, value) : object;
    }

    /// `value` under `name` where the field is missing, null or zero.
    static JsonObject zero(JsonObject object, String name, long value) {
        boolean zero =
                isMissing(object, name)
                        || (object.get(name) instanceof JsonNumber number
                                && number.decimal().signum() == 0);
        return zero ? object.with(name, value) : object;
    }

    static boolean isMissing(JsonObject object, String name) {
        return switch (object.get(name)) {
            case null -> true;
            case JsonNull _ -> true;
            case Json _ -> false;
        };
    }

    /// Changes the object under `name`, if there is one.
    static JsonObject inside(JsonObject object, String name, UnaryOperator<JsonObject> change) {
        return object.get(name) instanceof JsonObject inner
                ? object.with(name, change.apply(inner))
                : object;
    }

    /// Changes every object in the array under `name`, if there is one.
    static JsonObject each(JsonObject object, String name, UnaryOperator<JsonObject> change) {
        if (!(object.get(name) instanceof JsonArray array)) {
            return object;
        }
        var changed =
                array.stream()
                        .map(
                                element ->
                                        element instanceof JsonObject inner
                                                ? change.apply(inner)
                                                : element)
                        .collect(Json.toArray());
        return object.with(name, changed);
    }
}
