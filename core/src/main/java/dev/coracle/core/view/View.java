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

    /// Those that carry all of these labels; none for no labels.
    default List<JsonObject> labeled(ResourceType type, String namespace, JsonObject wanted) {
        return list(type, namespace).stream()
                .filter(object -> has(object.object("metadata").object("labels"), wanted))
                .toList();
    }

    /// Those whose `spec.selector`, a map, chooses an object with `labels`; an empty one chooses
    /// none.
    default List<JsonObject> selecting(ResourceType type, String namespace, JsonObject labels) {
        return list(type, namespace).stream()
                .filter(object -> has(labels, object.object("spec").object("selector")))
                .toList();
    }

    /// Whether `labels` has everything in `wanted`, which must not be empty.
    static boolean has(JsonObject labels, JsonObject wanted) {
        return !wanted.isEmpty()
                && wanted.names().stream()
                        .allMatch(
                                name -> {
                                    var value = labels.get(name);
                                    return value != null && value.equals(wanted.get(name));
                                });
    }
}
