// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;

/// What one kind demands beyond `metadata`.
interface Rules {

    void create(JsonObject object, Causes causes);

    void update(JsonObject old, JsonObject updated, Causes causes);

    /// The rules of `type`; kinds without any accept everything.
    static Rules of(ResourceType type) {
        return RulesByKind.TABLE.getOrDefault(type.qualified(), RulesByKind.NONE);
    }
}
