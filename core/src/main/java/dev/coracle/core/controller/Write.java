// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;

/// One thing that a controller wants written.
public sealed interface Write {
    ResourceType type();

    /// Already there is well.
    record Create(ResourceType type, String namespace, JsonObject object) implements Write {}

    /// `object` carries the resourceVersion that was read, so that nobody's change is undone.
    /// `subresource` is empty for the object itself.
    record Update(ResourceType type, ObjectKey key, String subresource, JsonObject object)
            implements Write {}

    /// Already gone is well.
    record Delete(ResourceType type, ObjectKey key, Api.DeleteOptions options) implements Write {}
}
