// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.live.CriLog;
import dev.coracle.app.live.LiveInput;
import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.Registry.ObjectWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Tells what happens to all pods of a node: their changes, their events, their logs, and pulls.
///
/// A thread for each watch and each log; everything goes to one consumer, which must be safe for
/// that.
final class PodFeed implements AutoCloseable {
    private static final Duration WATCH_PAUSE = Duration.ofSeconds(1);
    private static final Duration LOG_PAUSE = Duration.ofMillis(50);

    private final RunningNode node;
    private final Consumer<LiveInput> sink;
    private final Map<Path, Follower> followers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    PodFeed(RunningNode node, Consumer<LiveInput> sink) {
        this.node = node;
        this.sink = sink;
    }

    void start() {
        node.onPull(
                pull ->
                        sink.accept(
                                new LiveInput.Pulling(
                                        pull.image(), pull.doneBytes(), pull.totalBytes())));
        watch("events", (_, event) -> sink.accept(new LiveInput.EventSeen(event)));
        watch("pods", this::podSeen);
    }

    /// Waits until every log of a container that has ended was read to its end, but not longer
    /// than `patience`.
    void drain(Duration patience) throws InterruptedException {
        for (var follower : followers.values()) {
            follower.ended = true;
            follower.thread.join(patience);
        }
    }

    private void podSeen(ObjectWatch.Type type, JsonObject pod) {
        follow(pod);
        sink.accept(
                type == ObjectWatch.Type.DELETED
                        ? new LiveInput.PodGone(pod)
                        : new LiveInput.PodChanged(pod));
    }

    private interface Seen {
        void object(ObjectWatch.Type type, JsonObject object);
    }

    private void watch(String plural, Seen seen) {
        var type = type(node.registry(), plural);
        var watch = node.registry().watch(type, ListOptions.all());
        Thread.ofVirtual()
                .name("feed-" + plural)
                .start(
                        () -> {
                            try (watch) {
                                while (!closed && !watch.closed()) {
                                    for (var event : watch.await(WATCH_PAUSE).events()) {
                                        seen.object(event.type(), event.entry().object());
                                    }
                                }
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    private static ResourceType type(Registry registry, String plural) {
        return registry.types().stream()
                .filter(type -> type.group().isEmpty() && type.plural().equals(plural))
                .findFirst()
                .orElseThrow();
    }

    private void follow(JsonObject pod) {
        var status = pod.object("status");
        for (var list : java.util.List.of("initContainerStatuses", "containerStatuses")) {
            for (var container : status.array(list).objects()) {
                follow(pod, container);
            }
        }
    }

    private void follow(JsonObject pod, JsonObject container) {
        var state = container.object("state");
        int attempt = (int) container.number("restartCount", 0);
        var name = container.string("name");
        if (attempt > 0) {
            follower(pod, name, attempt - 1).ended = true;
        }
        if (state.has("running") || state.has("terminated")) {
            follower(pod, name, attempt).ended = state.has("terminated");
        }
    }

    private Follower follower(JsonObject pod, String container, int attempt) {
        return followers.computeIfAbsent(
                node.logFile(pod, container, attempt),
                file -> new Follower(file, pod.object("metadata").string("name"), container));
    }

    @Override
    public void close() {
        closed = true;
    }

    /// Reads one log file as it grows.
    private final class Follower {
        private final Path file;
        private final String pod;
        private final String container;
        private final Thread thread;
        private volatile boolean ended;

        Follower(Path file, String pod, String container) {
            this.file = file;
            this.pod = pod;
            this.container = container;
            this.thread = Thread.ofVirtual().name("log-" + container).start(this::run);
        }

        private void run() {
            try {
                read();
            } catch (NoSuchFileException _) {
                // the container went, and its log with it, before anything was read
            } catch (IOException e) {
                sink.accept(new LiveInput.LogLine(pod, container, "(log unreadable: " + e + ")"));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private void read() throws IOException, InterruptedException {
            while (!Files.exists(file) && !ended && !closed) {
                Thread.sleep(LOG_PAUSE);
            }
            var log = new CriLog();
            var piece = new byte[8192];
            try (var in = Files.newInputStream(file)) {
                while (!closed) {
                    boolean last = ended; // before reading: what comes after it is read again
                    int length = in.read(piece);
                    if (length > 0) {
                        log.read(piece, length)
                                .forEach(
                                        line ->
                                                sink.accept(
                                                        new LiveInput.LogLine(
                                                                pod, container, line)));
                    } else if (last) {
                        return;
                    } else {
                        Thread.sleep(LOG_PAUSE);
                    }
                }
            }
        }
    }
}
