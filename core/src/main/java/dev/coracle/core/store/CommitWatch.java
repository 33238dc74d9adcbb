// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// A reader's place in the [History]: remembers only which revision it has seen, so it costs the
/// writer nothing however slow it is.
final class CommitWatch implements Watch {
    private final String prefix;
    private final History history;
    private final Consumer<CommitWatch> onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean waiting;
    private volatile boolean closed;
    private long seen;

    CommitWatch(String prefix, long afterRevision, History history, Consumer<CommitWatch> onClose) {
        this.prefix = prefix;
        this.seen = afterRevision;
        this.history = history;
        this.onClose = onClose;
    }

    @Override
    public Batch poll() {
        lock.lock();
        try {
            return closed ? new Batch(List.of(), seen) : next();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Batch await(Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            waiting = true; // before looking: a commit from here on will wake us
            long nanos = nanos(timeout);
            while (!closed) {
                var batch = next();
                if (!batch.changes().isEmpty() || nanos <= 0) {
                    return batch;
                }
                nanos = changed.awaitNanos(nanos);
            }
            return new Batch(List.of(), seen);
        } finally {
            waiting = false;
            lock.unlock();
        }
    }

    private static long nanos(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException _) {
            return timeout.isNegative() ? 0 : Long.MAX_VALUE; // 292 years will do
        }
    }

    private Batch next() {
        long newest = history.newest().revision();
        if (newest <= seen) {
            return new Batch(List.of(), seen);
        }
        var changes = new ArrayList<Change>();
        for (long revision = seen + 1; revision <= newest; revision++) {
            var change = history.change(revision);
            if (change == null) {
                throw new CompactedException(seen, history.oldest());
            }
            if (concerns(change)) {
                changes.add(change);
            }
        }
        seen = newest;
        return new Batch(changes, seen);
    }

    private boolean concerns(Change change) {
        return key(change).startsWith(prefix);
    }

    private static String key(Change change) {
        var entry = change.current() == null ? change.previous() : change.current();
        if (entry == null) {
            throw new IllegalStateException("change " + change.revision() + " of nothing");
        }
        return entry.key();
    }

    /// Called by the writer after `changes` became visible.
    void committed(List<Change> changes) {
        if (waiting && changes.stream().anyMatch(this::concerns)) {
            wake();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        wake();
        onClose.accept(this);
    }
}
