// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import dev.coracle.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A multi-version store of JSON objects under string keys.
///
/// Each committed write takes the next revision of the whole store; an object's
/// `metadata.resourceVersion` is the revision that wrote it, and the store is who sets it.
/// A write returns, and is seen by any reader or watch, only after the journal has it for good; if
/// the journal fails, writes throw [JournalException].
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
public interface Store extends AutoCloseable {

    /// What a conditional write came to.
    sealed interface Outcome {
        /// The write is durable. For a deletion `entry` is the last state, stamped with the
        /// revision of the deletion.
        record Written(Entry entry) implements Outcome {}

        /// The key was not as expected; `current` is what is there, null when nothing is.
        record Refused(@Nullable Entry current) implements Outcome {}
    }

    /// Part of a listing: `entries` in key order as of `revision`, and how many more there are.
    record Page(List<Entry> entries, long revision, long remaining) {
        public Page {
            entries = List.copyOf(entries);
        }
    }

    /// The newest committed revision; 0 when nothing was ever written.
    long revision();

    /// Writes a key that must not exist.
    Outcome create(String key, JsonObject object);

    /// Replaces the object whose revision must be `expectedRevision`.
    Outcome update(String key, long expectedRevision, JsonObject object);

    /// Removes the object whose revision must be `expectedRevision`.
    Outcome delete(String key, long expectedRevision);

    /// The newest state of a key, null when absent.
    @Nullable Entry get(String key);

    /// Up to `limit` (0: all) entries whose key starts with `prefix` and is greater than `after`
    /// (empty: from the first), as they were at `revision` (0: now).
    ///
    /// @throws CompactedException if `revision` is no longer retained
    /// @throws IllegalArgumentException if `revision` is greater than [#revision]
    Page range(String prefix, String after, int limit, long revision);

    /// Watches keys that start with `prefix`, from the first change after `afterRevision`, which
    /// may be in the future.
    ///
    /// @throws CompactedException if changes after `afterRevision` are no longer retained
    Watch watch(String prefix, long afterRevision);

    /// Calls `listener` after each commit, on the committing thread: it must return at once and may
    /// read, but not write.
    AutoCloseable onCommit(Runnable listener);

    /// Forgets what was overwritten or deleted at or before `revision`.
    void compact(long revision);

    @Override
    void close();
}
