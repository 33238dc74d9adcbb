// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

/// A revision was asked for that is older than what the store retains; HTTP's `410 Gone`.
public final class CompactedException extends RuntimeException {
    private final long revision;
    private final long oldest;

    /// `oldest` is the oldest revision that can still be read.
    public CompactedException(long revision, long oldest) {
        super("too old resource version: %d (%d)".formatted(revision, oldest));
        this.revision = revision;
        this.oldest = oldest;
    }

    public long revision() {
        return revision;
    }

    public long oldest() {
        return oldest;
    }
}
