// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.sim.script.CommandScript;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.Endpoint;
import dev.coracle.sim.script.FileScript;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One run of a container: what became of it so far, and the files in it.
final class PretendedContainer {
    private static final String POLICY = "io.kubernetes.container.terminationMessagePolicy";
    private static final String FALL_BACK = "FallbackToLogsOnError";

    final String id;
    final PretendedSandbox sandbox;
    final ContainerSpec spec;
    final ContainerScript script;
    private final World world;
    private final Instant createdAt;
    private final Map<String, String> files = new LinkedHashMap<>();
    private final List<Runnable> onEnd = new ArrayList<>();
    private State state = State.CREATED;
    private @Nullable Instant startedAt;
    private @Nullable Instant finishedAt;
    private int exitCode;
    private String reason = "";
    private String message = "";

    PretendedContainer(
            String id,
            PretendedSandbox sandbox,
            ContainerSpec spec,
            ContainerScript script,
            World world) {
        this.id = id;
        this.sandbox = sandbox;
        this.spec = spec;
        this.script = script;
        this.world = world;
        this.createdAt = world.instant();
    }

    State state() {
        return state;
    }

    boolean running() {
        return state == State.RUNNING;
    }

    /// How long it has run.
    Duration age() {
        return startedAt == null ? Duration.ZERO : Duration.between(startedAt, world.instant());
    }

    Happening.Run run() {
        return new Happening.Run(sandbox.pod(), spec.name(), spec.attempt());
    }

    void start() {
        state = State.RUNNING;
        startedAt = world.instant();
        world.note("started " + this);
        sandbox.tell(new Happening.Started(world.instant(), run()));
        script.files().forEach(this::plan);
        changesOfAnswers().forEach(change -> world.foresee(change, () -> {}));
    }

    private Stream<Duration> changesOfAnswers() {
        return Stream.concat(
                        script.endpoints().stream()
                                .flatMap(endpoint -> endpoint.answers().stream())
                                .map(Endpoint.Answer::from),
                        script.commands().stream()
                                .flatMap(command -> command.answers().stream())
                                .map(CommandScript.Answer::from))
                .filter(from -> !from.isZero());
    }

    private void plan(FileScript file) {
        if (file.from().isZero()) {
            files.put(file.path(), file.content());
        } else {
            world.foresee(file.from(), () -> write(file.path(), file.content()));
        }
        if (file.until() != null) {
            world.foresee(file.until(), () -> remove(file.path()));
        }
    }

    /// What it says of a start that failed.
    void failedToStart(String why) {
        startedAt = world.instant();
        end(128, "StartError");
        message = why;
    }

    /// Returns false, and does nothing, when it has ended before.
    boolean end(int code, String why) {
        if (state == State.EXITED) {
            return false;
        }
        state = State.EXITED;
        finishedAt = world.instant();
        exitCode = code;
        reason = why;
        message = lastWords();
        files.clear();
        world.note("ended " + this + " with " + code + " " + why);
        sandbox.tell(new Happening.Ended(world.instant(), run(), code, why));
        return true;
    }

    /// Tells those who wait for the end.
    void ended() {
        var waiting = List.copyOf(onEnd);
        onEnd.clear();
        waiting.forEach(Runnable::run);
    }

    void onEnd(Runnable then) {
        onEnd.add(then);
    }

    void notOnEnd(Runnable then) {
        onEnd.remove(then);
    }

    /// <https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/>
    private String lastWords() {
        var words = script.words();
        boolean fallsBack = FALL_BACK.equals(spec.annotations().get(POLICY)) && exitCode != 0;
        return words.terminationMessage().isEmpty() && fallsBack
                ? words.log()
                : words.terminationMessage();
    }

    // ---- files

    boolean hasFile(String path) {
        return files.containsKey(path);
    }

    String content(String path) {
        return Objects.requireNonNullElse(files.get(path), "");
    }

    void write(String path, String content) {
        if (running() && files.put(path, content) == null) {
            sandbox.tell(new Happening.FileChanged(world.instant(), run(), path, true));
        }
    }

    void remove(String path) {
        if (files.remove(path) != null) {
            sandbox.tell(new Happening.FileChanged(world.instant(), run(), path, false));
        }
    }

    RuntimeReply.ContainerStatus status() {
        return new RuntimeReply.ContainerStatus(
                id,
                sandbox.id,
                spec.name(),
                spec.attempt(),
                state,
                createdAt,
                startedAt,
                finishedAt,
                exitCode,
                reason,
                message,
                spec.image(),
                spec.imageRef(),
                spec.logPath(),
                spec.labels(),
                spec.annotations());
    }

    @Override
    public String toString() {
        return "%s/%s#%d".formatted(sandbox.spec.name(), spec.name(), spec.attempt());
    }
}
