// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.Map;

/// Label selectors as objects: `matchLabels` and `matchExpressions`.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>
final class LabelSelectors {

    private LabelSelectors() {}

    static void check(JsonObject selector, String path, Causes causes) {
        Metadata.labels(path + ".matchLabels", selector.object("matchLabels"), causes);
        Items.each(
                selector,
                path,
                "matchExpressions",
                (at, requirement) -> requirement(requirement, at, causes));
    }

    private static void requirement(JsonObject requirement, String path, Causes causes) {
        operator(requirement, path, causes);
        causes.invalidEach(
                path + ".key",
                requirement.string("key"),
                Names.qualified(requirement.string("key")));
        int index = 0;
        for (var value : requirement.array("values").strings()) {
            causes.invalidEach(
                    "%s.values[%d]".formatted(path, index), value, Names.labelValue(value));
            index++;
        }
    }

    /// Whether the operator is one, and has the values that it needs.
    static void operator(JsonObject requirement, String path, Causes causes) {
        boolean hasValues = !requirement.array("values").isEmpty();
        var operator = requirement.string("operator");
        switch (operator) {
            case "In", "NotIn" -> {
                if (!hasValues) {
                    causes.required(
                            path + ".values",
                            "must be specified when `operator` is 'In' or 'NotIn'");
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (hasValues) {
                    causes.forbidden(
                            path + ".values",
                            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                }
            }
            default ->
                    causes.invalid(path + ".operator", operator, "not a valid selector operator");
        }
    }

    static boolean isEmpty(JsonObject selector) {
        return selector.object("matchLabels").isEmpty()
                && selector.array("matchExpressions").isEmpty();
    }

    static boolean matches(JsonObject selector, Map<String, String> labels) {
        return selector.object("matchLabels").strings().entrySet().stream()
                        .allMatch(wanted -> wanted.getValue().equals(labels.get(wanted.getKey())))
                && selector.array("matchExpressions").objects().stream()
                        .allMatch(requirement -> meets(requirement, labels));
    }

    private static boolean meets(JsonObject requirement, Map<String, String> labels) {
        var value = labels.get(requirement.string("key"));
        var values = requirement.array("values").strings();
        return switch (requirement.string("operator")) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default -> false;
        };
    }
}
