// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.List;

/// Tolerations.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
final class TolerationRules {
    static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    private TolerationRules() {}

    static void check(JsonObject spec, String path, Causes causes) {
        Items.each(spec, path, "tolerations", (at, t) -> toleration(t, at, causes));
    }

    private static void toleration(JsonObject toleration, String path, Causes causes) {
        var key = toleration.string("key");
        var operator = toleration.string("operator");
        var effect = toleration.string("effect");
        if (!key.isEmpty()) {
            causes.invalidEach(path + ".key", key, Names.qualified(key));
        } else if (!operator.equals("Exists")) {
            causes.invalid(
                    path + ".operator",
                    operator,
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        if (Numbers.has(toleration, "tolerationSeconds") && !effect.equals("NoExecute")) {
            causes.invalid(
                    path + ".effect",
                    effect,
                    "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        value(operator, toleration.string("value"), path, causes);
        if (!effect.isEmpty() && !EFFECTS.contains(effect)) {
            causes.unsupported(path + ".effect", effect, EFFECTS);
        }
    }

    private static void value(String operator, String value, String path, Causes causes) {
        switch (operator) {
            case "", "Equal" -> {
                var wrong = Names.labelValue(value);
                if (!wrong.isEmpty()) {
                    causes.invalid(path + ".operator", value, String.join(";", wrong));
                }
            }
            case "Exists" -> {
                if (!value.isEmpty()) {
                    causes.invalid(
                            path + ".operator",
                            value,
                            "value must be empty when `operator` is 'Exists'");
                }
            }
            default -> causes.unsupported(path + ".operator", operator, List.of("Equal", "Exists"));
        }
    }

    /// Tolerations may be added, and their seconds may change; nothing else.
    static void onlyAdded(JsonObject old, JsonObject updated, Causes causes) {
        var present =
                updated.array("tolerations").objects().stream()
                        .map(toleration -> toleration.without("tolerationSeconds"))
                        .toList();
        boolean kept =
                old.array("tolerations").objects().stream()
                        .map(toleration -> toleration.without("tolerationSeconds"))
                        .allMatch(present::contains);
        if (!kept) {
            causes.forbidden(
                    "spec.tolerations",
                    "existing toleration can not be modified except its tolerationSeconds");
        }
    }
}
