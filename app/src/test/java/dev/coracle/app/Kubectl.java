// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Stock kubectl, as a user runs it.
final class Kubectl {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PROCESS_SECONDS = 120;
    private static final long POLL_MILLIS = 50;

    private final String binary;
    private final Path kubeconfig;
    private final String namespace;

    Kubectl(String binary, Path kubeconfig, String namespace) {
        this.binary = binary;
        this.kubeconfig = kubeconfig;
        this.namespace = namespace;
    }

    /// Whether there is a kubectl to run.
    static boolean isInstalled() {
        return isInstalled("kubectl");
    }

    static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    record Result(int exitCode, String out, String err) {
        /// Standard output of a run that went well.
        String ok() {
            assertThat(exitCode).as("%s%n%s", out, err).isZero();
            return out;
        }

        /// Standard error of a run that did not.
        String refused() {
            assertThat(exitCode).as("expected a refusal, got: %s", out).isNotZero();
            return err;
        }
    }

    Kubectl in(String otherNamespace) {
        return new Kubectl(binary, kubeconfig, otherNamespace);
    }

    Result run(String... arguments) {
        return runWith("", arguments);
    }

    /// Runs with `input` as standard input.
    Result runWith(String input, String... arguments) {
        return finish(input, command(arguments));
    }

    /// Runs at a pseudo-terminal, where both outputs are one; `input` is what is typed.
    Result onTerminal(String input, String... arguments) {
        var quoted =
                command(arguments).stream()
                        .map(word -> "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" "));
        return finish(input, List.of("script", "-qec", quoted, "/dev/null"));
    }

    private static Result finish(String input, List<String> command) {
        try {
            var process = new ProcessBuilder(command).start();
            var out = text(process.getInputStream());
            var err = text(process.getErrorStream());
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException _) {
                // it ended without reading everything, as a refusal does
            }
            if (!process.waitFor(PROCESS_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("does not end: " + command);
            }
            return new Result(process.exitValue(), out.get(), err.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /// Starts kubectl and leaves it running.
    Process start(String... arguments) throws IOException {
        return new ProcessBuilder(command(arguments)).start();
    }

    private List<String> command(String... arguments) {
        var command = new ArrayList<>(List.of(binary, "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of("--namespace", namespace));
        command.addAll(List.of(arguments));
        return command;
    }

    private static FutureTask<String> text(java.io.InputStream stream) {
        var task =
                new FutureTask<>(() -> new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        Thread.ofVirtual().start(task);
        return task;
    }

    /// Runs a shell in the first container of a pod.
    Result inPod(String pod, String script) {
        return run("exec", pod, "--", "sh", "-c", script);
    }

    Result apply(String manifest) {
        return runWith(manifest, "apply", "-f", "-");
    }

    JsonObject json(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        return JsonReader.parseObject(run(all.toArray(String[]::new)).ok());
    }

    /// The STATUS column of a pod, empty when it is not there.
    String status(String pod) {
        var result = run("get", "pod", pod, "--no-headers");
        return result.exitCode() == 0 ? result.out().trim().split(" +")[2] : "";
    }

    void awaitStatus(String pod, String status) {
        await("pod " + pod + " is " + status, () -> status(pod), status::equals);
    }

    void awaitGone(String pod) {
        await("pod " + pod + " is gone", () -> status(pod), String::isEmpty);
    }

    /// What can be looked at again and again.
    interface Look<T> {
        T look();
    }

    /// Looks until `done` is true of what is seen.
    static <T> T await(String what, Look<T> look, Predicate<T> done) {
        Instant limit = CLOCK.instant().plus(PATIENCE);
        while (true) {
            var seen = look.look();
            if (done.test(seen)) {
                return seen;
            }
            if (CLOCK.instant().isAfter(limit)) {
                throw new AssertionError("never so: %s; last seen: %s".formatted(what, seen));
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
