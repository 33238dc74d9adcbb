// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import dev.coracle.core.api.LabelSelector;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonBoolean;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;

/// Texts that many columns share.
final class Cells {
    static final String NONE = "<none>";
    static final String UNSET = "<unset>";
    private static final int SHOWN = 3;

    private Cells() {}

    static String or(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    static String joined(List<String> texts) {
        return texts.isEmpty() ? NONE : String.join(",", texts);
    }

    /// At most three of `texts`, and how many more there are.
    static String few(List<String> texts, String otherwise) {
        if (texts.isEmpty()) {
            return otherwise;
        }
        return texts.size() <= SHOWN
                ? String.join(",", texts)
                : "%s + %d more..."
                        .formatted(String.join(",", texts.subList(0, SHOWN)), texts.size() - SHOWN);
    }

    /// `a=b,c=d`.
    static String labels(JsonObject labels) {
        return or(
                labels.strings().entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .sorted()
                        .collect(Collectors.joining(",")),
                NONE);
    }

    static String selector(JsonObject selector) {
        return or(LabelSelector.of(selector).text(), NONE);
    }

    static List<String> each(JsonArray objects, String field) {
        return objects.objects().stream().map(object -> object.string(field)).toList();
    }

    /// `True`, `False` or `<unset>`.
    static String flag(JsonObject object, String field) {
        return switch (object.get(field)) {
            case JsonBoolean.TRUE -> "True";
            case JsonBoolean.FALSE -> "False";
            case null, default -> UNSET;
        };
    }

    static boolean isTrue(JsonObject status, String condition) {
        return status.array("conditions").objects().stream()
                .anyMatch(
                        c ->
                                c.string("type").equals(condition)
                                        && c.string("status").equals("True"));
    }

    /// The short forms of access modes: `RWO,ROX`.
    static String accessModes(JsonArray modes) {
        return modes.strings().stream()
                .distinct()
                .map(
                        mode ->
                                switch (mode) {
                                    case "ReadWriteOnce" -> "RWO";
                                    case "ReadOnlyMany" -> "ROX";
                                    case "ReadWriteMany" -> "RWX";
                                    case "ReadWriteOncePod" -> "RWOP";
                                    default -> mode;
                                })
                .collect(Collectors.joining(","));
    }
}
