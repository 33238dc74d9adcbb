// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.function.BiConsumer;

/// Walking arrays with the paths of their elements.
final class Items {

    private Items() {}

    /// Visits the objects in the array `name` of `object`, each with its path below `path`.
    static void each(
            JsonObject object, String path, String name, BiConsumer<String, JsonObject> visit) {
        int index = 0;
        for (var element : object.array(name)) {
            if (element instanceof JsonObject item) {
                visit.accept("%s.%s[%d]".formatted(path, name, index), item);
            }
            index++;
        }
    }
}
