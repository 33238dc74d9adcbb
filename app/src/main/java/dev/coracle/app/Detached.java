// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The same program once more, in a session of its own.
final class Detached {
    private static final int LOG_LINES = 20;

    private Detached() {}

    /// Starts the node that `files` names with this process's own command line, and returns once it
    /// answers.
    ///
    /// @throws IOException with the end of its log, if it ends before that
    static void start(DataDirectory files, Consumer<String> say)
            throws IOException, InterruptedException {
        var running = files.process();
        if (running.isPresent()) {
            throw new IOException(
                    "%s is in use by process %d".formatted(files.root(), running.get().pid()));
        }
        files.create();
        var log = ProcessBuilder.Redirect.appendTo(files.log().toFile());
        var process =
                new ProcessBuilder(command(Files.readAllBytes(Path.of("/proc/self/cmdline"))))
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(log)
                        .redirectError(log)
                        .start();
        while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
            var node = files.process();
            if (node.isPresent() && node.get().pid() == process.pid() && files.isReady()) {
                say.accept(
                        "node is up as process %d; it logs to %s"
                                .formatted(process.pid(), files.log()));
                return;
            }
        }
        throw new IOException(
                "the node ended with code %d:%n%s"
                        .formatted(process.exitValue(), tail(files.log())));
    }

    /// `cmdline` is what the kernel keeps of a command: words, each ended by a NUL. `setsid` makes
    /// no new process when called like this, so the process id stays the one we know.
    static List<String> command(byte[] cmdline) {
        var command = new ArrayList<String>();
        command.add("setsid");
        for (var word : new String(cmdline, StandardCharsets.UTF_8).split("\0", -1)) {
            command.add(word);
        }
        command.removeLast(); // after the last NUL
        command.remove("--detach");
        return List.copyOf(command);
    }

    private static String tail(Path log) throws IOException {
        var lines = Files.readAllLines(log);
        return String.join(
                "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }
}
