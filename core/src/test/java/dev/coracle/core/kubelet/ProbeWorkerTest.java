// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.ProbeSpec.Kind;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// When a probe is sent. Instants are seconds after the pod came to its node.
class ProbeWorkerTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void theFirstTickAfterTheInitialDelayThenEveryPeriod() {
        var worker = running(Kind.LIVENESS, 10, 5, 7);

        assertThat(due(worker, 7)).isEqualTo(20);
        ask(worker, 20);
        assertThat(due(worker, 20)).isEqualTo(30);
    }

    @Test
    void anInitialDelayThatEndsAtATickEndsInTime() {
        assertThat(due(running(Kind.LIVENESS, 5, 4, 6), 6)).isEqualTo(10);
    }

    @Test
    void aProbeThatTakesLongerThanThePeriodDelaysTheNextAndNothingIsMadeUpFor() {
        var worker = running(Kind.LIVENESS, 2, 0, 0);
        worker.ask(at(2));
        assertThat(worker.due(at(4))).as("while it is under way").isNull();
        worker.answered(true);

        assertThat(due(worker, 9)).as("one tick has waited").isEqualTo(4);
        ask(worker, 9);
        assertThat(due(worker, 9)).isEqualTo(10);
    }

    @Test
    void readinessIsAskedForAsSoonAsTheContainerRunsAndThenAtTicks() {
        var worker = running(Kind.READINESS, 10, 0, 7);

        assertThat(due(worker, 7)).isEqualTo(7);
        ask(worker, 7);
        assertThat(due(worker, 7)).isEqualTo(10);
    }

    @Test
    void withinTheInitialDelayNothingIsAskedForAtOnce() {
        assertThat(due(running(Kind.READINESS, 10, 5, 7), 7)).isEqualTo(20);
    }

    @Test
    void aFailedLivenessProbeRestsUntilThereIsAnotherInstance() {
        var worker = running(Kind.LIVENESS, 1, 0, 0);
        for (int second = 1; second <= 3; second++) {
            worker.ask(at(second));
            worker.answered(false);
        }
        assertThat(worker.due(at(4))).isNull();

        worker.follow("another", at(6), ProbeState.first(Kind.LIVENESS), at(6));
        assertThat(due(worker, 6)).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theVerdictFollowsTheLastRunThatIsLongEnough(long seed) {
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 2_000; round++) {
            int successes = 1 + random.nextInt(3);
            int failures = 1 + random.nextInt(3);
            var spec = spec(Kind.READINESS, 1, 0, successes, failures);
            var state = ProbeState.first(Kind.READINESS);
            var history = new ArrayList<String>();
            for (int i = random.nextInt(20); i > 0; i--) {
                boolean success = random.nextBoolean();
                history.add(success ? "S" : "F");
                state = state.next(spec, success);
            }
            assertThat(state.verdict() == ProbeState.Verdict.SUCCESS)
                    .as("seed %d: %d, %d, %s", seed, successes, failures, history)
                    .isEqualTo(oracle(history, successes, failures));
        }
    }

    /// Looks for the last run of `S` or `F` that reaches its threshold.
    private static boolean oracle(List<String> history, int successes, int failures) {
        var text = String.join("", history);
        return text.lastIndexOf("S".repeat(successes)) > text.lastIndexOf("F".repeat(failures));
    }

    private static ProbeWorker running(Kind kind, int period, int delay, int startedAt) {
        var spec = spec(kind, period, delay, 1, 3);
        var worker = new ProbeWorker(container("{}"), spec, T0);
        worker.follow("one", at(startedAt), ProbeState.first(kind), at(startedAt));
        return worker;
    }

    private static ProbeSpec spec(Kind kind, int period, int delay, int successes, int failures) {
        var probe =
                """
                {"exec": {"command": ["true"]}, "periodSeconds": %d, "initialDelaySeconds": %d,
                 "successThreshold": %d, "failureThreshold": %d}"""
                        .formatted(period, delay, successes, failures);
        var field =
                switch (kind) {
                    case STARTUP -> "startupProbe";
                    case READINESS -> "readinessProbe";
                    case LIVENESS -> "livenessProbe";
                };
        return Objects.requireNonNull(
                ProbeSpec.of(container("{\"%s\": %s}".formatted(field, probe)), kind));
    }

    private static Container container(String tree) {
        var pod =
                """
                {"metadata": {"name": "web", "namespace": "default", "uid": "u"},
                 "spec": {"containers": [%s]}}"""
                        .formatted(tree);
        return Pod.of(JsonReader.parseObject(pod)).containers().getFirst();
    }

    private static Instant at(long second) {
        return T0.plusSeconds(second);
    }

    private static void ask(ProbeWorker worker, int second) {
        worker.ask(at(second));
        worker.answered(true);
    }

    private static long due(ProbeWorker worker, int second) {
        var due = Objects.requireNonNull(worker.due(at(second)));
        return due.getEpochSecond() - T0.getEpochSecond();
    }
}
