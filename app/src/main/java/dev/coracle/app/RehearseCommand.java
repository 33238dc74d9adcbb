// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.file.Files;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// What the launcher trains the start-up cache with.
@Command(
        name = "rehearse",
        hidden = true,
        description = "Walk through a node's start and a pod's life without touching the machine.",
        footer = {"", "Example:", "  coracle rehearse"})
final class RehearseCommand extends Cli.Verb {
    private final NodeStarter starter;

    RehearseCommand(NodeStarter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws IOException {
        out().println(new CommandLine(new RunCommand(starter)).getUsageMessage());
        var scratch = Files.createTempDirectory("coracle-rehearse-");
        try {
            starter.rehearse(scratch);
        } finally {
            Trees.delete(scratch);
        }
        return 0;
    }
}
