// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import java.time.Duration;
import java.util.List;

/// How one run of a container goes.
///
/// `startDelay` is how long starting it takes; `ending` what it does by itself; `onTerm` what a
/// SIGTERM does.
public record ContainerScript(Duration startDelay, Ending ending, OnTerm onTerm) {

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

    private static final OnTerm OBEYS = new OnTerm.Exits(143, Duration.ofMillis(20));

    /// Runs until it is stopped.
    public static ContainerScript runs() {
        return new ContainerScript(Duration.ZERO, new Ending.Never(), OBEYS);
    }

    public static ContainerScript exits(int exitCode, Duration after) {
        return new ContainerScript(Duration.ZERO, new Ending.Exits(exitCode, after), OBEYS);
    }

    public static ContainerScript runsOutOfMemory(Duration after) {
        return new ContainerScript(Duration.ZERO, new Ending.OutOfMemory(after), OBEYS);
    }

    public static ContainerScript failsToStart(String message) {
        return new ContainerScript(Duration.ZERO, new Ending.StartFails(message), OBEYS);
    }

    public ContainerScript startingIn(Duration delay) {
        return new ContainerScript(delay, ending, onTerm);
    }

    public ContainerScript ignoringTerm() {
        return new ContainerScript(startDelay, ending, new OnTerm.Ignored());
    }

    /// The runs of one container in order; the last one repeats.
    record Runs(List<ContainerScript> scripts) {
        Runs {
            if (scripts.isEmpty()) {
                throw new IllegalArgumentException("a container needs at least one script");
            }
            scripts = List.copyOf(scripts);
        }

        ContainerScript run(int attempt) {
            return scripts.get(Math.min(attempt, scripts.size() - 1));
        }
    }
}
