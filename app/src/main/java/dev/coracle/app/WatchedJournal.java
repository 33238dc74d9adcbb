// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.store.Journal;
import dev.coracle.core.store.JournalException;
import java.util.List;
import java.util.function.Consumer;

/// A journal whose failure to keep something is heard of at once, and not only by whoever wrote: a
/// node that cannot remember must not go on deciding.
record WatchedJournal(Journal journal, Consumer<Throwable> onFailure) implements Journal {

    @Override
    public void append(List<Write> writes) {
        try {
            journal.append(writes);
        } catch (JournalException e) {
            onFailure.accept(e);
            throw e;
        }
    }

    @Override
    public long replay(Consumer<Write> sink) {
        return journal.replay(sink);
    }

    @Override
    public void close() {
        journal.close();
    }
}
