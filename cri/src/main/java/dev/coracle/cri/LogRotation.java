// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the logs of running containers from filling the disk: a log that has grown too long is
/// moved aside, all but the newest of those are compressed, and the oldest are deleted.
///
/// <https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation>
public final class LogRotation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final CriRuntime runtime;
    private final Limits limits;
    private final InstantSource clock;
    private final Thread thread;

    /// `maxFiles` counts the log that is written to. The defaults are the kubelet's
    /// `containerLogMaxSize` and `containerLogMaxFiles`.
    public record Limits(long maxBytes, int maxFiles) {
        public static final Limits DEFAULT = new Limits(10 * 1024 * 1024, 5);

        public Limits {
            if (maxBytes < 1 || maxFiles < 2) {
                throw new IllegalArgumentException(
                        "logs of "
                                + maxBytes
                                + " bytes in "
                                + maxFiles
                                + " files: at least 1 in 2");
            }
        }
    }

    public LogRotation(CriRuntime runtime, Limits limits, InstantSource clock) {
        this.runtime = runtime;
        this.limits = limits;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("log-rotation").unstarted(this::run);
    }

    /// Looks at the logs every ten seconds, until closed.
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PERIOD);
                rotate();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /// Looks at the log of every running container once.
    void rotate() {
        List<ContainerStatus> running;
        try {
            running = runtime.runningContainers();
        } catch (StatusRuntimeException e) {
            LOG.debug("The container runtime does not answer: {}", e.getMessage());
            return;
        }
        for (var container : running) {
            try {
                rotate(container);
            } catch (IOException | StatusRuntimeException e) {
                LOG.warn("Log {} cannot be rotated: {}", container.logPath(), e.getMessage());
            }
        }
    }

    private void rotate(ContainerStatus container) throws IOException {
        if (container.logPath().isEmpty()) {
            return;
        }
        var log = Path.of(container.logPath());
        if (!Files.exists(log) || Files.size(log) <= limits.maxBytes()) {
            return;
        }
        var old = rotated(log);
        while (old.size() > limits.maxFiles() - 2) {
            Files.deleteIfExists(old.removeFirst());
        }
        for (var file : old) {
            compress(file);
        }
        var aside = aside(log);
        Files.move(log, aside);
        try {
            runtime.reopenLog(container.id());
        } catch (StatusRuntimeException e) {
            Files.move(aside, log); // it is written to still
            throw e;
        }
    }

    /// The logs that were moved aside, the oldest first: their names hold the time.
    private static List<Path> rotated(Path log) throws IOException {
        var files = new ArrayList<Path>();
        try (var siblings = Files.newDirectoryStream(log.getParent(), log.getFileName() + ".*")) {
            siblings.forEach(files::add);
        }
        files.removeIf(file -> file.toString().endsWith(".tmp"));
        files.sort(null);
        return files;
    }

    private Path aside(Path log) {
        var name = log.getFileName() + "." + STAMP.format(clock.instant());
        var aside = log.resolveSibling(name);
        for (int i = 1; Files.exists(aside); i++) {
            aside = log.resolveSibling(name + "-" + i);
        }
        return aside;
    }

    private static void compress(Path file) throws IOException {
        if (file.toString().endsWith(".gz")) {
            return;
        }
        var unfinished = file.resolveSibling(file.getFileName() + ".tmp");
        try (var in = Files.newInputStream(file);
                var out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
            in.transferTo(out);
        }
        Files.move(
                unfinished,
                file.resolveSibling(file.getFileName() + ".gz"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.delete(file);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
