// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [View] of the store in the same process: never behind.
public final class StoreView implements View {
    private final Store store;

    public StoreView(Store store) {
        this.store = store;
    }

    @Override
    public @Nullable JsonObject get(ResourceType type, ObjectKey key) {
        var entry = store.get(type.key(key.namespace(), key.name()));
        return entry == null ? null : entry.object();
    }

    @Override
    public List<JsonObject> list(ResourceType type, String namespace) {
        var prefix = type.keyPrefix() + (namespace.isEmpty() ? "" : namespace + "/");
        return store.range(prefix, "", 0, 0).entries().stream().map(Entry::object).toList();
    }
}
