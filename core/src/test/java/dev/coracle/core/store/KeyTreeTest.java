// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTreeTest {

    @Test
    void aChangeCopiesThePathAndSharesTheRest() {
        var revision3 = KeyTree.EMPTY.with(entry("b", 1)).with(entry("a", 2)).with(entry("c", 3));
        var revision4 = revision3.with(entry("d", 4));

        assertThat(revision3).hasToString("((a@2) b@1 (c@3))");
        assertThat(revision4).hasToString("((a@2) b@1 (c@3 (d@4)))");
        assertThat(revision4.nodesNotIn(revision3)).isEqualTo(3);
    }

    @Test
    void aChangeInALargeTreeCopiesAHandfulOfNodes() {
        var tree = KeyTree.EMPTY;
        for (int i = 0; i < 10_000; i++) {
            tree = tree.with(entry("key-%05d".formatted(i), i + 1));
        }

        var changed = tree.with(entry("key-05000", 10_001));

        assertThat(changed.nodesNotIn(tree)).isBetween(1, 20);
    }

    @Test
    void ranksCountWhatIsBelow() {
        var tree = KeyTree.EMPTY;
        for (var key : new String[] {"/a/1", "/a/2", "/b/1", "/b/2", "/b0"}) {
            tree = tree.with(entry(key, 1));
        }

        assertThat(tree.countBelow("/b/")).isEqualTo(2);
        assertThat(tree.endOf("/b/")).isEqualTo(4);
        assertThat(tree.endOf("/b")).isEqualTo(5);
        assertThat(tree.endOf("")).isEqualTo(5);
        assertThat(tree.endOf("\uffff")).isEqualTo(5);
        assertThat(tree.slice(1, 3)).hasToString("[/a/2@1, /b/1@1]");
        assertThat(tree.slice(3, 3)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void holdsWhatASortedMapHoldsAndStaysBalanced(long seed) {
        var random = new SplittableRandom(seed);
        var model = new TreeMap<String, Entry>();
        var tree = KeyTree.EMPTY;
        for (int step = 1; step <= 3_000; step++) {
            var key = "k" + random.nextInt(400);
            if (random.nextInt(5) < (step / 500) % 2 * 2 + 1) { // phases of growing and shrinking
                tree = tree.without(key);
                model.remove(key);
            } else {
                var entry = entry(key, step);
                tree = tree.with(entry);
                model.put(key, entry);
            }
            tree.verify();
            assertThat(tree.get(key)).as("seed %d step %d", seed, step).isEqualTo(model.get(key));
            assertThat(tree.countBelow(key)).isEqualTo(model.headMap(key).size());
        }
        assertThat(tree.slice(0, tree.size())).isEqualTo(new ArrayList<>(model.values()));
    }

    private static Entry entry(String key, long revision) {
        return new Entry(key, JsonObject.EMPTY, revision, revision, new byte[0]);
    }
}
