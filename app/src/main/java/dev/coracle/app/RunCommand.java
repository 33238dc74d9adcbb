// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.manifest.ManifestFile;
import dev.coracle.disk.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        description = {
            "Run the pods of files on a node of their own, and show their life and logs.",
            "Ends when all pods have, if they are meant to (restartPolicy Never or OnFailure): with"
                    + " 0 when all succeeded, else with the exit code of the first container that"
                    + " failed. Ctrl-C stops pods within their grace periods; once more, at once."
        },
        footer = {"", "Example:", "  coracle run examples/init-containers.yaml"})
final class RunCommand extends Cli.Verb {
    private static final Path SCRATCH = Path.of("/var/tmp");
    private static final String SCRATCH_PREFIX = "coracle-run-";

    private final NodeStarter starter;

    @Mixin private NodeOptions options = new NodeOptions();

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Kubernetes objects in YAML or JSON.")
    private List<Path> files = List.of();

    RunCommand(NodeStarter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws Exception {
        var manifests = ManifestFile.readAll(files);
        LocalMachine.needRoot("coracle run");
        sweepScratch();
        var scratch = Files.createTempDirectory(SCRATCH, SCRATCH_PREFIX);
        try (var free = new FreeNetworks()) {
            var config = options.passing(scratch, free::forPods, free::forServices);
            Prerequisites.ensure(config, this::say);
            try (var _ = config.files().occupy()) {
                return new Run(Signals::new, starter, config, manifests, out(), this::say).run();
            }
        } finally {
            Trees.delete(scratch);
        }
    }

    /// A run that was killed could not clean up behind itself; the next one does.
    private void sweepScratch() throws IOException {
        try (var left = Files.newDirectoryStream(SCRATCH, SCRATCH_PREFIX + "*")) {
            for (var directory : left) {
                if (new DataDirectory(directory).process().isEmpty()) {
                    say("removing what an earlier run left in " + directory);
                    starter.sweep(directory, this::say);
                    Trees.delete(directory);
                }
            }
        }
    }
}
