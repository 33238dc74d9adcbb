// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The [Store] in memory, with a [Journal] behind it.
///
/// **Reading** takes no lock: a revision is the root of an immutable [KeyTree], the retained ones
/// are in a [History].
///
/// **Writing** is group commit without a thread of its own. A writer checks its expectation against
/// the *tip*, which is the newest state including writes that are not durable yet, moves the tip
/// and joins the batch that is open. If nobody leads, it leads: it takes the batch, appends it to
/// the journal once for everybody in it, shows it to readers and watches, and hands the lead to
/// someone of the batch that has filled up meanwhile.
///
///     writer A   joins 1, leads: append(1) ........ show 1 | returns
///     writer B            joins 2, waits                   | leads: append(2, 3) . | returns
///     writer C                joins 3, waits                                       | returns
///
/// A refusal that rests on a write that is not durable yet waits for it like a write: nobody
/// learns of what a crash could undo.
///
/// **When the journal fails** every waiting writer is told so, nothing of theirs becomes visible,
/// and the store stays readable but takes no more writes: after a failed fsync nobody knows what
/// the disk holds, and opening the journal anew is the way to find out.
public final class MvccStore implements Store {
    private final Journal journal;
    private final History history;
    private final List<CommitWatch> watches = new CopyOnWriteArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /// Guards everything below, and the changing of `history`.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition idle = lock.newCondition();
    private History.Commit tip;
    private Batch open = new Batch(lock.newCondition());
    private @Nullable Thread leader;
    private @Nullable JournalException failure;
    private boolean closed;

    /// Writers that share one append. `changed` is signalled when it is done, or when one of its
    /// writers should lead.
    private static final class Batch {
        final Condition changed;
        final List<Journal.Write> writes = new ArrayList<>();
        final List<History.Commit> commits = new ArrayList<>();
        int members;
        boolean done;
        @Nullable RuntimeException failure;

        Batch(Condition changed) {
            this.changed = changed;
        }
    }

    private MvccStore(Journal journal, History history) {
        this.journal = journal;
        this.history = history;
        this.tip = history.newest();
    }

    /// Opens a store with what `journal` holds, and takes charge of the journal.
    ///
    /// @throws JournalException if the journal is damaged
    public static MvccStore open(Journal journal, Retention retention) {
        var replay = new Replay();
        long revision = journal.replay(replay::accept);
        return new MvccStore(journal, new History(retention, revision, replay.tree));
    }

    private static final class Replay {
        KeyTree tree = KeyTree.EMPTY;

        void accept(Journal.Write write) {
            var json = write.json();
            if (json == null) {
                tree = tree.without(write.key());
                return;
            }
            tree =
                    tree.with(
                            new Entry(
                                    write.key(),
                                    parse(write, json),
                                    write.createRevision(),
                                    write.revision(),
                                    json));
        }

        private static JsonObject parse(Journal.Write write, byte[] json) {
            try {
                if (JsonReader.read(json).value() instanceof JsonObject object) {
                    return object;
                }
            } catch (JsonFormatException e) {
                throw new JournalException(
                        "%s at revision %d is not JSON: %s"
                                .formatted(write.key(), write.revision(), e.getMessage()),
                        e);
            }
            throw new JournalException(
                    "%s at revision %d is not a JSON object"
                            .formatted(write.key(), write.revision()));
        }
    }

    @Override
    public long revision() {
        return history.newest().revision();
    }

    @Override
    public @Nullable Entry get(String key) {
        return history.newest().tree().get(key);
    }

    @Override
    public Page range(String prefix, String after, int limit, long revision) {
        var newest = history.newest();
        if (revision > newest.revision()) {
            throw new IllegalArgumentException(
                    "revision %d is in the future, now is %d"
                            .formatted(revision, newest.revision()));
        }
        var tree = revision == 0 ? newest.tree() : history.tree(revision);
        int from = tree.countBelow(prefix);
        if (!after.isEmpty()) {
            from = Math.max(from, tree.countBelow(after) + (tree.get(after) == null ? 0 : 1));
        }
        int end = Math.max(from, tree.endOf(prefix));
        int to = limit <= 0 || limit > end - from ? end : from + limit;
        return new Page(
                tree.slice(from, to), revision == 0 ? newest.revision() : revision, end - to);
    }

    @Override
    public Outcome create(String key, JsonObject object) {
        return write(key, 0, object);
    }

    @Override
    public Outcome update(String key, long expectedRevision, JsonObject object) {
        requireRevision(expectedRevision);
        return write(key, expectedRevision, object);
    }

    @Override
    public Outcome delete(String key, long expectedRevision) {
        requireRevision(expectedRevision);
        return write(key, expectedRevision, null);
    }

    private static void requireRevision(long expectedRevision) {
        if (expectedRevision < 1) {
            throw new IllegalArgumentException(
                    "expected revision is " + expectedRevision + ", the first one is 1");
        }
    }

