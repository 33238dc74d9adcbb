// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.schema.Schemas;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.ImageScript;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the container runtime is asked to do, and when, where what is shown does not say it.
class CallsTest {
    private static final Schemas SCHEMAS = Schemas.load();

    private final World world = new World(1);
    private final Cluster cluster = new Cluster(world, SCHEMAS);

    @BeforeEach
    void start() {
        cluster.runtime().steady();
        cluster.start();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void pullsThatFailAreTriedAgainAfterADelayThatDoublesFromTenSeconds() {
        cluster.runtime()
                .image(
                        "nope:1",
                        ImageScript.pulledIn(Duration.ofMillis(10)).failing(-1, "not found"));
        create("{\"name\": \"app\", \"image\": \"nope:1\"}");

        cluster.advance(Duration.ofSeconds(320));

        assertThat(callsAt("PullImage"))
                .as("seconds of the pulls")
                .containsExactly(0L, 10L, 30L, 70L, 150L, 310L);
    }

    @Test
    void aForcedDeletionLeavesTwoSecondsToStopAndThenNothingBehind() {
        cluster.runtime().container("app", ContainerScript.runs().ignoringTerm());
        create("{\"name\": \"app\", \"image\": \"app:1\"}");
        cluster.advance(Duration.ofSeconds(8));
        int before = world.trace().size();

        cluster.deletePod("web", DeleteOptions.withGrace(0));
        cluster.advance(Duration.ofMinutes(1));

        assertThat(calls(before))
                .filteredOn(call -> !call.startsWith("InspectPod"))
                .containsExactly(
                        "StopContainer PT2S",
                        "StopPodSandbox",
                        "RemoveContainer",
                        "RemovePodSandbox",
                        "RemovePodDirectory");
        assertThat(cluster.runtime().held()).isZero();
    }

    @Test
    void thePreStopHookTakesItsTimeFromTheGracePeriod() {
        cluster.runtime().container("app", ContainerScript.runs().ignoringTerm());
        create(
                """
                {"name": "app", "image": "app:1", "lifecycle":
                 {"preStop": {"exec": {"command": ["sleep", "3"]}}}}""");
        cluster.advance(Duration.ofSeconds(8));
        int before = world.trace().size();

        cluster.deletePod("web", DeleteOptions.withGrace(10));
        cluster.advance(Duration.ofMinutes(1));

        assertThat(calls(before)).anyMatch(call -> call.startsWith("StopContainer PT6.9"));
    }

    private void create(String container) {
        cluster.create(
                "pods",
                JsonReader.parseObject(
                        """
                        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
                         "spec": {"containers": [%s]}}"""
                                .formatted(container)));
    }

    /// Whole seconds since the pod was created.
    private List<Long> callsAt(String name) {
        var created = 1;
        return world.trace().stream()
                .filter(line -> line.contains("runtime " + name))
                .map(line -> Math.round(Double.parseDouble(line.strip().split(" ")[0])) - created)
                .toList();
    }

    /// Names of the calls from a line of the trace on, of those that stop with the grace period.
    private List<String> calls(int from) {
        return world.trace().stream()
                .skip(from)
                .filter(line -> line.matches(".*(runtime |RemovePodDirectory).*"))
                .map(CallsTest::call)
                .toList();
    }

    private static String call(String line) {
        var call = line.strip().replaceFirst("^\\S+ (runtime )?", "");
        return call.startsWith("StopContainer")
                ? "StopContainer " + call.replaceFirst(".*grace=([^,\\]]+).*", "$1")
                : call.replaceFirst("[\\[ ].*", "");
    }
}
