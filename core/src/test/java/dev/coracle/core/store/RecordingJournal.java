// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A journal on a pretended disk: what was appended is replayed after a close. `beforeAppend` may
/// wait, or throw to make the append fail.
final class RecordingJournal implements Journal {
    private final List<List<Write>> appends = new ArrayList<>();
    private final Consumer<List<Write>> beforeAppend;

    RecordingJournal() {
        this(_ -> {});
    }

    RecordingJournal(Consumer<List<Write>> beforeAppend) {
        this.beforeAppend = beforeAppend;
    }

    @Override
    public void append(List<Write> writes) {
        beforeAppend.accept(writes);
        synchronized (this) {
            appends.add(List.copyOf(writes));
        }
    }

    /// The sizes of the batches so far.
    synchronized List<Integer> batches() {
        return appends.stream().map(List::size).toList();
    }

    synchronized List<Write> writes() {
        return appends.stream().flatMap(List::stream).toList();
    }

    synchronized long newest() {
        return appends.isEmpty() ? 0 : appends.getLast().getLast().revision();
    }

    @Override
    public long replay(Consumer<Write> sink) {
        var live = new TreeMap<String, Write>();
        for (var write : writes()) {
            if (write.json() == null) {
                live.remove(write.key());
            } else {
                live.put(write.key(), write);
            }
        }
        live.values().stream().sorted(Comparator.comparingLong(Write::revision)).forEach(sink);
        return newest();
    }

    @Override
    public void close() {
        // the disk stays
    }
}
