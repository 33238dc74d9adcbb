// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of a node that ends, and of one that cannot start.
@Timeout(300)
class NodeRestartTest {
    private static final int MOST_WRITES = 1_000;

    private Path parent;
    private Path directory;
    private NodeProcess node;
    private NodeTraces traces;

    @BeforeEach
    void prepare() throws IOException {
        NodeProcess.assumeContainers();
        parent = Files.createTempDirectory("coracle-restart-");
        directory = parent.resolve("node");
        node = new NodeProcess(directory, "10.231.2.0/24", "10.230.2.0/24");
        traces = new NodeTraces(directory);
    }

    @AfterEach
    void remove() throws IOException, InterruptedException {
        if (node != null) {
            node.remove();
            Files.delete(parent);
        }
    }

    @Test
    void whatHappensToPodsWhileTheNodeIsAwayIsNoticedAtItsStart() throws Exception {
        var stays = new CountingPod("stays");
        var loses = new CountingPod("loses-its-container");
        var dies = new CountingPod("loses-its-sandbox");
        var goes = new CountingPod("goes");
        node.start();
        try (var client = NodeClient.of(node.kubeconfig())) {
            for (var pod : List.of(stays, loses, dies, goes)) {
                pod.create(client);
            }
            var before = stays.awaitRunning(client);
            var lost = loses.awaitRunning(client);
            var dead = dies.awaitRunning(client);
            goes.awaitRunning(client);
            forget(client, goes);
            node.kill();

            traces.killProcessesOf(id(lost));
            traces.killSandboxOf(id(dead));
            node.start();
            try (var again = NodeClient.of(node.kubeconfig())) {
                requireRestarted(again, loses, id(lost));
                requireRestarted(again, dies, id(dead));
                assertThat(dies.read(again).object("status").string("podIP"))
                        .as("address of the new sandbox")
                        .isNotEmpty();
                Kubectl.await("three pods are left", traces::pods, count -> count == 3);
                stays.requireAdopted(again, before, "after the restart");
                stays.requireFollowed(again, "after the restart");
            }
        }
    }

    /// Removes the object at once; its containers are the kubelet's to end.
    private static void forget(NodeClient client, CountingPod pod)
            throws IOException, InterruptedException {
        client.send(
                        "DELETE",
                        CountingPod.PODS + "/" + pod.name(),
                        """
                        {"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0}
                        """)
                .ok();
    }

    private static String id(JsonObject pod) {
        var id = CountingPod.container(pod).string("containerID");
        return id.substring(id.indexOf("://") + "://".length());
    }

    private static void requireRestarted(NodeClient client, CountingPod pod, String before) {
        var now =
                Kubectl.await(
                        pod.name() + " runs again",
                        () -> CountingPod.container(pod.read(client)),
                        container ->
                                container.object("state").has("running")
                                        && !container.string("containerID").endsWith(before));
        assertThat(now.number("restartCount", -1)).as("restarts of %s", pod.name()).isEqualTo(1);
        assertThat(now.object("lastState").object("terminated").number("exitCode", -1))
                .as("exit code of the container that %s had", pod.name())
                .isEqualTo(137);
    }

    @Test
    void aSignalEndsTheProcessAloneAndContainerdMayDie() throws Exception {
        var pod = new CountingPod("stays");
        node.start();
        try (var client = NodeClient.of(node.kubeconfig())) {
            pod.create(client);
            var before = pod.awaitRunning(client);

            assertThat(node.stop()).isZero();
            assertThat(node.said()).contains("containers go on; coracle up adopts them");
            node.start();
            try (var again = NodeClient.of(node.kubeconfig())) {
                pod.requireAdopted(again, before, "after the restart");

                var beside = node.runBeside();
                assertThat(beside.code()).isEqualTo(1);
                assertThat(beside.said())
                        .isEqualTo(
                                "coracle: %s is in use by process %d%n"
                                        .formatted(directory, node.pid()));

                var containerd = traces.containerds().getFirst();
                containerd.destroyForcibly();
                containerd.onExit().get(10, TimeUnit.SECONDS);
                var next = new CountingPod("next");
                next.create(again);
                next.awaitRunning(again);
                assertThat(CountingPod.container(pod.read(again)))
                        .isEqualTo(CountingPod.container(before));
            }
        }
        node.stop();
        node.down();
        assertThat(traces.all()).isEmpty();
    }

