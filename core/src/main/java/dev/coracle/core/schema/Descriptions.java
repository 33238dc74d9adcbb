// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import java.util.HashMap;
import java.util.Map;

/// What types and fields mean, in upstream's words: ten times the size of everything else about
/// them, so only loaded to explain.
public final class Descriptions {
    private final Map<String, String> lines = new HashMap<>();

    private Descriptions() {}

    /// Reads the class path's resource.
    public static Descriptions load() {
        var descriptions = new Descriptions();
        Schemas.text("/dev/coracle/schema/descriptions.txt")
                .lines()
                .forEach(
                        line ->
                                descriptions.lines.put(
                                        line.substring(0, line.indexOf('\t')), line));
        return descriptions;
    }

    /// Empty when there is none.
    public String of(Schema schema) {
        var columns = lines.getOrDefault(schema.name(), "").split("\t", -1);
        return columns.length > 1 ? plain(columns[1]) : "";
    }

    /// Empty when there is none.
    public String of(Schema schema, String field) {
        var columns = lines.getOrDefault(schema.name(), "").split("\t", -1);
        for (int i = 2; i + 1 < columns.length; i += 2) {
            if (columns[i].equals(field)) {
                return plain(columns[i + 1]);
            }
        }
        return "";
    }

    private static String plain(String escaped) {
        var text = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '\\') {
                i++;
                char next = escaped.charAt(i);
                text.append(next == 'n' ? '\n' : next == 't' ? '\t' : next);
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
