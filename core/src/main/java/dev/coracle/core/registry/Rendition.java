// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonWriter;
import dev.coracle.core.store.Entry;

/// Stored objects in the form in which a kind is served.
final class Rendition {
    private Rendition() {}

    static JsonObject served(ServedKind kind, JsonObject stored) {
        return converts(kind) ? EventVersions.fromCore(stored) : stored;
    }

    static Entry served(ServedKind kind, Entry entry) {
        return converts(kind) ? with(entry, EventVersions.fromCore(entry.object())) : entry;
    }

    static JsonObject stored(ServedKind kind, JsonObject sent) {
        return converts(kind) ? EventVersions.toCore(sent) : sent;
    }

    /// `entry` as it looks to someone for whom it ceased to exist at `revision`.
    static Entry gone(Entry entry, long revision) {
        if (entry.revision() == revision) {
            return entry;
        }
        var object =
                entry.object()
                        .with(
                                "metadata",
                                m -> m.with("resourceVersion", Json.of(Long.toString(revision))));
        return new Entry(
                entry.key(), object, entry.createRevision(), revision, JsonWriter.bytes(object));
    }

    private static Entry with(Entry entry, JsonObject object) {
        return new Entry(
                entry.key(),
                object,
                entry.createRevision(),
                entry.revision(),
                JsonWriter.bytes(object));
    }

    private static boolean converts(ServedKind kind) {
        return !kind.type().equals(kind.storage());
    }
}
