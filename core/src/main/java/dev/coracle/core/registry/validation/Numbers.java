// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;

/// Ranges of numbers.
final class Numbers {
    static final String NEGATIVE = "must be greater than or equal to 0";
    static final long MAX_PORT = 65_535;
    private static final long MAX_ID = 0xffff_ffffL;

    private Numbers() {}

    static boolean has(JsonObject object, String name) {
        return object.get(name) instanceof JsonNumber;
    }

    static void notNegative(JsonObject object, String name, String path, Causes causes) {
        long value = object.number(name, 0);
        if (value < 0) {
            causes.invalid(path + "." + name, value, NEGATIVE);
        }
    }

    static void inRange(
            JsonObject object, String name, String path, long least, long most, Causes causes) {
        long value = object.number(name, least);
        if (value < least || value > most) {
            causes.invalid(path + "." + name, value, Names.range(least, most));
        }
    }

    /// A user or group of Linux.
    static void id(JsonObject object, String name, String path, Causes causes) {
        inRange(object, name, path, 0, MAX_ID, causes);
    }

    static void id(long id, String path, Causes causes) {
        if (id < 0 || id > MAX_ID) {
            causes.invalid(path, id, Names.range(0, MAX_ID));
        }
    }

    /// A number of a port, or the name of one.
    static void port(JsonObject object, String name, String path, Causes causes) {
        Json port = object.get(name);
        var at = path + "." + name;
        if (port instanceof JsonString(var text)) {
            causes.invalidEach(at, text, Names.portName(text));
        } else {
            long number = object.number(name, 0);
            if (number < 1 || number > MAX_PORT) {
                causes.invalid(at, number, Names.range(1, MAX_PORT));
            }
        }
    }

    /// A number, or a text like `25%`, that is not negative.
    static void countOrPercent(JsonObject object, String name, String path, Causes causes) {
        var at = path + "." + name;
        switch (object.get(name)) {
            case JsonString(var text) -> {
                if (!text.matches("[0-9]+%")) {
                    causes.invalid(
                            at,
                            text,
                            "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
                }
            }
            case JsonNumber _ -> notNegative(object, name, path, causes);
            case null, default -> {}
        }
    }
}
