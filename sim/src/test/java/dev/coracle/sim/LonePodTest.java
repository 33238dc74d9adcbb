// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Pod;
import dev.coracle.sim.script.ContainerScript;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ten thousand pods drawn at random, each with its own troubles: [PodRules] must hold for all.
/// `-Dsim.pods=N` and `-Dsim.seed=N` choose how many, and from which seed on.
class LonePodTest {
    private static final long PODS = Long.getLong("sim.pods", 10_000);
    private static final long FIRST_SEED = Long.getLong("sim.seed", 1);

    @Test
    void theRulesHoldForEveryPod() {
        var restarts = new LongAdder();
        LongStream.range(FIRST_SEED, FIRST_SEED + PODS)
                .parallel()
                .forEach(seed -> restarts.add(new Story(seed, false).live()));

        assertThat(restarts.sum()).as("there was something to check").isGreaterThan(PODS / 2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aSeedTellsTheSameStoryAgain(long seed) {
        assertThat(traced(seed)).isEqualTo(traced(seed)).isNotEmpty();
    }

    private static String traced(long seed) {
        var story = new Story(seed, true);
        story.live();
        return String.join("\n", story.world.trace());
    }

    /// The life of one pod: half a minute to four of trouble, seldom half an hour, then peace.
    private static final class Story {
        private final long seed;
        private final boolean traced;
        private final World world;
        private final SplittableRandom random;
        private final RandomPod drawn;
        private final JsonObject tree;
        private final PodRules rules;
        private final LonePod pod;

        Story(long seed, boolean traced) {
            this.seed = seed;
            this.traced = traced;
            world = traced ? new World(seed) : World.untraced(seed);
            random = world.random();
            drawn = new RandomPod(random.split());
            tree = drawn.draw();
            rules = new PodRules(world, drawn, tree);
            pod = new LonePod(world, rules);
        }

        /// Returns how many restarts there were.
        long live() {
            try {
                return lived();
            } catch (RuntimeException e) {
                if (traced) {
                    throw new AssertionError(
                            "seed %d: %s\n%s\n%s"
                                    .formatted(seed, e, tree, String.join("\n", world.trace())),
                            e);
                }
                new Story(seed, true).live();
                throw new AssertionError("seed %d fails untraced only".formatted(seed), e);
            }
        }

        private long lived() {
            rules.watch(pod);
            drawn.scripts()
                    .forEach(
                            (name, runs) ->
                                    pod.runtime()
                                            .container(name, runs.toArray(ContainerScript[]::new)));
            boolean faults = random.nextInt(4) == 0;
            if (faults) {
                rules.faults();
                pod.faults(Faults.SOME);
            }
            pod.create(tree);
            boolean late = !faults && random.nextInt(20) == 0;
            for (int step = random.nextInt(5); step >= 0; step--) {
                world.advance(Duration.ofMillis(random.nextInt(late ? 600_000 : 60_000)));
                trouble();
            }
            if (random.nextBoolean()) {
                delete(random.nextInt(12));
            }
            pod.faults(Faults.NONE);
            world.advance(Duration.ofMinutes(faults ? 12 : 1));
            untilNothingIsUnderWay();
            rules.settled(pod);
            return pod.current().object("status").array("containerStatuses").objects().stream()
                    .mapToLong(entry -> entry.number("restartCount", 0))
                    .sum();
        }

        /// A container that ended just now is not yet said to have.
        private void untilNothingIsUnderWay() {
            for (int i = 0; i < 1_000; i++) {
                try {
                    rules.settled(pod);
                    return;
                } catch (BrokenInvariant e) {
                    world.advance(Duration.ofMillis(50));
                }
            }
        }

        private void trouble() {
            switch (random.nextInt(10)) {
                case 0, 1 -> {
                    // what was under way is over by then
                    var downtime = Duration.ofMillis(200 + random.nextInt(5_000));
                    pod.restartKubelet(downtime);
                    world.advance(downtime);
                }
                case 2 -> {
                    rules.sandboxKilled();
                    pod.runtime().killSandbox(LonePod.UID);
                }
                case 3 -> changeImage();
                default -> {}
            }
        }

        private void changeImage() {
            var current = pod.current();
            if (current.isEmpty() || current.object("metadata").has("deletionTimestamp")) {
                return;
            }
            var spec = current.object("spec");
            var app = spec.array("containers").objects().getFirst();
            var changed =
                    spec.array("containers").objects().stream()
                            .map(
                                    one ->
                                            (Json)
                                                    (one.equals(app)
                                                            ? one.with(
                                                                    "image",
                                                                    one.string("image") + "1")
                                                            : one))
                            .collect(Json.toArray());
            var next = spec.with("containers", changed);
            rules.imageChanged(app.string("name"), Pod.of(current.with("spec", next)));
            pod.changeSpec(next);
        }

        private void delete(long grace) {
            rules.deleted(grace);
            pod.delete(grace);
            if (random.nextInt(4) == 0 && grace > 1) {
                world.advance(Duration.ofMillis(random.nextInt(2_000)));
                rules.deleted(1);
                pod.delete(1);
            }
        }
    }
}
