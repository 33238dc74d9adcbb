// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stream of committed changes in revision order, every change once. For one reader.
public interface Watch extends AutoCloseable {

    /// One change: `current` is null for a deletion (`previous` then is the last state, stamped
    /// with the revision of the deletion, ready to be shown); `previous` is null for a creation.
    record Change(long revision, @Nullable Entry current, @Nullable Entry previous) {}

    /// What happened since the last call, and the revision up to which the watch has now seen
    /// everything (for bookmarks); `changes` may be empty.
    record Batch(List<Change> changes, long upTo) {
        public Batch {
            changes = List.copyOf(changes);
        }
    }

    /// Whatever there is now, without waiting.
    ///
    /// @throws CompactedException if the reader was so slow that changes it has not seen are gone
    Batch poll();

    /// Waits until there is at least one change, `timeout` has passed, or the watch or the store
    /// is closed; the batch is empty in the last two cases.
    Batch await(Duration timeout) throws InterruptedException;

    /// Whether the watch or its store was closed.
    boolean closed();

    @Override
    void close();
}
