// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;

@Command(
        name = "version",
        description =
                "Print the versions of Coracle, of the Kubernetes API it serves, and of Java.",
        footer = {"", "Example:", "  coracle version"})
final class VersionCommand extends Cli.Verb {

    /// The release whose behaviour is the reference. <https://kubernetes.io/releases/>
    static final String KUBERNETES = "v1.36";

    @Override
    public Integer call() throws IOException {
        out().printf(
                        "coracle %s, Kubernetes %s, Java %s%n",
                        version(), KUBERNETES, Runtime.version());
        return 0;
    }

    static String version() throws IOException {
        try (var in = VersionCommand.class.getResourceAsStream("version.txt")) {
            if (in == null) {
                throw new IllegalStateException("version.txt is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
