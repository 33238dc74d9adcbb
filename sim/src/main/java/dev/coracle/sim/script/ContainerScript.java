// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import java.time.Duration;
import java.util.List;

/// How one run of a container goes. Every time in it counts from the start of the run.
///
/// `startDelay` is how long starting it takes; `ending` what it does by itself; `onTerm` what a
/// SIGTERM does; `memory` what it uses from when on; `words` what it leaves behind; `files` what
/// comes and goes in its file system; `commands` what commands run in it answer; `endpoints` where
/// it listens.
public record ContainerScript(
        Duration startDelay,
        Ending ending,
        OnTerm onTerm,
        List<MemoryUse> memory,
        Words words,
        List<FileScript> files,
        List<CommandScript> commands,
        List<Endpoint> endpoints) {
    public ContainerScript {
        memory = List.copyOf(memory);
        files = List.copyOf(files);
        commands = List.copyOf(commands);
        endpoints = List.copyOf(endpoints);
    }

    /// How a container ends when nobody stops it.
    public sealed interface Ending {
        record Never() implements Ending {}

        record Exits(int exitCode, Duration after) implements Ending {}

        /// Killed by the kernel for want of memory: exit code 137, reason OOMKilled.
        record OutOfMemory(Duration after) implements Ending {}

        /// Does not even start; `message` is the runtime's.
        record StartFails(String message) implements Ending {}
    }

    /// What follows a SIGTERM.
    public sealed interface OnTerm {
        record Exits(int exitCode, Duration after) implements OnTerm {}

        /// Runs on until it is killed.
        record Ignored() implements OnTerm {}
    }

    /// From `from` on the run uses this much memory. More than the container's limit ends it as
    /// [Ending.OutOfMemory] does.
    public record MemoryUse(Duration from, long bytes) {}

    /// What a run leaves behind: the text in its termination message file, and the end of its log.
    ///
    /// <https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/>
    public record Words(String terminationMessage, String log) {
        public static final Words NONE = new Words("", "");
    }

    private static final OnTerm OBEYS = new OnTerm.Exits(143, Duration.ofMillis(20));

    private static ContainerScript of(Ending ending) {
        return new ContainerScript(
                Duration.ZERO,
                ending,
                OBEYS,
                List.of(),
                Words.NONE,
                List.of(),
                List.of(),
                List.of());
    }

    /// Runs until it is stopped.
    public static ContainerScript runs() {
        return of(new Ending.Never());
    }

    public static ContainerScript exits(int exitCode, Duration after) {
        return of(new Ending.Exits(exitCode, after));
    }

    public static ContainerScript runsOutOfMemory(Duration after) {
        return of(new Ending.OutOfMemory(after));
    }

    public static ContainerScript failsToStart(String message) {
        return of(new Ending.StartFails(message));
    }

    public ContainerScript startingIn(Duration delay) {
        return new ContainerScript(
                delay, ending, onTerm, memory, words, files, commands, endpoints);
    }

    public ContainerScript ignoringTerm() {
        return onTerm(new OnTerm.Ignored());
    }

    public ContainerScript onTerm(OnTerm reaction) {
        return new ContainerScript(
                startDelay, ending, reaction, memory, words, files, commands, endpoints);
    }

    public ContainerScript using(MemoryUse... uses) {
        return new ContainerScript(
                startDelay, ending, onTerm, List.of(uses), words, files, commands, endpoints);
    }

    public ContainerScript leaving(Words said) {
        return new ContainerScript(
                startDelay, ending, onTerm, memory, said, files, commands, endpoints);
    }

    public ContainerScript withFiles(FileScript... scripted) {
        return new ContainerScript(
                startDelay, ending, onTerm, memory, words, List.of(scripted), commands, endpoints);
    }

    public ContainerScript answering(CommandScript... scripted) {
        return new ContainerScript(
                startDelay, ending, onTerm, memory, words, files, List.of(scripted), endpoints);
    }

    public ContainerScript listening(Endpoint... scripted) {
        return new ContainerScript(
                startDelay, ending, onTerm, memory, words, files, commands, List.of(scripted));
    }

    /// How the run ends by itself in a container that may use `limitBytes` of memory; 0: no limit.
    public Ending endingWithin(long limitBytes) {
        for (var use : memory) {
            if (limitBytes > 0 && use.bytes() > limitBytes && !endsBefore(use.from())) {
                return new Ending.OutOfMemory(use.from());
            }
        }
        return ending;
    }

    private boolean endsBefore(Duration time) {
        return switch (ending) {
            case Ending.Never() -> false;
            case Ending.Exits(_, var after) -> after.compareTo(time) < 0;
            case Ending.OutOfMemory(var after) -> after.compareTo(time) < 0;
            case Ending.StartFails _ -> true;
        };
    }

    /// The runs of one container in order; the last one repeats.
    public record Runs(List<ContainerScript> scripts) {
        public Runs {
            if (scripts.isEmpty()) {
                throw new IllegalArgumentException("a container needs at least one script");
            }
            scripts = List.copyOf(scripts);
        }

        public ContainerScript run(int attempt) {
            return scripts.get(Math.min(attempt, scripts.size() - 1));
        }
    }
}
