// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class WorldTest {
    private final World world = new World(1);

    @Test
    void whatIsPlannedHappensInOrderOfTimeAndThenOfPlanning() {
        var seen = new ArrayList<String>();
        world.in(Duration.ofSeconds(2), () -> seen.add("third"));
        world.in(Duration.ofSeconds(1), () -> seen.add("first"));
        world.in(
                Duration.ofSeconds(1),
                () -> {
                    seen.add("second");
                    world.in(Duration.ZERO, () -> seen.add("at once"));
                });
        world.in(Duration.ofSeconds(3), () -> seen.add("too late"));

        world.advance(Duration.ofSeconds(2));

        assertThat(seen).containsExactly("first", "second", "at once", "third");
        assertThat(world.instant()).isEqualTo(World.START.plusSeconds(2));
    }

    @Test
    void thePastIsNow() {
        world.advance(Duration.ofHours(1));
        var seen = new ArrayList<Object>();
        world.at(World.START, () -> seen.add(world.instant()));

        world.advance(Duration.ZERO);

        assertThat(seen).containsExactly(World.START.plusSeconds(3_600));
    }

    @Test
    void oneComponentsDrawsDoNotShiftAnothers() {
        var first = new World(7);
        var other = new World(7);
        first.random().nextLong();
        other.random().longs(100).sum();

        assertThat(first.random().nextLong()).isEqualTo(other.random().nextLong());
    }

    @Test
    void theTraceSaysWhen() {
        world.advance(Duration.ofMillis(1_250));
        world.note("something");

        assertThat(world.trace()).containsExactly("     1.250 something");
    }
}
