// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.store.Store.Outcome;
import dev.coracle.core.store.Store.Outcome.Refused;
import dev.coracle.core.store.Store.Outcome.Written;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MvccStoreTest {
    private final MvccStore store = MvccStore.open(new MemoryJournal(), new Retention(8, 1 << 20));

    @Test
    void anObjectCarriesTheRevisionThatWroteIt() {
        var entry = written(store.create("/a", object("one")));

        assertThat(entry.revision()).isEqualTo(1);
        assertThat(entry.createRevision()).isEqualTo(1);
        assertThat(entry.object().at("metadata", "resourceVersion")).isEqualTo(Json.of("1"));
        assertThat(new String(entry.json(), StandardCharsets.UTF_8))
                .isEqualTo(entry.object().text())
                .isEqualTo("{\"value\":\"one\",\"metadata\":{\"resourceVersion\":\"1\"}}");
        assertThat(store.get("/a")).isSameAs(entry);
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    void anUpdateKeepsTheCreateRevision() {
        written(store.create("/a", object("one")));

        var entry = written(store.update("/a", 1, object("two")));

        assertThat(entry).hasToString("/a@2");
        assertThat(entry.createRevision()).isEqualTo(1);
    }

    @Test
    void aWriteThatExpectsSomethingElseIsRefusedWithWhatIsThere() {
        var a = written(store.create("/a", object("one")));

        assertThat(store.create("/a", object("two"))).isEqualTo(new Refused(a));
        assertThat(store.update("/a", 9, object("two"))).isEqualTo(new Refused(a));
        assertThat(store.delete("/a", 9)).isEqualTo(new Refused(a));
        assertThat(store.update("/b", 1, object("two"))).isEqualTo(new Refused(null));
        assertThat(store.delete("/b", 1)).isEqualTo(new Refused(null));
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    void anExpectedRevisionBelowOneIsAMistakeOfTheCaller() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.update("/a", 0, object("x")))
                .withMessage("expected revision is 0, the first one is 1");
        assertThatIllegalArgumentException().isThrownBy(() -> store.delete("/a", -1));
    }

    @Test
    void aDeletionIsStampedWithItsOwnRevision() {
        written(store.create("/a", object("one")));

        var entry = written(store.delete("/a", 1));

        assertThat(entry).hasToString("/a@2");
        assertThat(entry.object().object("metadata").string("resourceVersion")).isEqualTo("2");
        assertThat(store.get("/a")).isNull();
    }

    @Test
    void aRangeIsOrderedPagedAndAsOfOneRevision() {
        for (var key : List.of("/p/c", "/p/a", "/q/x", "/p/b", "/p/d")) {
            written(store.create(key, object(key)));
        }
        written(store.delete("/p/b", 4));

        assertThat(store.range("/p/", "", 2, 0))
                .hasToString("Page[entries=[/p/a@2, /p/c@1], revision=6, remaining=1]");
        assertThat(store.range("/p/", "/p/c", 2, 0).entries()).hasToString("[/p/d@5]");
        assertThat(store.range("/p/", "", 2, 5))
                .hasToString("Page[entries=[/p/a@2, /p/b@4], revision=5, remaining=2]");
        assertThat(store.range("/p/", "/p/b", 0, 5).entries()).hasToString("[/p/c@1, /p/d@5]");
        assertThat(store.range("/p/", "/p/bb", 0, 5).entries()).hasToString("[/p/c@1, /p/d@5]");
        assertThat(store.range("", "", 0, 1).entries()).hasToString("[/p/c@1]");
        assertThat(store.range("/z", "", 0, 0).entries()).isEmpty();
        assertThat(store.range("/p/", "/q", 0, 0).entries()).isEmpty();
        assertThat(store.range("/p/", "/a", 1, 0).entries()).hasToString("[/p/a@2]");
    }

    @Test
    void aRevisionInTheFutureCannotBeRead() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.range("/", "", 0, 1))
                .withMessage("revision 1 is in the future, now is 0");
    }

    @Test
    void aWatchSeesEveryChangeUnderItsPrefixOnce() {
        var watch = store.watch("/p/", 0);
        written(store.create("/p/a", object("one")));
        written(store.create("/q/a", object("other")));
        written(store.update("/p/a", 1, object("two")));
        written(store.delete("/p/a", 3));

        var batch = watch.poll();

        assertThat(batch.upTo()).isEqualTo(4);
        assertThat(batch.changes())
                .extracting(Watch.Change::toString)
                .containsExactly(
                        "Change[revision=1, current=/p/a@1, previous=null]",
                        "Change[revision=3, current=/p/a@3, previous=/p/a@1]",
                        "Change[revision=4, current=null, previous=/p/a@4]");
        assertThat(watch.poll()).isEqualTo(new Watch.Batch(List.of(), 4));
    }

    @Test
    void aWatchResumesAfterAnyRetainedRevision() {
        for (int i = 1; i <= 5; i++) {
            written(store.create("/" + i, object("x")));
        }

        assertThat(store.watch("/", 3).poll().changes())
                .extracting(Watch.Change::revision)
                .containsExactly(4L, 5L);
        assertThat(store.watch("/", 5).poll().changes()).isEmpty();
    }

    @Test
    void compactionForgetsThePastButNotThePresent() {
        written(store.create("/a", object("one")));
        written(store.create("/b", object("one")));
        written(store.update("/a", 1, object("two")));

        store.compact(2);

        assertThat(store.range("/", "", 0, 2).entries()).hasToString("[/a@1, /b@2]");
        assertThat(store.watch("/", 2).poll().changes()).hasSize(1);
        assertThatThrownBy(() -> store.range("/", "", 0, 1))
                .isInstanceOf(CompactedException.class)
                .hasMessage("too old resource version: 1 (2)");
        assertThatThrownBy(() -> store.watch("/", 1)).isInstanceOf(CompactedException.class);
        assertThat(store.range("/", "", 0, 0).entries()).hasToString("[/a@3, /b@2]");
    }

    @Test
    void aWatchThatFallsBehindTheRetainedChangesIsToldSo() {
        var slow = store.watch("/", 0);
        for (int i = 1; i <= 9; i++) {
            written(store.create("/" + i, object("x")));
        }

        assertThatThrownBy(slow::poll)
                .isInstanceOf(CompactedException.class)
                .hasMessage("too old resource version: 0 (1)");
    }

    @Test
    void whatWasOverwrittenIsForgottenBeforeItFillsTheMemory() {
        try (var small = MvccStore.open(new MemoryJournal(), new Retention(1_000, 10_000))) {
            var big = object("x".repeat(4_000));
            written(small.create("/a", big));
            for (int revision = 1; revision < 10; revision++) {
                written(small.update("/a", revision, big));
            }

            assertThat(small.range("/", "", 0, 9).entries()).hasToString("[/a@9]");
            assertThatThrownBy(() -> small.range("/", "", 0, 7))
                    .isInstanceOf(CompactedException.class);
        }
    }

    @Test
    void awaitingTimesOutWithAnEmptyBatch() throws InterruptedException {
        var watch = store.watch("/p/", 0);
        written(store.create("/q", object("x")));

        assertThat(watch.await(Duration.ZERO)).isEqualTo(new Watch.Batch(List.of(), 1));
        assertThat(watch.await(Duration.ofMillis(1))).isEqualTo(new Watch.Batch(List.of(), 1));
        assertThat(watch.await(Duration.ofSeconds(Long.MIN_VALUE)).changes()).isEmpty();
    }

    @Test
    void closingTheStoreEndsItsWatchesAndWrites() throws InterruptedException {
        var watch = store.watch("/", 0);

        store.close();

        assertThat(watch.closed()).isTrue();
        assertThat(watch.await(Duration.ofSeconds(Long.MAX_VALUE)).changes()).isEmpty();
        assertThat(store.watch("/", 0).closed()).isTrue();
        assertThatThrownBy(() -> store.create("/a", object("x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the store is closed");
    }

    @Test
    void listenersHearOfCommitsAndNotOfRefusals() throws Exception {
        var heard = new ArrayList<Long>();
        var registration = store.onCommit(() -> heard.add(store.revision()));
        written(store.create("/a", object("x")));
        assertThat(store.create("/a", object("x"))).isInstanceOf(Refused.class);
        written(store.delete("/a", 1));

        registration.close();
        written(store.create("/a", object("x")));

        assertThat(heard).containsExactly(1L, 2L);
    }

    @Test
    void aListenerThatWritesIsRefusedInsteadOfWaitingForItself() {
        store.onCommit(() -> store.create("/b", object("x")));

        assertThatThrownBy(() -> store.create("/a", object("x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("a commit listener must not write");
        assertThat(store.get("/a")).hasToString("/a@1");
        assertThat(store.get("/b")).isNull();
    }

    static JsonObject object(String value) {
        return JsonReader.parseObject("{\"value\":\"" + value + "\",\"metadata\":{}}");
    }

    static Entry written(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Written.class);
        return ((Written) outcome).entry();
    }
}
