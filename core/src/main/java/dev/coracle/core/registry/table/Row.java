// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import dev.coracle.core.json.JsonObject;
import java.time.Instant;

/// One object to be shown, at the time at which it is looked at.
record Row(JsonObject object, Instant now) {

    JsonObject metadata() {
        return object.object("metadata");
    }

    JsonObject spec() {
        return object.object("spec");
    }

    JsonObject status() {
        return object.object("status");
    }

    String name() {
        return metadata().string("name");
    }

    boolean isDeleting() {
        return metadata().has("deletionTimestamp");
    }

    /// How long ago `timestamp` was.
    String since(String timestamp) {
        return Ages.since(timestamp, now);
    }

    String age() {
        return since(metadata().string("creationTimestamp"));
    }
}
