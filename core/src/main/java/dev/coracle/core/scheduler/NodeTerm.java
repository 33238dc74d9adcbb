// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.json.JsonObject;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One term of a required node affinity: all of it must match; a term without conditions matches
/// no node.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity>
record NodeTerm(List<Condition> labels, List<Condition> fields) {
    NodeTerm {
        labels = List.copyOf(labels);
        fields = List.copyOf(fields);
    }

    record Condition(String key, String operator, List<String> values) {
        Condition {
            values = List.copyOf(values);
        }

        static Condition of(JsonObject tree) {
            return new Condition(
                    tree.string("key"), tree.string("operator"), tree.array("values").strings());
        }

        boolean matches(@Nullable String actual) {
            return switch (operator) {
                case "In" -> actual != null && values.contains(actual);
                case "NotIn" -> actual == null || !values.contains(actual);
                case "Exists" -> actual != null;
                case "DoesNotExist" -> actual == null;
                case "Gt" -> compare(actual) > 0;
                case "Lt" -> compare(actual) < 0;
                default ->
                        throw new IllegalArgumentException(
                                "node affinity: operator \"%s\" is not one of In, NotIn, Exists, DoesNotExist, Gt, Lt"
                                        .formatted(operator));
            };
        }

        /// 0, which satisfies neither Gt nor Lt, unless both are integers.
        private int compare(@Nullable String actual) {
            if (actual == null || values.size() != 1) {
                return 0;
            }
            try {
                return new BigInteger(actual).compareTo(new BigInteger(values.getFirst()));
            } catch (NumberFormatException _) {
                return 0;
            }
        }
    }

    static NodeTerm of(JsonObject tree) {
        return new NodeTerm(conditions(tree, "matchExpressions"), conditions(tree, "matchFields"));
    }

    private static List<Condition> conditions(JsonObject tree, String name) {
        return tree.array(name).objects().stream().map(Condition::of).toList();
    }

    boolean matches(NodeState node) {
        if (labels.isEmpty() && fields.isEmpty()) {
            return false;
        }
        return labels.stream().allMatch(c -> c.matches(node.labels().get(c.key())))
                && fields.stream().allMatch(c -> c.matches(field(c, node)));
    }

    private static @Nullable String field(Condition condition, NodeState node) {
        return condition.key().equals("metadata.name") ? node.name() : null;
    }
}
