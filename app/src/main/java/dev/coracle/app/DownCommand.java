// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "down",
        description = {
            "End a node: stop its pods within their grace periods, then the node itself.",
            "Nothing of it goes on running. Objects and images stay on disk for the next start."
        },
        footer = {"", "Example:", "  coracle down"})
final class DownCommand extends Cli.Verb {
    private final NodeStarter starter;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "The node's directory (default: /var/lib/coracle).")
    private Path dataDirectory = NodeConfig.DEFAULT_DATA_DIRECTORY;

    @Option(
            names = "--keep-containers",
            description =
                    "End only the process; containers go on until the next start adopts them.")
    private boolean keepContainers;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "Kill the node if it has not ended by then (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    DownCommand(NodeStarter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        LocalMachine.needRoot("coracle down");
        var files = new DataDirectory(dataDirectory.toAbsolutePath().normalize());
        if (!files.exists()) {
            throw new IOException("there is no node in " + files.root());
        }
        var process = files.process();
        if (process.isPresent()) {
            end(files, process.get());
        } else {
            say("no process is the node in %s".formatted(files.root()));
        }
        if (!keepContainers) {
            starter.sweep(files.root(), this::say);
            if (process.isEmpty()) {
                say("nothing that it left runs any more");
            }
        }
        return 0;
    }

    private void end(DataDirectory files, ProcessHandle process)
            throws IOException, InterruptedException {
        if (!keepContainers) {
            files.requestDown();
        }
        process.destroy();
        try {
            process.onExit().get(timeoutSeconds, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            say(
                    "process %d did not end within %d s; killing it"
                            .formatted(process.pid(), timeoutSeconds));
            process.destroyForcibly();
            process.onExit().join();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        say("node of %s ended".formatted(files.root()));
    }
}
