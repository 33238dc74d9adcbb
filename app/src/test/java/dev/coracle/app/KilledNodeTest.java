// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Kills a node with SIGKILL, again and again, at random moments while it is written to, and looks
/// for everything that it acknowledged and for the containers that it ran.
///
/// The environment variable `CORACLE_KILLS` says how often, `CORACLE_SEED` with which delays.
@Timeout(1_800)
class KilledNodeTest {
    static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

    private static final int KILLS = setting("CORACLE_KILLS", 5);
    private static final int SEED = setting("CORACLE_SEED", 1);
    private static final int WRITERS = 4;
    private static final int LONGEST_LOAD_MILLIS = 1_500;
    private static final int LONGEST_START_MILLIS = 3_000;
    private static final InstantSource CLOCK = InstantSource.system();

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<NotedWrites> writers = new ArrayList<>();
    private final Map<CountingPod, JsonObject> lasting = new LinkedHashMap<>();
    private final List<Duration> starts = new ArrayList<>();
    private Path directory;
    private NodeProcess node;
    private NodeTraces traces;

    private static int setting(String variable, int otherwise) {
        var value = System.getenv(variable);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    @BeforeEach
    void prepare() throws IOException {
        NodeProcess.assumeContainers();
        directory = Files.createTempDirectory("coracle-killed-").resolve("node");
        node = new NodeProcess(directory, "10.231.1.0/24", "10.230.1.0/24");
        traces = new NodeTraces(directory);
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new NotedWrites("writer" + i, random.split()));
        }
    }

    @AfterEach
    void remove() throws IOException, InterruptedException {
        if (node != null) {
            node.remove();
            Files.delete(directory.getParent());
        }
    }

    @Test
    void whatWasAcknowledgedAndWhatRunsOutlivesEveryKill() throws Exception {
        killWhileStarting(); // before there is anything: keys, certificates, images
        start();
        try (var client = NodeClient.of(node.kubeconfig())) {
            for (var pod : List.of(new CountingPod("one"), new CountingPod("two"))) {
                pod.create(client);
                lasting.put(pod, JsonObject.EMPTY);
            }
            lasting.replaceAll((pod, _) -> pod.awaitRunning(client));
        }
        for (int kill = 1; kill <= KILLS; kill++) {
            killUnderLoad(kill);
            if (kill % 3 == 0) {
                killWhileStarting();
            }
            start();
            look(kill);
        }
        finish();
        node.down();
        assertThat(traces.all()).isEmpty();
    }

    private void start() throws IOException {
        var before = CLOCK.instant();
        node.start();
        starts.add(Duration.between(before, CLOCK.instant()));
    }

    private void killWhileStarting() throws IOException, InterruptedException {
        node.launch();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_START_MILLIS));
        node.kill();
    }

    private void killUnderLoad(int kill) throws Exception {
        try (var client = NodeClient.of(node.kubeconfig())) {
            var writing = new ArrayList<FutureTask<?>>();
            for (var writer : writers) {
                var task = new FutureTask<>(() -> writer.writeUntilSilence(client), null);
                Thread.startVirtualThread(task);
                writing.add(task);
            }
            Instant end = CLOCK.instant().plusMillis(random.nextInt(LONGEST_LOAD_MILLIS));
            pass(client, kill);
            var left = Duration.between(CLOCK.instant(), end);
            TimeUnit.MILLISECONDS.sleep(Math.max(0, left.toMillis()));
            node.kill();
            for (var task : writing) {
                task.get();
            }
        }
    }

    /// One pod comes and the one before it goes, so that kills meet the kubelet in its work.
    private static void pass(NodeClient client, int kill) throws IOException, InterruptedException {
        passing(kill).create(client);
        if (kill > 1) {
            client.send("DELETE", CountingPod.PODS + "/passing-" + (kill - 1), null).ok();
        }
    }

    private static CountingPod passing(int kill) {
        return new CountingPod("passing-" + kill);
    }

    private void look(int kill) throws Exception {
        var when = "after kill " + kill;
        try (var client = NodeClient.of(node.kubeconfig())) {
            var list = client.get(CONFIG_MAPS).ok();
            for (var writer : writers) {
                writer.requireAllIn(list, when);
            }
            passing(kill).awaitRunning(client);
            if (kill > 1) {
                passing(kill - 1).awaitGone(client);
            }
            for (var pod : lasting.entrySet()) {
                pod.getKey().requireAdopted(client, pod.getValue(), when);
                pod.getKey().requireFollowed(client, when);
            }
            traces.noteNetworkNamespaces();
        }
    }

    /// Nothing runs but the pods that there are; then the numbers, for those who asked for many.
    private void finish() throws Exception {
        try (var client = NodeClient.of(node.kubeconfig())) {
            var last = passing(KILLS);
            client.send("DELETE", CountingPod.PODS + "/" + last.name(), null).ok();
            last.awaitGone(client);
        }
        // What the runtime has of a pod may end after the object is gone.
        Kubectl.await(
                "the runtime has only the pods that there are",
                traces::pods,
                pods -> pods == lasting.size());
        starts.sort(null);
        System.out.printf(
                "%d kills; %d writes acknowledged, %d objects live; ready again after %d ms"
                        + " (median), %d ms (longest)%n",
                KILLS,
                writers.stream().mapToInt(NotedWrites::acknowledged).sum(),
                writers.stream().mapToInt(NotedWrites::live).sum(),
                starts.get(starts.size() / 2).toMillis(),
                starts.getLast().toMillis());
    }
}
