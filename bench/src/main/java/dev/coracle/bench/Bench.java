// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.json.JsonObject;
import dev.coracle.cri.CriRuntime;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Measures Coracle as a user meets it: `make bench`.
///
/// Prints one line a figure, medians first, and under each the floor: the same CRI calls by the
/// simplest client, against the same runtime, in the same run. Takes some minutes. [ExecProbes],
/// [ExitLatency], [PacketRulesBench] and [ReadyToServed] are programs of their own: `make bench
/// PROGRAM=ExecProbes`.
public final class Bench {
    /// What every node has without pulling.
    static final String IMAGE = "coracle.local/toolbox:1";

    private static final int STARTS = 5;
    private static final int SINGLE_PODS = 15;
    private static final List<Integer> BATCHES = List.of(10, 50, 100);
    private static final Duration IDLE = Duration.ofSeconds(20);

    private final Path launcher;
    private final Path scratch;
    private final PrintStream out;

    private Bench(Path launcher, Path scratch, PrintStream out) {
        this.launcher = launcher;
        this.scratch = scratch;
        this.out = out;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        var scratch = Files.createTempDirectory("coracle-bench-");
        new Bench(launcher(args), scratch, System.out).run();
    }

    /// The launcher that the arguments of a program name.
    static Path launcher(String[] args) {
        return Path.of(args.length > 0 ? args[0] : "./coracle").toAbsolutePath().normalize();
    }

    private void run() throws IOException, InterruptedException {
        describeMachine();
        new ProbeAccuracy(out).run();
        new DnsQueries(out).run();
        starts();
        var data = scratch.resolve("load");
        try (var node = NodeProcess.start(launcher, data);
                var api = node.awaitReady()) {
            awaitNodeReady(node, api);
            idle(data);
            pods(api, data);
        }
    }

    private void describeMachine() throws IOException {
        out.printf(
                "machine: %d cores, %s%n",
                Runtime.getRuntime().availableProcessors(),
                Files.readAllLines(Path.of("/proc/meminfo")).getFirst());
    }

    private void starts() throws IOException, InterruptedException {
        var ready = new Samples();
        var nodeReady = new Samples();
        var running = new Samples();
        var data = scratch.resolve("start");
        out.println("the very first start, with keys and images to make: " + start(data));
        for (int i = 0; i < STARTS; i++) {
            var moments = start(data);
            ready.add(moments.apiReady());
            nodeReady.add(moments.nodeReady());
            running.add(moments.firstRunning());
        }
        out.println("process start to API ready:         " + ready);
        out.println("process start to node Ready:        " + nodeReady);
        out.println("process start to first pod Running: " + running);
    }

    /// Counted from the start of the process.
    private record Moments(Duration apiReady, Duration nodeReady, Duration firstRunning) {
        @Override
        public String toString() {
            return "API %d ms, node Ready %d ms, first pod %d ms"
                    .formatted(apiReady.toMillis(), nodeReady.toMillis(), firstRunning.toMillis());
        }
    }

    private Moments start(Path data) throws IOException, InterruptedException {
        try (var node = NodeProcess.start(launcher, data);
                var api = node.awaitReady()) {
            var apiReady = node.age();
            createPod(node, api);
            awaitNodeReady(node, api);
            var nodeReady = node.age();
            node.await("the first pod", () -> podIsRunning(api));
            return new Moments(apiReady, nodeReady, node.age());
        }
    }

    private static void createPod(NodeProcess node, ApiClient api)
            throws IOException, InterruptedException {
        var pods = PodWatch.PODS;
        node.await(
                "a place for the first pod",
                () -> {
                    api.delete(pods + "/first?gracePeriodSeconds=0");
                    return api.post(pods, PodLatency.pod("first", IMAGE, 0)).code() == 201;
                });
    }

    private static boolean podIsRunning(ApiClient api) throws IOException, InterruptedException {
        return api.get(PodWatch.PODS + "/first")
                .body()
                .object("status")
                .string("phase")
                .equals("Running");
    }

    private static boolean nodeIsReady(ApiClient api) throws IOException, InterruptedException {
        return api.get("/api/v1/nodes").body().array("items").objects().stream()
                .flatMap(n -> n.object("status").array("conditions").objects().stream())
                .anyMatch(Bench::saysReady);
    }

    private static boolean saysReady(JsonObject condition) {
        return condition.string("type").equals("Ready")
                && condition.string("status").equals("True");
    }

    static void awaitNodeReady(NodeProcess node, ApiClient api)
            throws IOException, InterruptedException {
        node.await("the node", () -> nodeIsReady(api));
    }

    private void idle(Path data) throws IOException, InterruptedException {
        Thread.sleep(IDLE); // lets start-up's garbage go
        var before = figures(data);
        Thread.sleep(IDLE);
        var after = figures(data);
        out.printf(
                "idle, everything: %d MiB PSS in %d processes, %.1f %% of a core%n",
                after.pssBytes() >> 20,
                after.processes(),
                100.0 * after.cpu().minus(before.cpu()).toMillis() / IDLE.toMillis());
    }

    private static ProcessFigures figures(Path data) throws IOException {
        var runDirectory = socket(data).resolveSibling("").toString();
        return ProcessFigures.of(List.of(data.toString(), runDirectory));
    }

    private void pods(ApiClient api, Path data) throws IOException, InterruptedException {
        try (var runtime = CriRuntime.open(socket(data))) {
            var floor = new CriFloor(runtime, IMAGE, data.resolve("floor-logs"));
            new PodLatency(api, IMAGE).run("warm", 2, 2);
            floor.run("warm-floor", 2, 2);
            one(api, floor, "one pod", 0);
            one(api, floor, "one pod with two instant init containers", 2);
            for (int count : BATCHES) {
                var pods = new PodLatency(api, IMAGE).run("batch" + count, count, 0);
                var bare = floor.run("floor" + count, count, 0);
                out.printf(
                        "%d pods at once, last Running: %d ms; floor %d ms (x %.2f)%n",
                        count,
                        pods.wallToRunning().toMillis(),
                        bare.wallToRunning().toMillis(),
                        ratio(pods.wallToRunning(), bare.wallToRunning()));
            }
        }
    }

    private void one(ApiClient api, CriFloor floor, String what, int initContainers)
            throws IOException, InterruptedException {
        var running = new Samples();
        var gone = new Samples();
        var bare = new Samples();
        for (int i = 0; i < SINGLE_PODS; i++) {
            var result =
                    new PodLatency(api, IMAGE).run("one" + initContainers + i, 1, initContainers);
            running.add(result.toRunning().median());
            gone.add(result.toGone().median());
            bare.add(
                    floor.run("bare" + initContainers + i, 1, initContainers).toRunning().median());
        }
        out.printf(
                "%s, create to Running: %s; floor %s (x %.2f)%n",
                what, running, bare, ratio(running.median(), bare.median()));
        out.printf("%s, delete to gone: %s%n", what, gone);
    }

    private static double ratio(Duration ours, Duration floor) {
        return (double) ours.toNanos() / floor.toNanos();
    }

    /// The socket of the private containerd whose configuration names `data`.
    static Path socket(Path data) throws IOException {
        try (var nodes = Files.list(Path.of("/run/coracle"))) {
            for (var node : nodes.toList()) {
                var config = node.resolve("containerd.toml");
                if (Files.exists(config) && Files.readString(config).contains(data.toString())) {
                    return node.resolve("containerd.sock");
                }
            }
        }
        throw new IOException("no containerd of " + data + " is running");
    }
}
