// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.live.LiveInput;
import dev.coracle.app.live.LiveView;
import dev.coracle.app.live.Screen;
import dev.coracle.app.manifest.Application;
import dev.coracle.app.manifest.Application.Applied;
import dev.coracle.app.manifest.Manifest;
import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One `coracle run`, from the start of its node to the last trace of it.
///
/// Everything that happens comes through one queue to one thread.
final class Run {
    static final int INTERRUPTED = 130;
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(2);

    private sealed interface Happening {
        record Life(LiveInput input) implements Happening {}

        record Interrupt() implements Happening {}

        record Crash(Throwable cause) implements Happening {}
    }

    private final Signals.Source signals;
    private final NodeStarter starter;
    private final NodeConfig config;
    private final List<Manifest> manifests;
    private final Consumer<String> say;
    private final InstantSource clock = InstantSource.system();
    private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();
    private final LiveView view = new LiveView(clock.instant());
    private final Screen screen;

    /// The pods of the files, by uid, in their latest state; a pod that is gone keeps its last.
    private final Map<String, JsonObject> pods = new LinkedHashMap<>();

    private final Set<String> gone = new LinkedHashSet<>();

    Run(
            Signals.Source signals,
            NodeStarter starter,
            NodeConfig config,
            List<Manifest> manifests,
            PrintWriter out,
            Consumer<String> say) {
        this.signals = signals;
        this.starter = starter;
        this.config = config;
        this.manifests = List.copyOf(manifests);
        this.say = say;
        var names =
                manifests.stream()
                        .filter(manifest -> manifest.kind().equals("Pod"))
                        .map(Manifest::name)
                        .toList();
        this.screen =
                new Screen(
                        out,
                        isTerminal(),
                        names.size() > 1,
                        names.stream().mapToInt(String::length).max().orElse(0));
    }

    /// Returns the exit code.
    int run() throws Exception {
        try (var _ = signals.listen(() -> happenings.add(new Happening.Interrupt()))) {
            var node = start();
            config.files().markReady(node.address());
            NodeEnd.watch(node, crash -> happenings.add(new Happening.Crash(crash)));
            try (var feed = new PodFeed(node, this::happened)) {
                say.accept(
                        "node %s, kubectl --kubeconfig %s get pods"
                                .formatted(node.name(), config.files().kubeconfig()));
                return live(node, feed);
            } finally {
                node.dismantle();
            }
        }
    }

    /// A node that could not be started may have got as far as its container runtime.
    private RunningNode start() throws IOException {
        try {
            return starter.start(config, say);
        } catch (IOException | RuntimeException e) {
            try {
                starter.sweep(config.dataDirectory(), say);
            } catch (IOException | RuntimeException further) {
                e.addSuppressed(further);
            }
            throw e;
        }
    }

    private int live(RunningNode node, PodFeed feed) throws Exception {
        feed.start();
        var application =
                new Application(
                        node.registry(),
                        node.registry().types(),
                        warning -> say.accept("warning: " + warning));
        for (var applied : application.apply(manifests)) {
            remember(applied);
        }
        var code = untilTheEnd();
        if (code.isEmpty()) {
            say.accept("stopping pods; once more to stop them at once");
        } else {
            feed.drain(LOG_PATIENCE); // before the logs go with their pods
            showWhatIsLeft();
        }
        stop(node);
        feed.drain(LOG_PATIENCE); // what containers said while they were stopping
        showWhatIsLeft();
        return code.orElse(INTERRUPTED);
    }

    private void remember(Applied applied) {
        var object = applied.object();
        if (applied.type().kind().equals("Pod")) {
            pods.put(uid(object), object);
        } else if (ActedOn.byNobody(applied.type())) {
            say.accept(ActedOn.sentence(applied));
        }
    }

    /// Shows what happens until all pods have ended (their exit code) or a signal came (empty).
    private OptionalInt untilTheEnd() throws Exception {
        boolean ends = !pods.isEmpty() && pods.values().stream().allMatch(Outcome::isMeantToEnd);
        while (true) {
            switch (happenings.take()) {
                case Happening.Life(var input) -> show(input);
                case Happening.Interrupt() -> {
                    return OptionalInt.empty();
                }
                case Happening.Crash(var cause) -> throw crash(cause);
            }
            var code = Outcome.exitCode(List.copyOf(pods.values()));
            if (ends && code.isPresent()) {
                return code;
            }
            if (!pods.isEmpty() && gone.containsAll(pods.keySet())) {
                return OptionalInt.of(code.orElse(1)); // somebody deleted them
            }
        }
    }

    private void stop(RunningNode node) throws Exception {
        new PodStop(node, clock, say)
                .run(() -> gone.containsAll(pods.keySet()), this::attendWhileStopping);
        showWhatIsLeft();
    }

    /// Whether pods shall stop at once.
    private boolean attendWhileStopping(Duration patience) throws Exception {
        var happening = happenings.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        return switch (happening) {
            case null -> false;
            case Happening.Life(var input) -> {
                show(input);
                yield false;
            }
            case Happening.Interrupt() -> true;
            case Happening.Crash(var cause) -> throw crash(cause);
        };
    }

    private void showWhatIsLeft() {
        for (var next = happenings.poll(); next != null; next = happenings.poll()) {
            if (next instanceof Happening.Life(var input)) {
                show(input);
            }
        }
    }

    private void show(LiveInput input) {
        switch (input) {
            case LiveInput.PodChanged(var pod) -> pods.replace(uid(pod), pod);
            case LiveInput.PodGone(var pod) -> {
                pods.replace(uid(pod), pod);
                gone.add(uid(pod));
            }
            case LiveInput.EventSeen _, LiveInput.Pulling _, LiveInput.LogLine _ -> {}
        }
        view.handle(input, clock.instant()).forEach(screen::show);
    }

    private void happened(LiveInput input) {
        happenings.add(new Happening.Life(input));
    }

    private static Exception crash(Throwable cause) {
        return NodeEnd.because(cause, "its containers are removed");
    }

    @SuppressWarnings("SystemConsoleNull") // from JDK 25 on it is null again without a terminal
    private static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    private static String uid(JsonObject pod) {
        return pod.object("metadata").string("uid");
    }
}
