// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.store.CompactedException;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A watch of the store seen through a selection: an object that comes to be chosen is ADDED, one
/// that ceases to be is DELETED in its last chosen state.
final class SelectedWatch implements ObjectWatch {
    private final Selection selection;
    private final Watch watch;
    private final long startedAt;
    private List<Event> initial;

    /// `initial` comes first, before whatever `watch` sees.
    SelectedWatch(Selection selection, List<Entry> initial, Watch watch, long startedAt) {
        this.selection = selection;
        this.initial = initial.stream().map(entry -> new Event(Type.ADDED, entry)).toList();
        this.watch = watch;
        this.startedAt = startedAt;
    }

    @Override
    public Batch poll() {
        if (!initial.isEmpty()) {
            return first();
        }
        try {
            return chosen(watch.poll());
        } catch (CompactedException e) {
            throw expired(e);
        }
    }

    @Override
    public Batch await(Duration timeout) throws InterruptedException {
        if (!initial.isEmpty()) {
            return first();
        }
        try {
            return chosen(watch.await(timeout));
        } catch (CompactedException e) {
            throw expired(e);
        }
    }

    static ApiException expired(CompactedException e) {
        return new ApiException(
                Status.of(Status.Reason.EXPIRED, Objects.requireNonNull(e.getMessage())));
    }

    private Batch first() {
        var batch = new Batch(initial, startedAt);
        initial = List.of();
        return batch;
    }

    private Batch chosen(Watch.Batch batch) {
        var events = new ArrayList<Event>(batch.changes().size());
        for (var change : batch.changes()) {
            var event = event(change);
            if (event != null) {
                events.add(event);
            }
        }
        return new Batch(events, batch.upTo());
    }

    private @Nullable Event event(Watch.Change change) {
        var before = chosen(change.previous());
        var now = chosen(change.current());
        if (now != null) {
            return new Event(before == null ? Type.ADDED : Type.MODIFIED, now, before);
        }
        return before == null
                ? null
                : new Event(Type.DELETED, Rendition.gone(before, change.revision()));
    }

    private @Nullable Entry chosen(@Nullable Entry entry) {
        if (entry == null) {
            return null;
        }
        var served = Rendition.served(selection.kind(), entry);
        return selection.chooses(served.object()) ? served : null;
    }

    @Override
    public boolean closed() {
        return watch.closed();
    }

    @Override
    public void close() {
        watch.close();
    }
}
