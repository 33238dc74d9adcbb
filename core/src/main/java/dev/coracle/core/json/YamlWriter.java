// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.util.regex.Pattern;

/// Writes trees as YAML in block style. Strings that any YAML parser might take for something else
/// are quoted.
public final class YamlWriter {
    private static final Pattern PLAIN =
            Pattern.compile("[A-Za-z_/](?:[A-Za-z0-9_./@+=:-]*[A-Za-z0-9_/=-])?");

    private final StringBuilder out = new StringBuilder();

    private YamlWriter() {}

    /// Ends with a line break.
    public static String text(Json value) {
        var writer = new YamlWriter();
        writer.value(value, 0, "");
        return writer.out.toString();
    }

    /// `before` separates an inline value from what stands before it in the line.
    private void value(Json value, int indent, String before) {
        switch (value) {
            case JsonObject object when !object.isEmpty() -> object(object, indent, before);
            case JsonArray array when !array.isEmpty() -> array(array, indent, before);
            default ->
                    out.append(startsInLine(before) ? "" : before)
                            .append(scalar(value))
                            .append('\n');
        }
    }

    private void object(JsonObject object, int indent, String before) {
        boolean[] inline = {startsInLine(before)};
        object.forEach(
                (name, child) -> {
                    out.append(inline[0] ? "" : " ".repeat(indent));
                    inline[0] = false;
                    out.append(scalar(Json.of(name))).append(':');
                    // Lists stand at the level of the name they belong to, as kubectl writes them.
                    boolean list = child instanceof JsonArray array && !array.isEmpty();
                    boolean nested = list || (child instanceof JsonObject o && !o.isEmpty());
                    if (nested) {
                        out.append('\n');
                    }
                    value(child, list ? indent : indent + 2, nested ? "" : " ");
                });
    }

    private void array(JsonArray array, int indent, String before) {
        boolean inline = startsInLine(before);
        for (var element : array) {
            out.append(inline ? "" : " ".repeat(indent)).append("- ");
            inline = false;
            value(element, indent + 2, "-");
        }
    }

    /// The first line of what is in a list follows the dash.
    private static boolean startsInLine(String before) {
        return before.equals("-");
    }

    private static String scalar(Json value) {
        if (!(value instanceof JsonString(var text))) {
            return value.text();
        }
        boolean plain =
                PLAIN.matcher(text).matches()
                        && YamlScalars.resolve(null, true, text) instanceof JsonString;
        return plain ? text : quoted(value.text());
    }

    /// JSON's quoting is YAML's too, but for a few characters that YAML takes for line breaks or
    /// does not allow.
    private static String quoted(String json) {
        var quoted = new StringBuilder(json.length());
        json.chars()
                .forEach(
                        c -> {
                            boolean special =
                                    (c >= 0x7f && c <= 0x9f)
                                            || c == 0x2028
                                            || c == 0x2029
                                            || c == 0xfeff;
                            if (special) {
                                quoted.append("\\u%04x".formatted(c));
                            } else {
                                quoted.append((char) c);
                            }
                        });
        return quoted.toString();
    }
}
