// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.schema.Schemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulationTest {
    private static final Schemas SCHEMAS = Schemas.load();

    /// Every seed that ever found something, and a few that did not; a line each, with what it
    /// found.
    static List<Long> seeds() throws IOException {
        try (var file = SimulationTest.class.getResourceAsStream("/seeds.txt")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Long.valueOf(line.strip().split("\\s+", 2)[0]))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everythingHoldsUnderFaultsAndConvergesAfterThem(long seed) {
        var story = Simulation.run(seed, SCHEMAS);

        assertThat(story.problems())
                .as(() -> "seed %d\n%s".formatted(seed, String.join("\n", story.trace())))
                .isEmpty();
        assertThat(Simulation.run(seed, SCHEMAS).trace())
                .as("seed %d again", seed)
                .isEqualTo(story.trace());
    }

    @Test
    void seedsTellDifferentStories() {
        assertThat(Simulation.run(1, SCHEMAS).trace())
                .isNotEqualTo(Simulation.run(2, SCHEMAS).trace());
    }
}
