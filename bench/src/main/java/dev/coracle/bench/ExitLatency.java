// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.cri.CriRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Measures how long it takes from a container's end to the watch event that says so: its process
/// is killed from outside, one container after the other on an otherwise idle node. In turn with
/// them, how long the runtime takes to say so of a container that no pod has.
///
/// A program of its own, with the launcher as argument; takes a minute.
public final class ExitLatency {
    private static final String PODS = PodWatch.PODS;
    private static final int EXITS = 100;
    private static final int PATIENCE_SECONDS = 60;

    private final ApiClient api;
    private final Map<String, BlockingQueue<Seen>> seen = new ConcurrentHashMap<>();

    /// The state of a pod's container, and when a watch told of it.
    private record Seen(long atNanos, JsonObject container, boolean deleted) {}

    private ExitLatency(ApiClient api) {
        this.api = api;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        var scratch = Files.createTempDirectory("coracle-bench-");
        var data = scratch.resolve("exit");
        try (var node = NodeProcess.start(Bench.launcher(args), data);
                var api = node.awaitReady()) {
            Bench.awaitNodeReady(node, api);
            try (var runtime = CriRuntime.open(Bench.socket(data))) {
                var floor = new CriFloor(runtime, Bench.IMAGE, data.resolve("floor-logs"));
                new ExitLatency(api).run(floor);
            }
        }
    }

    private void run(CriFloor floor) throws IOException, InterruptedException {
        var told = new Samples();
        var bare = new Samples();
        try (var _ = PodWatch.open(api, this::note)) {
            once("warm");
            floor.end("warm-floor");
            for (int i = 0; i < EXITS; i++) {
                told.add(once("exit-" + i));
                bare.add(floor.end("floor-" + i));
            }
        }
        System.out.printf("end of a container to watch event: %s%n", told);
        System.out.printf(
                "end of a container until the runtime says so: %s; ratio of the medians %.2f%n",
                bare, (double) told.median().toNanos() / bare.median().toNanos());
    }

    private Duration once(String name) throws IOException, InterruptedException {
        var queue = new LinkedBlockingQueue<Seen>();
        seen.put(name, queue);
        if (api.post(PODS, pod(name)).code() != 201) {
            throw new IOException("pod " + name + " is not accepted");
        }
        var running = await(queue, "running");
        var process =
                ContainerProcess.of(
                        running.container().string("containerID").replaceFirst(".*://", ""));
        long killed = System.nanoTime();
        process.destroyForcibly();
        long told = await(queue, "terminated").atNanos();
        api.delete(PODS + "/" + name);
        awaitGone(queue); // the next one is to end on an idle node
        return Duration.ofNanos(told - killed);
    }

    private static void awaitGone(BlockingQueue<Seen> queue)
            throws IOException, InterruptedException {
        while (true) {
            var next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new IOException("no pod was deleted");
            }
            if (next.deleted()) {
                return;
            }
        }
    }

    private static Seen await(BlockingQueue<Seen> queue, String state)
            throws IOException, InterruptedException {
        while (true) {
            var next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new IOException("no container was " + state);
            }
            if (next.container().object("state").has(state)) {
                return next;
            }
        }
    }

    private void note(JsonObject event) {
        var pod = event.object("object");
        var queue = seen.get(pod.object("metadata").string("name"));
        var statuses = pod.object("status").array("containerStatuses").objects();
        if (queue != null && !statuses.isEmpty()) {
            var deleted = event.string("type").equals("DELETED");
            queue.add(new Seen(System.nanoTime(), statuses.getFirst(), deleted));
        }
    }

    private static JsonObject pod(String name) {
        var container =
                JsonObject.builder()
                        .put("name", "app")
                        .put("image", Bench.IMAGE)
                        .put("command", JsonArray.ofStrings(List.of("sleep", "3600")))
                        .build();
        var spec =
                JsonObject.builder()
                        .put("restartPolicy", "Never")
                        .put("terminationGracePeriodSeconds", 0)
                        .put("containers", JsonArray.of(container))
                        .build();
        return JsonObject.builder()
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("metadata", JsonObject.of("name", Json.of(name)))
                .put("spec", spec)
                .build();
    }
}
