// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/// JSON merge patch, RFC 7386: objects are merged, null deletes, everything else replaces.
final class MergePatch {
    private MergePatch() {}

    static Json apply(@Nullable Json current, Json patch) {
        if (!(patch instanceof JsonObject changes)) {
            return patch;
        }
        var result = current instanceof JsonObject object ? object : JsonObject.EMPTY;
        for (var name : changes.names()) {
            var change = changes.get(name);
            if (change == null || change instanceof JsonNull) {
                result = result.without(name);
            } else {
                result = result.with(name, apply(result.get(name), change));
            }
        }
        return result;
    }
}
