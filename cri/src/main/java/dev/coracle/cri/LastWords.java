// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.cri.proto.ContainerStatus;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;

/// What a container left behind to explain its end.
///
/// <https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/>
final class LastWords {
    private static final int MAX_FILE_BYTES = 4096;
    private static final int MAX_LOG_BYTES = 2048;
    private static final int MAX_LOG_LINES = 80;

    /// Enough for the log's last 80 lines to hold 2048 bytes of content with their time stamps.
    private static final int LOG_WINDOW_BYTES = 64 * 1024;

    private LastWords() {}

    /// Returns the termination message of a container that has ended, empty when it left none.
    static String of(ContainerStatus status) {
        var path = status.getAnnotationsOrDefault(PodLabels.TERMINATION_MESSAGE_PATH, "");
        var policy = status.getAnnotationsOrDefault(PodLabels.TERMINATION_MESSAGE_POLICY, "File");
        var message = path.isEmpty() ? "" : file(status, path);
        if (message.isEmpty()
                && policy.equals("FallbackToLogsOnError")
                && status.getExitCode() != 0) {
            message = logTail(status.getLogPath());
        }
        return joined(status.getMessage(), message);
    }

    private static String joined(String runtime, String container) {
        if (runtime.isEmpty() || container.isEmpty()) {
            return runtime + container;
        }
        return runtime + ": " + container;
    }

    private static String file(ContainerStatus status, String path) {
        for (var mount : status.getMountsList()) {
            if (mount.getContainerPath().equals(path)) {
                return head(Path.of(mount.getHostPath()));
            }
        }
        return "";
    }

    private static String head(Path file) {
        try (var in = Files.newInputStream(file)) {
            return text(in.readNBytes(MAX_FILE_BYTES));
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            return "Error on reading termination message: " + e.getMessage();
        }
    }

    private static String text(byte[] bytes) {
        return StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes)).toString();
    }

    private static String logTail(String logPath) {
        try (var file = new RandomAccessFile(logPath, "r")) {
            long start = Math.max(0, file.length() - LOG_WINDOW_BYTES);
            file.seek(start);
            var bytes = new byte[(int) (file.length() - start)];
            file.readFully(bytes);
            return lastLines(text(bytes), start > 0);
        } catch (IOException e) {
            return "Error on reading termination message from logs: " + e.getMessage();
        }
    }

    /// The content of a CRI log's last lines: each is `time stream tag content`, where the tag P
    /// says that the line goes on in the next one.
    static String lastLines(String log, boolean startsInsideALine) {
        var lines = new ArrayDeque<>(log.lines().toList());
        if (startsInsideALine) {
            lines.pollFirst();
        }
        while (lines.size() > MAX_LOG_LINES) {
            lines.pollFirst();
        }
        var content = new StringBuilder();
        for (var line : lines) {
            var parts = line.split(" ", 4);
            if (parts.length == 4) {
                content.append(parts[3]).append(parts[2].startsWith("P") ? "" : "\n");
            }
        }
        var bytes = content.toString().getBytes(StandardCharsets.UTF_8);
        int from = Math.max(0, bytes.length - MAX_LOG_BYTES);
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }
}
