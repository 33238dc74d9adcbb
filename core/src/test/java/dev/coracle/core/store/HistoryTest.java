// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private final History history = new History(new Retention(3, 1 << 20), 0, KeyTree.EMPTY);

    @Test
    void fourSlotsAfterSevenWrites() {
        write(7);

        assertThat(history.oldest()).isEqualTo(4);
        assertThat(history.newest().revision()).isEqualTo(7);
        assertThat(history.change(3)).isNull();
        assertThat(history.change(4)).isNull(); // the state is kept, the way to it is not
        assertThat(history.change(5)).isNotNull();
        assertThat(history.tree(4).size()).isEqualTo(4);
        assertThatThrownBy(() -> history.tree(3)).isInstanceOf(CompactedException.class);
    }

    @Test
    void aWatchReadsOnFromWhereItIsUnlessThatWasOvertaken() {
        write(3);
        var seen3 = watchAfter(3);
        var seen2 = watchAfter(2);
        write(7);

        assertThatThrownBy(seen2::poll).isInstanceOf(CompactedException.class);
        assertThatThrownBy(seen3::poll).isInstanceOf(CompactedException.class);
        assertThat(watchAfter(4).poll().changes())
                .extracting(Watch.Change::revision)
                .containsExactly(5L, 6L, 7L);
    }

    @Test
    void nothingIsShownBeforeItIsSaidTo() {
        var entry = new Entry("k", JsonObject.EMPTY, 1, 1, new byte[0]);
        var commit =
                new History.Commit(1, new Watch.Change(1, entry, null), KeyTree.EMPTY.with(entry));

        history.append(commit);
        assertThat(history.newest().revision()).isZero();
        assertThat(history.tree(0).size()).isZero();

        history.show(commit);
        assertThat(history.tree(0).size()).isEqualTo(1);
    }

    private CommitWatch watchAfter(long revision) {
        return new CommitWatch("", revision, history, _ -> {});
    }

    private void write(long upTo) {
        for (long r = history.newest().revision() + 1; r <= upTo; r++) {
            var entry = new Entry("k" + r, JsonObject.EMPTY, r, r, new byte[0]);
            var commit =
                    new History.Commit(
                            r,
                            new Watch.Change(r, entry, null),
                            history.newest().tree().with(entry));
            history.append(commit);
            history.show(commit);
        }
    }
}
