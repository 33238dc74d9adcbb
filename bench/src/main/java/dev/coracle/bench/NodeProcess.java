// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A Coracle started as a user starts it, in a data directory of its own.
final class NodeProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(2);

    private final Process process;
    private final Path dataDirectory;
    private final Path launcher;
    private final long startedNanos;

    private NodeProcess(Process process, Path launcher, Path dataDirectory, long startedNanos) {
        this.process = process;
        this.launcher = launcher;
        this.dataDirectory = dataDirectory;
        this.startedNanos = startedNanos;
    }

    static NodeProcess start(Path launcher, Path dataDirectory) throws IOException {
        var log = dataDirectory.resolveSibling(dataDirectory.getFileName() + ".log").toFile();
        Files.deleteIfExists(dataDirectory.resolve("kubeconfig")); // names the last start's port
        long now = System.nanoTime();
        var process =
                new ProcessBuilder(
                                List.of(
                                        launcher.toString(),
                                        "up",
                                        "--data-dir",
                                        dataDirectory.toString(),
                                        "--port",
                                        "0",
                                        "--no-install"))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                        .start();
        return new NodeProcess(process, launcher, dataDirectory, now);
    }

    /// Since the process was started.
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    /// Waits until the API says it is ready.
    ApiClient awaitReady() throws IOException, InterruptedException {
        var kubeconfig = dataDirectory.resolve("kubeconfig");
        await("the kubeconfig", () -> Files.exists(kubeconfig) && Files.size(kubeconfig) > 0);
        var client = ApiClient.of(kubeconfig);
        await(
                "/readyz",
                () -> {
                    try {
                        return client.get("/readyz").code() == 200;
                    } catch (java.net.ConnectException e) {
                        return false;
                    }
                });
        return client;
    }

    /// Something that becomes true.
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    void await(String what, Condition condition) throws IOException, InterruptedException {
        var limit = age().plus(PATIENCE);
        while (!condition.holds()) {
            if (!process.isAlive() || age().compareTo(limit) > 0) {
                throw new IOException(
                        "%s did not come; see the log beside %s".formatted(what, dataDirectory));
            }
            Thread.sleep(POLL);
        }
    }

    /// Ends the node and all that it runs.
    @Override
    public void close() throws IOException {
        try {
            new ProcessBuilder(launcher.toString(), "down", "--data-dir", dataDirectory.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
