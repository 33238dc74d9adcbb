// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The objects beside pods that the kubelet reads, as they are now. Must answer from memory.
public interface Lookup {

    /// Null when there is none.
    @Nullable JsonObject configMap(ObjectKey key);

    /// Null when there is none.
    @Nullable JsonObject secret(ObjectKey key);

    /// The services of one namespace.
    List<JsonObject> services(String namespace);
}