    /// Null `object`: delete. Expected 0: absent.
    private Outcome write(String key, long expectedRevision, @Nullable JsonObject object) {
        Batch batch;
        Outcome outcome;
        lock.lock();
        try {
            requireWritable();
            var current = tip.tree().get(key);
            boolean expected = (current == null ? 0 : current.revision()) == expectedRevision;
            if (expected) {
                batch = open;
                outcome = new Outcome.Written(stage(key, current, object));
            } else {
                outcome = new Outcome.Refused(current);
                if (tip.revision() == history.newest().revision()) {
                    return outcome;
                }
                batch = open;
            }
            batch.members++;
            awaitTurn(batch);
            if (batch.done) {
                return outcomeOf(batch, outcome);
            }
            open = new Batch(lock.newCondition());
            leader = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        lead(batch);
        return outcomeOf(batch, outcome);
    }

    private void requireWritable() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        if (Thread.currentThread().equals(leader)) {
            throw new IllegalStateException(
                    "a commit listener must not write: it would wait" + " for itself");
        }
        if (failure != null) {
            throw readOnly(failure);
        }
    }

    private static JournalException readOnly(JournalException failure) {
        return new JournalException(
                "read-only since the journal failed: " + failure.getMessage(), failure);
    }

    /// Moves the tip by one write, which the open batch will make durable.
    private Entry stage(String key, @Nullable Entry current, @Nullable JsonObject object) {
        long revision = tip.revision() + 1;
        Entry entry;
        if (object != null) {
            long createRevision = current == null ? revision : current.createRevision();
            entry = stamped(key, object, createRevision, revision);
            tip = commit(new Watch.Change(revision, entry, current), tip.tree().with(entry));
        } else if (current != null) {
            entry = stamped(key, current.object(), current.createRevision(), revision);
            tip = commit(new Watch.Change(revision, null, entry), tip.tree().without(key));
        } else {
            throw new IllegalStateException("nothing to delete under " + key);
        }
        var json = object == null ? null : entry.json();
        open.writes.add(new Journal.Write(revision, key, entry.createRevision(), json));
        open.commits.add(tip);
        return entry;
    }

    private static History.Commit commit(Watch.Change change, KeyTree tree) {
        return new History.Commit(change.revision(), change, tree);
    }

    private static Entry stamped(
            String key, JsonObject object, long createRevision, long revision) {
        var stamped =
                object.with("metadata", m -> m.with("resourceVersion", Long.toString(revision)));
        return new Entry(key, stamped, createRevision, revision, JsonWriter.bytes(stamped));
    }

    /// Returns when `batch` is done, or the caller is to lead it.
    private void awaitTurn(Batch batch) {
        while (!batch.done && (leader != null || isTaken(batch))) {
            batch.changed.awaitUninterruptibly();
        }
    }

    @SuppressWarnings("ReferenceEquality") // a batch is itself only
    private boolean isTaken(Batch batch) {
        return batch != open;
    }

    private void lead(Batch batch) {
        try {
            if (!batch.writes.isEmpty()) {
                journal.append(List.copyOf(batch.writes));
            }
        } catch (RuntimeException | Error e) {
            fail(batch, e);
            throw e;
        }
        try {
            show(batch);
            var changes = batch.commits.stream().map(MvccStore::change).toList();
            watches.forEach(watch -> watch.committed(changes));
            if (!changes.isEmpty()) {
                listeners.forEach(Runnable::run);
            }
        } finally {
            handOver();
        }
    }

    private static Watch.Change change(History.Commit commit) {
        if (commit.change() == null) {
            throw new IllegalStateException("commit " + commit.revision() + " without a change");
        }
        return commit.change();
    }

    private void show(Batch batch) {
        lock.lock();
        try {
            batch.commits.forEach(history::append);
            if (!batch.commits.isEmpty()) {
                history.show(batch.commits.getLast());
            }
            finish(batch);
        } finally {
            lock.unlock();
        }
    }

    private void handOver() {
        lock.lock();
        try {
            leader = null;
            open.changed.signal();
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Tells everyone in `batch`, and everyone whose write rests on it, that it came to nothing.
    private void fail(Batch batch, Throwable cause) {
        lock.lock();
        try {
            var told =
                    cause instanceof JournalException known
                            ? known
                            : new JournalException("the journal failed: " + cause, cause);
            failure = told;
            tip = history.newest();
            for (var failed : List.of(batch, open)) {
                failed.failure = told;
                finish(failed);
            }
            open = new Batch(lock.newCondition());
            leader = null;
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static void finish(Batch batch) {
        batch.done = true;
        batch.changed.signalAll();
    }

    private static Outcome outcomeOf(Batch batch, Outcome outcome) {
        switch (batch.failure) {
            case null -> {
                return outcome;
            }
            case JournalException e ->
                    throw new JournalException("not written: " + e.getMessage(), e);
            case RuntimeException e -> throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public Watch watch(String prefix, long afterRevision) {
        long oldest = history.oldest();
        if (afterRevision < oldest) {
            throw new CompactedException(afterRevision, oldest);
        }
        var watch = new CommitWatch(prefix, afterRevision, history, watches::remove);
        watches.add(watch);
        if (isClosed()) {
            watch.close();
        }
        return watch;
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public AutoCloseable onCommit(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void compact(long revision) {
        lock.lock();
        try {
            long newest = history.newest().revision();
            if (revision > newest) {
                throw new IllegalArgumentException(
                        "revision %d is in the future, now is %d".formatted(revision, newest));
            }
            history.compact(revision);
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the append that is under way; writers behind it are told that the store is closed.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            open.failure = new IllegalStateException("the store is closed");
            finish(open);
            open = new Batch(lock.newCondition());
            while (leader != null) {
                idle.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        watches.forEach(CommitWatch::close);
        journal.close();
    }
}
