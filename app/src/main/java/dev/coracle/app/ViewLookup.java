// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.Lookup;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.view.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the kubelet looks up, in the newest state of the store.
record ViewLookup(View view) implements Lookup {

    @Override
    public @Nullable JsonObject configMap(ObjectKey key) {
        return view.get(ResourceTypes.CONFIG_MAPS, key);
    }

    @Override
    public @Nullable JsonObject secret(ObjectKey key) {
        return view.get(ResourceTypes.SECRETS, key);
    }

    @Override
    public List<JsonObject> services(String namespace) {
        return view.list(ResourceTypes.SERVICES, namespace);
    }
}
