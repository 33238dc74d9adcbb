// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import dev.coracle.core.json.JsonObject;

/// One object at one revision. Immutable; `json` is `object` serialized once for every list, watch
/// and journal that needs it (UTF-8, do not modify).
///
/// `object` carries `metadata.resourceVersion` = `revision`.
public record Entry(
        String key, JsonObject object, long createRevision, long revision, byte[] json) {

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Entry that
                && that.revision == revision
                && that.key.equals(key)
                && that.object.equals(object);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(revision);
    }

    @Override
    public String toString() {
        return key + "@" + revision;
    }
}
