// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A choice of objects by their labels: every requirement must hold; none at all chooses
/// everything.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
public record LabelSelector(List<Requirement> requirements)
        implements Predicate<Map<String, String>> {
    public static final LabelSelector EVERYTHING = new LabelSelector(List.of());

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /// What one requirement asks of the label `key`.
    public enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST,
        GREATER,
        LESS
    }

    /// `values` holds one for equality and comparisons, none for existence.
    public record Requirement(String key, Operator operator, Set<String> values) {
        public Requirement {
            values = Set.copyOf(values);
        }

        boolean holds(Map<String, String> labels) {
            var value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
                case GREATER -> compare(value) > 0;
                case LESS -> compare(value) < 0;
            };
        }

        /// 0, which satisfies neither comparison, unless both sides are integers.
        private int compare(@Nullable String value) {
            try {
                return value == null
                        ? 0
                        : Long.compare(
                                Long.parseLong(value), Long.parseLong(values.iterator().next()));
            } catch (NumberFormatException e) {
                return 0;
            }
        }

        private String text() {
            var sorted = new TreeSet<>(values);
            return switch (operator) {
                case IN ->
                        sorted.size() == 1
                                ? key + "=" + sorted.first()
                                : key + " in (" + String.join(",", sorted) + ")";
                case NOT_IN ->
                        sorted.size() == 1
                                ? key + "!=" + sorted.first()
                                : key + " notin (" + String.join(",", sorted) + ")";
                case EXISTS -> key;
                case DOES_NOT_EXIST -> "!" + key;
                case GREATER -> key + ">" + sorted.first();
                case LESS -> key + "<" + sorted.first();
            };
        }
    }

    /// Reads the text form: `app=web,tier in (a,b),!old`.
    ///
    /// @throws ApiException 400 naming what is wrong
    public static LabelSelector parse(String text) {
        return text.isBlank() ? EVERYTHING : new LabelSelectorParser(text).parse();
    }

    /// The selector in a `v1.LabelSelector` (`matchLabels`, `matchExpressions`); an empty object
    /// chooses everything.
    ///
    /// @throws ApiException 400 for an operator that is none
    public static LabelSelector of(JsonObject selector) {
        var requirements = new ArrayList<>(ofMap(selector.object("matchLabels")).requirements);
        for (var expression : selector.array("matchExpressions").objects()) {
            requirements.add(
                    new Requirement(
                            expression.string("key"),
                            operator(expression.string("operator")),
                            Set.copyOf(expression.array("values").strings())));
        }
        return new LabelSelector(requirements);
    }

    /// The selector that wants exactly these labels, as a ReplicationController's is.
    public static LabelSelector ofMap(JsonObject labels) {
        return new LabelSelector(
                labels.strings().entrySet().stream()
                        .map(e -> new Requirement(e.getKey(), Operator.IN, Set.of(e.getValue())))
                        .toList());
    }

    private static Operator operator(String name) {
        return switch (name) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
            default ->
                    throw ApiException.badRequest(
                            "\"%s\" is not a valid label selector operator".formatted(name));
        };
    }

    @Override
    public boolean test(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.holds(labels));
    }

    /// Whether the labels in `object`'s metadata are chosen.
    public boolean chooses(JsonObject object) {
        return requirements.isEmpty() || test(object.object("metadata").object("labels").strings());
    }

    public boolean isEverything() {
        return requirements.isEmpty();
    }

    /// The text form, requirements in the order of their keys.
    public String text() {
        return requirements.stream()
                .map(Requirement::text)
                .sorted()
                .collect(Collectors.joining(","));
    }
}
