// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.event;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;

/// What is to be written of an event.
public sealed interface EventWrite {

    /// A `v1.Event` that is new.
    record Create(JsonObject event) implements EventWrite {
        public ObjectKey key() {
            return ObjectKey.of(event);
        }
    }

    /// A merge patch for an event that was written before. Should it be gone (events expire),
    /// `event` is to be created instead.
    record Update(ObjectKey key, JsonObject patch, JsonObject event) implements EventWrite {}
}
