// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SortedTreeTest {
    private static final int SEEDS = 20;

    @Test
    void itHoldsWhatAMapWouldHoldAndStaysShallow() {
        for (long seed = 0; seed < SEEDS; seed++) {
            var random = new SplittableRandom(seed);
            var tree = SortedTree.<Integer, Integer>empty();
            var map = new TreeMap<Integer, Integer>();
            for (int i = 0; i < 2000; i++) {
                int key = random.nextInt(300);
                if (random.nextInt(3) == 0) {
                    tree = tree.without(key);
                    map.remove(key);
                } else {
                    tree = tree.with(key, i);
                    map.put(key, i);
                }
                assertThat(tree.get(key)).as("seed %d", seed).isEqualTo(map.get(key));
            }
            assertThat(tree.toMap()).as("seed %d", seed).isEqualTo(map);
            assertThat(tree.size()).isEqualTo(map.size());
        }
    }

    @Test
    void keysThatComeInOrderDoNotMakeAList() {
        var tree = SortedTree.<Integer, String>empty();
        for (int i = 0; i < 10_000; i++) {
            tree = tree.with(i, "");
        }
        assertThat(tree.depth()).isLessThan(30);
        for (int i = 0; i < 9_900; i++) {
            tree = tree.without(i);
        }
        assertThat(tree.depth()).isLessThan(15);
    }
}
