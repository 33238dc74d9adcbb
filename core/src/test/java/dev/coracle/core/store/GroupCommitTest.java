// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import static dev.coracle.core.store.MvccStoreTest.object;
import static dev.coracle.core.store.MvccStoreTest.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.store.Store.Outcome;
import dev.coracle.core.store.Store.Outcome.Refused;
import dev.coracle.core.store.Store.Outcome.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GroupCommitTest {
    /// Lets as many appends through as it has permits.
    private final Semaphore disk = new Semaphore(0);

    private final CountDownLatch firstAppend = new CountDownLatch(1);
    private final RecordingJournal journal =
            new RecordingJournal(
                    _ -> {
                        firstAppend.countDown();
                        disk.acquireUninterruptibly();
                    });
    private final MvccStore store = MvccStore.open(journal, Retention.DEFAULT);

    @Test
    void writersThatWaitShareTheNextAppend() throws Exception {
        var first = start(() -> store.create("/first", object("x")));
        firstAppend.await();
        var others = new ArrayList<Writer>();
        for (int i = 0; i < 100; i++) {
            var key = "/other/" + i;
            others.add(start(() -> store.create(key, object("x"))));
        }
        others.forEach(Writer::awaitWaiting);

        assertThat(store.revision()).isZero();
        disk.release(2);

        written(first.outcome());
        for (var other : others) {
            written(other.outcome());
        }
        assertThat(journal.batches()).containsExactly(1, 100);
        assertThat(store.range("/", "", 0, 0).entries()).hasSize(101);
    }

    @Test
    void nobodySeesAWriteBeforeTheJournalHasIt() throws Exception {
        var watch = store.watch("/", 0);
        var writer = start(() -> store.create("/a", object("x")));
        firstAppend.await();

        assertThat(store.get("/a")).isNull();
        assertThat(store.range("/", "", 0, 0).entries()).isEmpty();
        assertThat(watch.poll().changes()).isEmpty();

        disk.release();
        written(writer.outcome());
        assertThat(watch.poll().changes()).hasSize(1);
    }

    @Test
    void writesAreCheckedAgainstWritesThatArePending() throws Exception {
        var create = start(() -> store.create("/a", object("one")));
        firstAppend.await();
        var update = start(() -> store.update("/a", 1, object("two")));
        update.awaitWaiting();
        var stale = start(() -> store.update("/a", 1, object("stale")));
        stale.awaitWaiting();
        var delete = start(() -> store.delete("/a", 2));
        delete.awaitWaiting();
        var again = start(() -> store.create("/a", object("again")));
        again.awaitWaiting();
        disk.release(2);

        assertThat(written(create.outcome())).hasToString("/a@1");
        assertThat(written(update.outcome())).hasToString("/a@2");
        assertThat(stale.outcome()).hasToString("Refused[current=/a@2]");
        assertThat(written(delete.outcome())).hasToString("/a@3");
        assertThat(written(again.outcome())).hasToString("/a@4");
        assertThat(journal.batches()).containsExactly(1, 3);
        assertThat(store.get("/a")).hasToString("/a@4");
    }

    @Test
    void aRefusalWaitsForTheWriteItRestsOn() throws Exception {
        var create = start(() -> store.create("/a", object("one")));
        firstAppend.await();
        var second = start(() -> store.create("/a", object("two")));
        second.awaitWaiting();

        assertThat(second.isDone()).isFalse();
        disk.release();

        written(create.outcome());
        assertThat(second.outcome()).hasToString("Refused[current=/a@1]");
        assertThat(journal.batches()).containsExactly(1);
    }

    @Test
    void aRefusalThatRestsOnDurableStateNeedsNoJournal() {
        disk.release();
        written(store.create("/a", object("x")));

        assertThat(store.create("/a", object("x"))).isInstanceOf(Refused.class);
        assertThat(journal.batches()).containsExactly(1);
    }

    @Test
    void everyAcknowledgedWriteIsInTheJournalFirst() throws Exception {
        disk.release(1_000_000);
        var mistakes = Collections.synchronizedList(new ArrayList<String>());
        var acknowledged = new AtomicInteger();
        var writers = new ArrayList<Writer>();
        for (int i = 0; i < 64; i++) {
            var key = "/counter/" + i % 4; // sixteen writers to a key
            writers.add(
                    start(
                            () -> {
                                for (int round = 0; round < 50; round++) {
                                    var outcome = increment(key);
                                    if (outcome instanceof Written(var entry)) {
                                        acknowledged.incrementAndGet();
                                        if (journal.newest() < entry.revision()) {
                                            mistakes.add(entry + " acknowledged too early");
                                        }
                                    }
                                    long visible = store.revision();
                                    if (journal.newest() < visible) {
                                        mistakes.add(visible + " visible too early");
                                    }
                                }
                                return new Refused(null);
                            }));
        }
        for (var writer : writers) {
            writer.outcome();
        }

        assertThat(mistakes).isEmpty();
        assertThat(store.revision()).isEqualTo(acknowledged.get()).isGreaterThanOrEqualTo(200);
        assertThat(journal.writes())
                .extracting(Journal.Write::revision)
                .isEqualTo(
                        java.util.stream.LongStream.rangeClosed(1, store.revision())
                                .boxed()
                                .toList());
        assertThat(journal.batches().size()).isLessThanOrEqualTo(acknowledged.get());
        var reopened = MvccStore.open(journal, Retention.DEFAULT);
        assertThat(reopened.range("/", "", 0, 0)).isEqualTo(store.range("/", "", 0, 0));
    }

    private Outcome increment(String key) {
        var current = store.get(key);
        return current == null
                ? store.create(key, object("x"))
                : store.update(key, current.revision(), object("x"));
    }

    @Test
    void aWaitingWatchIsWokenByWhatConcernsItOnly() throws Exception {
        disk.release(10);
        var watch = store.watch("/p/", 0);
        var reader = new FutureTask<>(() -> watch.await(Duration.ofDays(1)));
        var thread = Thread.ofVirtual().start(reader);
        awaitWaiting(thread);

        written(store.create("/q/a", object("x")));
        assertThat(reader.isDone()).isFalse();
        written(store.create("/p/a", object("x")));

        assertThat(reader.get().changes()).hasSize(1);
        assertThat(reader.get().upTo()).isEqualTo(2);
    }

    @Test
    void closingAWatchWakesItsReader() throws Exception {
        var watch = store.watch("/", 0);
        var reader = new FutureTask<>(() -> watch.await(Duration.ofDays(1)));
        awaitWaiting(Thread.ofVirtual().start(reader));

        watch.close();

        assertThat(reader.get()).isEqualTo(new Watch.Batch(List.of(), 0));
    }

    @Test
    void whenTheJournalFailsEveryWaitingWriterIsToldAndNothingBecomesVisible() throws Exception {
        var gate = new CountDownLatch(1);
        var appending = new CountDownLatch(1);
        var failing =
                new RecordingJournal(
                        writes -> {
                            if (writes.getFirst().revision() > 1) {
                                appending.countDown();
                                await(gate);
                                throw new JournalException("journal.db: the disk is full");
                            }
                        });
        var broken = MvccStore.open(failing, Retention.DEFAULT);
        written(broken.create("/a", object("x")));
        var leader = start(() -> broken.update("/a", 1, object("y")));
        appending.await();
        var follower = start(() -> broken.create("/b", object("x")));
        follower.awaitWaiting();
        var refused = start(() -> broken.update("/a", 1, object("z")));
        refused.awaitWaiting();
        gate.countDown();

        for (var writer : List.of(leader, follower, refused)) {
            assertThatThrownBy(writer::outcome)
                    .hasRootCauseInstanceOf(JournalException.class)
                    .hasStackTraceContaining("journal.db: the disk is full");
        }
        assertThat(broken.range("/", "", 0, 0))
                .hasToString("Page[entries=[/a@1], revision=1, remaining=0]");
        assertThatThrownBy(() -> broken.create("/c", object("x")))
                .isInstanceOf(JournalException.class)
                .hasMessage("read-only since the journal failed: journal.db: the disk is full");
    }

    @Test
    void closingWaitsForTheAppendUnderWayAndTurnsTheOthersAway() throws Exception {
        var first = start(() -> store.create("/a", object("x")));
        firstAppend.await();
        var second = start(() -> store.create("/b", object("x")));
        second.awaitWaiting();
        var closing =
                start(
                        () -> {
                            store.close();
                            return new Refused(null);
                        });
        assertThatThrownBy(second::outcome).hasRootCauseMessage("the store is closed");
        assertThat(closing.isDone()).isFalse();
        disk.release();

        written(first.outcome());
        closing.outcome();
        assertThat(journal.batches()).containsExactly(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Writer start(Supplier<Outcome> write) {
        var task = new FutureTask<>(write::get);
        return new Writer(task, Thread.ofVirtual().start(task));
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING
                && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.yield();
        }
    }

    private record Writer(FutureTask<Outcome> task, Thread thread) {
        void awaitWaiting() {
            GroupCommitTest.awaitWaiting(thread);
        }

        boolean isDone() {
            return task.isDone();
        }

        Outcome outcome() throws Exception {
            return task.get();
        }
    }
}
