// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The retained revisions, in a ring: revision `r` is in slot `r mod size`.
///
/// There is exactly one change for each revision, so a watch needs to remember no more than a
/// number, and finds out by the number in the slot whether its next change was overtaken. With four
/// slots, after seven writes:
///
///     slot        0       1       2       3
///     revision    4       5       6       7        oldest = 4, newest = 7
///
///     watch that has seen 5: reads 6, 7
///     watch that has seen 3: reads slot 0, finds 4, its next: reads 4, 5, 6, 7
///     watch that has seen 2: looks for 3 in slot 3, finds 7: its changes are gone
///
/// Read by any thread at any time; changed by one at a time.
final class History {

    /// The state `tree` that `change` led to; `change` is null for a state that is readable while
    /// the way to it is forgotten.
    record Commit(long revision, Watch.@Nullable Change change, KeyTree tree) {}

    /// What a retained revision costs beside the overwritten object: a path of tree nodes.
    private static final int OVERHEAD_BYTES = 1_024;

    private final Retention retention;
    private final AtomicReferenceArray<@Nullable Commit> ring;
    private volatile Commit newest;
    private volatile long oldest;
    private long bytes;

    /// Begins with `tree` as of `revision`, before which nothing is known.
    History(Retention retention, long revision, KeyTree tree) {
        this.retention = retention;
        ring = new AtomicReferenceArray<>(retention.changes() + 1);
        newest = new Commit(revision, null, tree);
        oldest = revision;
        ring.set(slot(revision), newest);
    }

    Commit newest() {
        return newest;
    }

    /// The oldest revision that can still be read, and watched from.
    long oldest() {
        return oldest;
    }

    /// The state as of `revision` (0: the newest).
    ///
    /// @throws CompactedException if it is forgotten
    KeyTree tree(long revision) {
        var now = newest;
        if (revision == 0 || revision == now.revision) {
            return now.tree;
        }
        var commit = revision < oldest ? null : ring.get(slot(revision));
        if (commit == null || commit.revision != revision) {
            throw new CompactedException(revision, oldest);
        }
        return commit.tree;
    }

    /// The change that made `revision`, null when it is forgotten.
    Watch.@Nullable Change change(long revision) {
        var commit = ring.get(slot(revision));
        return commit == null || commit.revision != revision ? null : commit.change;
    }

    /// Appends the next revision without showing it yet.
    void append(Commit commit) {
        if (commit.revision - oldest > retention.changes()) {
            forget();
        }
        ring.set(slot(commit.revision), commit);
        bytes += cost(commit);
        while (bytes > retention.bytes() && oldest < newest.revision) {
            forget();
        }
    }

    /// Shows everything appended so far, up to `commit`.
    void show(Commit commit) {
        newest = commit;
    }

    /// Forgets everything before the state at `revision`.
    void compact(long revision) {
        while (oldest < revision) {
            forget();
        }
    }

    private void forget() {
        int next = slot(oldest + 1);
        var kept = ring.get(next);
        if (kept == null) {
            throw new IllegalStateException("no revision after " + oldest);
        }
        bytes -= cost(kept);
        int gone = slot(oldest);
        oldest = kept.revision;
        ring.set(next, new Commit(kept.revision, null, kept.tree));
        ring.set(gone, null);
    }

    private static long cost(Commit commit) {
        var change = commit.change;
        if (change == null) {
            return 0;
        }
        var previous = change.previous();
        return (long) OVERHEAD_BYTES + (previous == null ? 0 : previous.json().length);
    }

    private int slot(long revision) {
        return (int) (revision % ring.length());
    }
}
