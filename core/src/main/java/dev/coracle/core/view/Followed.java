// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.store.CompactedException;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import dev.coracle.core.store.Watch;
import org.jspecify.annotations.Nullable;

/// What a store has below one prefix, for an index of it that is brought up to date whenever it is
/// asked and so is never behind. For one thread at a time.
final class Followed implements AutoCloseable {
    private final Store store;
    private final String prefix;
    private final Index index;
    private @Nullable Watch watch;

    /// Who is told. What changed goes as it was and comes as it is.
    interface Index {
        /// Everything is told anew.
        void clear();

        void comes(Entry entry);

        void goes(Entry entry);
    }

    Followed(Store store, String prefix, Index index) {
        this.store = store;
        this.prefix = prefix;
        this.index = index;
    }

    /// Tells of everything that happened since the last time.
    void catchUp() {
        if (watch == null) {
            begin();
            return;
        }
        try {
            for (var change : watch.poll().changes()) {
                if (change.previous() != null) {
                    index.goes(change.previous());
                }
                if (change.current() != null) {
                    index.comes(change.current());
                }
            }
        } catch (CompactedException _) {
            close(); // so much has changed that it is as well to begin again
            begin();
        }
    }

    private void begin() {
        index.clear();
        var all = store.range(prefix, "", 0, 0);
        watch = store.watch(prefix, all.revision());
        all.entries().forEach(index::comes);
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }
}
