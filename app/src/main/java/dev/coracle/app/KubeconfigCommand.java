// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "kubeconfig",
        description = "Print the kubeconfig of a node to standard output.",
        footer = {
            "",
            "Example:",
            "  coracle kubeconfig > ~/.kube/config",
        })
final class KubeconfigCommand extends Cli.Verb {

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "The node's directory (default: /var/lib/coracle).")
    private Path dataDirectory = NodeConfig.DEFAULT_DATA_DIRECTORY;

    @Override
    public Integer call() throws IOException {
        var file = new DataDirectory(dataDirectory).kubeconfig();
        try {
            out().print(Files.readString(file));
            out().flush();
            return 0;
        } catch (NoSuchFileException _) {
            throw new IOException(
                    "there is no node in %s; start one with: coracle up --detach"
                            .formatted(dataDirectory));
        } catch (java.nio.file.AccessDeniedException _) {
            throw new IOException(file + " may only be read by root");
        }
    }
}
