// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Measures how long it takes from a container's end to the watch event that says so: its process
/// is killed from outside, one container after the other on an otherwise idle node.
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
        try (var node = NodeProcess.start(Bench.launcher(args), scratch.resolve("exit"));
                var api = node.awaitReady()) {
            Bench.awaitNodeReady(node, api);
            System.out.println("end of a container to watch event: " + new ExitLatency(api).run());
        }
    }

    private Samples run() throws IOException, InterruptedException {
        var samples = new Samples();
        try (var _ = PodWatch.open(api, this::note)) {
            once("warm");
            for (int i = 0; i < EXITS; i++) {
                samples.add(once("exit-" + i));
            }
        }
        return samples;
    }

    private Duration once(String name) throws IOException, InterruptedException {
        var queue = new LinkedBlockingQueue<Seen>();
        seen.put(name, queue);
        if (api.post(PODS, pod(name)).code() != 201) {
            throw new IOException("pod " + name + " is not accepted");
        }
        var running = await(queue, "running");
        var process = process(running.container().string("containerID").replaceFirst(".*://", ""));
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

    private static ProcessHandle process(String containerId) throws IOException {
        for (var process : ProcessHandle.allProcesses().toList()) {
            var cgroup = Path.of("/proc", Long.toString(process.pid()), "cgroup");
            if (Files.exists(cgroup) && Files.readString(cgroup).contains(containerId)) {
                return process;
            }
        }
        throw new IOException("no process of container " + containerId);
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
