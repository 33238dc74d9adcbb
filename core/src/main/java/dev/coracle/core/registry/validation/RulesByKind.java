// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.Map;
import java.util.function.BiConsumer;

/// Which kind has which rules.
final class RulesByKind {
    static final Rules NONE = new Same((_, _) -> {});

    static final Map<String, Rules> TABLE = Map.ofEntries(Map.entry("pods", new PodRules()));

    private RulesByKind() {}

    /// Rules that hold at any time.
    private record Same(BiConsumer<JsonObject, Causes> rule) implements Rules {
        @Override
        public void create(JsonObject object, Causes causes) {
            rule.accept(object, causes);
        }

        @Override
        public void update(JsonObject old, JsonObject updated, Causes causes) {
            rule.accept(updated, causes);
        }
    }
}
