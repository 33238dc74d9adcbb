// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where committed writes are kept across restarts. Called by one thread at a time.
public interface Journal extends AutoCloseable {

    /// One write: `json` is null for a deletion.
    record Write(long revision, String key, long createRevision, byte @Nullable [] json) {}

    /// Appends all of `writes`, in order, and returns when they are durable; either all of them
    /// survive a crash or, if this call did not return, a prefix.
    ///
    /// @throws JournalException if they could not be made durable (a full disk): none of them may
    ///     then reappear after a restart
    void append(List<Write> writes);

    /// Hands every live write (newest of each key that still exists) to `sink` in revision order
    /// and returns the newest revision ever appended, deletions included.
    ///
    /// @throws JournalException if what is kept is damaged anywhere but in a torn tail
    long replay(Consumer<Write> sink);

    @Override
    void close();
}