    @Test
    void aDamagedStoreIsRefusedInOneSentence() throws Exception {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("store.db"), "not a database at all ".repeat(500));

        var refused = node.runBeside();

        assertThat(refused.code()).isEqualTo(1);
        assertThat(sentences(refused.said()))
                .singleElement()
                .asString()
                .startsWith("coracle: %s is damaged: ".formatted(directory.resolve("store.db")))
                .endsWith("; restore it from a copy or move it away");
        assertThat(traces.all()).as("left behind").isEmpty();
    }

    @Test
    void aPortInUseIsSaidToBeSo() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var refused = node.runBeside("--port", Integer.toString(taken.getLocalPort()));

            assertThat(refused.code()).isEqualTo(1);
            assertThat(sentences(refused.said()))
                    .containsExactly(
                            "coracle: --bind-address, --port: cannot listen on 127.0.0.1:%d:"
                                            .formatted(taken.getLocalPort())
                                    + " Address already in use");
            assertThat(traces.all()).as("left behind").isEmpty();
        }
    }

    /// What was said, but for warnings about this machine.
    private static List<String> sentences(String said) {
        return said.lines().filter(line -> !line.contains(" WARN ")).toList();
    }

    @Test
    void aFullDiskStopsTheNodeAndRoomLetsItGoOn() throws Exception {
        var pod = new CountingPod("stays");
        Files.createDirectories(directory);
        run("mount", "-t", "tmpfs", "-o", "size=48m", "coracle-test", directory.toString());
        var filler = directory.resolve("filler");
        try {
            node.start();
            String before;
            try (var client = NodeClient.of(node.kubeconfig())) {
                pod.create(client);
                before = id(pod.awaitRunning(client));
                fill(filler);
                assertThat(refusal(client))
                        .contains(node.directory() + "/store.db", "disk is full");
                assertThat(node.awaitEnd()).isEqualTo(1);
            }
            assertThat(node.said())
                    .contains(
                            ("coracle: the node stopped: %s cannot be written: the disk is full;"
                                            + " containers go on; coracle up adopts them,"
                                            + " coracle down ends them")
                                    .formatted(directory.resolve("store.db")));
            var tooEarly = node.runBeside();
            assertThat(tooEarly.code()).isEqualTo(1);
            assertThat(tooEarly.said())
                    .contains(directory.toString()) // whichever file it needs room for first
                    .containsAnyOf("the disk is full", "No space left on device")
                    .doesNotContain("\tat ");
            Files.delete(filler);
            node.start();
            try (var client = NodeClient.of(node.kubeconfig())) {
                assertThat(id(pod.awaitRunning(client))).isEqualTo(before);
            }
            node.stop();
        } finally {
            Files.deleteIfExists(filler);
            node.end();
            run("umount", "--lazy", directory.toString());
        }
    }

    /// The answer to the first write that there is no room for.
    private static String refusal(NodeClient client) throws IOException, InterruptedException {
        for (int i = 0; i < MOST_WRITES; i++) {
            var answer =
                    client.send(
                            "POST",
                            KilledNodeTest.CONFIG_MAPS,
                            """
                            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"full-%d"},
                             "data":{"padding":"%s"}}
                            """
                                    .formatted(i, "x".repeat(10_000)));
            if (answer.code() != 201) {
                assertThat(answer.code()).as(answer.text()).isEqualTo(500);
                return answer.text();
            }
        }
        throw new AssertionError("there is room for everything");
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }
}
