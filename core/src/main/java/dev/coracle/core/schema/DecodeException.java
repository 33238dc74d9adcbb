// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonBoolean;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;

/// A value is not of its field's type; the message is upstream's.
public final class DecodeException extends RuntimeException {
    DecodeException(String message) {
        super(message);
    }

    /// `json: cannot unmarshal string into Go struct field Container.spec.containers.ports of type
    /// []v1.ContainerPort`.
    static DecodeException wrongType(Json value, Type type, Place place) {
        return wrongType(described(value), type, place);
    }

    /// A number that does not fit.
    static DecodeException wrongNumber(JsonNumber value, Type type, Place place) {
        return wrongType("number " + value.literal(), type, place);
    }

    private static DecodeException wrongType(String value, Type type, Place place) {
        return new DecodeException(
                "json: cannot unmarshal %s into Go struct field %s.%s of type %s"
                        .formatted(value, place.owner(), place.fields(), type.goName()));
    }

    /// A string of the right type that says nothing sensible.
    static DecodeException at(Place place, String why) {
        return new DecodeException(place.path() + ": " + why);
    }

    private static String described(Json value) {
        return switch (value) {
            case JsonObject _ -> "object";
            case JsonArray _ -> "array";
            case JsonString _ -> "string";
            case JsonNumber _ -> "number";
            case JsonBoolean _ -> "bool";
            case JsonNull _ -> "null";
        };
    }

    String reason() {
        var message = getMessage();
        return message == null ? "" : message;
    }
}
