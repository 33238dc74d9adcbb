// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The newest committed state of the cluster, read from memory.
public interface View {

    /// Null when there is none.
    @Nullable JsonObject get(ResourceType type, ObjectKey key);

    /// All objects of a type in one namespace, or in all when it is empty; ordered by namespace
    /// and name.
    List<JsonObject> list(ResourceType type, String namespace);
}
