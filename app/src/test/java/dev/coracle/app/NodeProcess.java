// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.disk.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// The program as a user starts it, in a process of its own, on one data directory: it can be
/// killed, and started again.
final class NodeProcess {
    private static final int ENDS_WITHIN_SECONDS = 60;

    private final Path directory;
    private final DataDirectory files;
    private final String podCidr;
    private final String serviceCidr;
    private @Nullable Process process;

    NodeProcess(Path directory, String podCidr, String serviceCidr) {
        this.directory = directory;
        this.files = new DataDirectory(directory);
        this.podCidr = podCidr;
        this.serviceCidr = serviceCidr;
    }

    /// Skips the test where containers cannot run.
    static void assumeContainers() {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "containers need root");
        Assumptions.assumeTrue(
                Prerequisites.missing(Prerequisites.requirements(), false, Files::exists).isEmpty(),
                "containers need packages that are missing");
    }

    Path directory() {
        return directory;
    }

    Path kubeconfig() {
        return files.kubeconfig();
    }

    /// Starts the program and returns at once.
    void launch(String... flags) throws IOException {
        Files.deleteIfExists(directory.resolve("ready")); // of one that was killed
        process = program(arguments(flags));
    }

    private List<String> arguments(String... flags) {
        var arguments = new ArrayList<>(List.of("up", "--no-install", "--name", "yard"));
        arguments.addAll(List.of("--data-dir", directory.toString(), "--pod-cidr", podCidr));
        arguments.addAll(List.of("--service-cidr", serviceCidr));
        if (!List.of(flags).contains("--port")) {
            arguments.addAll(List.of("--port", "0"));
        }
        arguments.addAll(List.of(flags));
        return arguments;
    }

    private Process program(List<String> arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    private Path log() {
        return directory.resolveSibling(directory.getFileName() + ".log");
    }

    /// What the program said so far, of all its starts.
    String said() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until the node answers.
    void awaitReady() {
        Kubectl.await(
                "the node is up",
                () -> {
                    assertThat(running().isAlive()).as("alive; it said: %s", said()).isTrue();
                    return files.isReady();
                },
                ready -> ready);
    }

    void start(String... flags) throws IOException {
        launch(flags);
        awaitReady();
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("not launched");
        }
        return process;
    }

    long pid() {
        return running().pid();
    }

    boolean isReady() {
        return files.isReady();
    }

    /// SIGKILL.
    void kill() throws InterruptedException {
        running().destroyForcibly();
        awaitEnd();
    }

    /// SIGTERM: the process ends, containers go on.
    int stop() throws InterruptedException {
        running().destroy();
        return awaitEnd();
    }

    /// The exit code.
    int awaitEnd() throws InterruptedException {
        if (!running().waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS)) {
            running().destroyForcibly();
            throw new AssertionError("the node does not end; it said: " + said());
        }
        return running().exitValue();
    }

    /// What a second program says, and its exit code, when started with this one's flags.
    Ended runBeside(String... flags) throws IOException, InterruptedException {
        var beside = new NodeProcess(directory, podCidr, serviceCidr);
        int before = Files.exists(log()) ? said().length() : 0;
        beside.process = beside.program(beside.arguments(flags));
        int code = beside.awaitEnd();
        return new Ended(code, said().substring(before));
    }

    record Ended(int code, String said) {}

    /// `coracle down`: nothing of the node goes on.
    void down() throws IOException, InterruptedException {
        var down = program(List.of("down", "--data-dir", directory.toString()));
        assertThat(down.waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS)).as(said()).isTrue();
        assertThat(down.exitValue()).as(said()).isZero();
    }

    /// Ends whatever there still is.
    void end() throws IOException, InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
        if (Files.isDirectory(directory)) {
            down();
        }
    }

    /// Ends whatever there still is, for tests that failed, and deletes everything.
    void remove() throws IOException, InterruptedException {
        end();
        if (Files.isDirectory(directory)) {
            Trees.delete(directory);
        }
        Files.deleteIfExists(log());
    }
}
