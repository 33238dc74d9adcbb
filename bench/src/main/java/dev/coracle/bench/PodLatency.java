// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Creates pods and deletes them again, timing each step as a watching client sees it.
final class PodLatency {
    private static final String PODS = PodWatch.PODS;
    private static final int PATIENCE_SECONDS = 300;

    private final ApiClient api;
    private final String image;
    private final Map<String, Long> created = new ConcurrentHashMap<>();
    private final Map<String, Long> deleted = new ConcurrentHashMap<>();
    private final Samples toRunning = new Samples();
    private final Samples toGone = new Samples();

    PodLatency(ApiClient api, String image) {
        this.api = api;
        this.image = image;
    }

    /// `wallToRunning` is from the first create to the last pod's being Running.
    record Result(Samples toRunning, Samples toGone, Duration wallToRunning) {}

    /// `count` pods at once, each with `initContainers` init containers that end at once.
    Result run(String prefix, int count, int initContainers)
            throws IOException, InterruptedException {
        var running = new CountDownLatch(count);
        var gone = new CountDownLatch(count);
        var names = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            names.add(prefix + "-" + i);
        }
        try (var _ = PodWatch.open(api, event -> seen(event, running, gone))) {
            long begin = System.nanoTime();
            forAll(
                    names,
                    name -> {
                        created.put(name, System.nanoTime());
                        expect(201, api.post(PODS, pod(name, image, initContainers)));
                    });
            await(running, "Running");
            var wall = Duration.ofNanos(System.nanoTime() - begin);
            forAll(
                    names,
                    name -> {
                        deleted.put(name, System.nanoTime());
                        expect(200, api.delete(PODS + "/" + name));
                    });
            await(gone, "gone");
            return new Result(toRunning, toGone, wall);
        }
    }

    private void seen(JsonObject event, CountDownLatch running, CountDownLatch gone) {
        long now = System.nanoTime();
        var pod = event.object("object");
        var name = pod.object("metadata").string("name");
        if (pod.object("status").string("phase").equals("Running")) {
            var since = created.remove(name);
            if (since != null) {
                toRunning.add(Duration.ofNanos(now - since));
                running.countDown();
            }
        }
        if (event.string("type").equals("DELETED")) {
            var since = deleted.remove(name);
            if (since != null) {
                toGone.add(Duration.ofNanos(now - since));
                gone.countDown();
            }
        }
    }

    static JsonObject pod(String name, String image, int initContainers) {
        var init = new ArrayList<Json>();
        for (int i = 0; i < initContainers; i++) {
            init.add(container("init" + i, image, "true"));
        }
        return JsonObject.builder()
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("metadata", JsonObject.of("name", Json.of(name)))
                .put(
                        "spec",
                        JsonObject.builder()
                                .putUnlessEmpty("initContainers", JsonArray.of(init))
                                .put(
                                        "containers",
                                        JsonArray.of(
                                                container(
                                                        "app",
                                                        image,
                                                        "trap 'exit 0' TERM; sleep 3600 & wait")))
                                .build())
                .build();
    }

    private static JsonObject container(String name, String image, String script) {
        return JsonObject.builder()
                .put("name", name)
                .put("image", image)
                .put("imagePullPolicy", "IfNotPresent")
                .put("command", JsonArray.ofStrings(List.of("sh", "-c", script)))
                .build();
    }

    private interface Task {
        void run(String name) throws IOException, InterruptedException;
    }

    private static void forAll(List<String> names, Task task) throws IOException {
        try (var threads = Executors.newFixedThreadPool(8, Thread.ofVirtual().factory())) {
            var all =
                    names.stream()
                            .map(
                                    name ->
                                            threads.submit(
                                                    () -> {
                                                        task.run(name);
                                                        return name;
                                                    }))
                            .toList();
            for (var one : all) {
                one.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static void expect(int code, ApiClient.Answer answer) throws IOException {
        if (answer.code() != code) {
            throw new IOException("expected %d, got %s".formatted(code, answer));
        }
    }

    private static void await(CountDownLatch latch, String what)
            throws IOException, InterruptedException {
        if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException(latch.getCount() + " pods are not " + what);
        }
    }
}
