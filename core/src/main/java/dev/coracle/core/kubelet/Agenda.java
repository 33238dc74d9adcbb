// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// What one pod is to do later, and the alarms for it.
final class Agenda {
    private record Item(Instant at, long order, Runnable what) {}

    private final PriorityQueue<Item> items =
            new PriorityQueue<>(Comparator.comparing(Item::at).thenComparingLong(Item::order));
    private final String podUid;
    private final Outbox outbox;
    private long order;

    /// The earliest alarm that was asked for and has not come.
    private @Nullable Instant alarmAt;

    Agenda(String podUid, Outbox outbox) {
        this.podUid = podUid;
        this.outbox = outbox;
    }

    void at(Instant when, Runnable what) {
        items.add(new Item(when, order++, what));
        alarm(when);
    }

    /// Something that is done again and again, each time at the earliest of the instants that were
    /// asked for since it was last done.
    Next next(Runnable what) {
        return new Next(what);
    }

    final class Next {
        private final Runnable what;
        private @Nullable Instant due;

        private Next(Runnable what) {
            this.what = what;
        }

        void at(Instant when) {
            if (due == null || when.isBefore(due)) {
                due = when;
                Agenda.this.at(when, this::come);
            }
        }

        /// Does nothing where an earlier instant was asked for later.
        private void come() {
            if (due != null && !outbox.now().isBefore(due)) {
                due = null;
                what.run();
            }
        }
    }

    /// Does what is due. An alarm that an earlier one has overtaken does nothing.
    void tick() {
        if (alarmAt == null || outbox.now().isBefore(alarmAt)) {
            return;
        }
        alarmAt = null;
        while (!items.isEmpty() && !items.peek().at().isAfter(outbox.now())) {
            items.remove().what().run();
        }
        if (!items.isEmpty()) {
            alarm(items.peek().at());
        }
    }

    private void alarm(Instant when) {
        if (alarmAt == null || when.isBefore(alarmAt)) {
            alarmAt = when;
            outbox.add(new KubeletOutput.WakeAt(podUid, when));
        }
    }

    void clear() {
        items.clear();
        alarmAt = null;
    }
}
