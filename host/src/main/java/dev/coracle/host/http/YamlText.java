// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Writes JSON trees as YAML in block style. A string that YAML could take for something else is
/// quoted as JSON quotes it, which YAML reads alike.
final class YamlText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*");
    private static final Set<String> WORDS =
            Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

    private YamlText() {}

    /// UTF-8.
    static byte[] of(Json value) {
        var out = new StringBuilder();
        if (isBlock(value)) {
            block(out, value, 0);
        } else {
            out.append(scalar(value)).append('\n');
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Reads one YAML document as the JSON it stands for.
    ///
    /// @throws JsonFormatException if it is not one; the message gives line and column
    static JsonReader.Document read(byte[] text) {
        return YamlReader.read(text);
    }

    private static boolean isBlock(Json value) {
        return (value instanceof JsonObject object && !object.isEmpty())
                || (value instanceof JsonArray array && !array.isEmpty());
    }

    private static void block(StringBuilder out, Json value, int indent) {
        if (value instanceof JsonObject object) {
            fields(out, object, indent, false);
        } else if (value instanceof JsonArray(List<Json> elements)) {
            for (var element : elements) {
                pad(out, indent).append("- ");
                if (element instanceof JsonObject object && !object.isEmpty()) {
                    fields(out, object, indent + 2, true);
                } else if (isBlock(element)) {
                    out.append('\n');
                    block(out, element, indent + 2);
                } else {
                    out.append(scalar(element)).append('\n');
                }
            }
        }
    }

    /// `inline`: the first field follows the dash of a list on the same line.
    private static void fields(StringBuilder out, JsonObject object, int indent, boolean inline) {
        boolean first = inline;
        for (var name : object.names()) {
            if (!first) {
                pad(out, indent);
            }
            first = false;
            var value = java.util.Objects.requireNonNull(object.get(name));
            out.append(text(name)).append(':');
            if (isBlock(value)) {
                out.append('\n');
                block(out, value, value instanceof JsonArray ? indent : indent + 2);
            } else {
                out.append(' ').append(scalar(value)).append('\n');
            }
        }
    }

    private static StringBuilder pad(StringBuilder out, int indent) {
        return out.repeat(' ', indent);
    }

    private static String scalar(Json value) {
        return value instanceof JsonString(var text) ? text(text) : value.text();
    }

    private static String text(String text) {
        boolean plain =
                PLAIN.matcher(text).matches() && !WORDS.contains(text.toLowerCase(Locale.ROOT));
        return plain ? text : Json.of(text).text();
    }
}
