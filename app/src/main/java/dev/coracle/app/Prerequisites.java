// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// What containers need of the distribution, and how to get it.
final class Prerequisites {

    /// A distribution package and files of which one shows that it is there.
    record Requirement(String distributionPackage, List<Path> evidence) {
        Requirement {
            evidence = List.copyOf(evidence);
        }
    }

    /// With a container runtime that is already there, only what this program calls itself.
    private static final Set<String> BESIDE_A_FOREIGN_RUNTIME = Set.of("nftables", "iproute2");

    private Prerequisites() {}

    /// Makes sure that everything `config` needs is there, by installing it if it may.
    ///
    /// @throws IOException naming the packages that are missing and cannot or may not be installed
    static void ensure(NodeConfig config, Consumer<String> say) throws IOException {
        var missing = missing(requirements(), config.runtimeEndpoint() != null, Files::exists);
        if (missing.isEmpty()) {
            return;
        }
        var names = String.join(" ", missing);
        if (!config.install()) {
            throw new IOException(
                    "these packages are missing, and --no-install was given: " + names);
        }
        if (!Files.isExecutable(Path.of("/usr/bin/apt-get"))) {
            throw new IOException(
                    "these Debian packages, or what they hold, are missing, and there is no apt-get"
                            + " to install them: "
                            + names);
        }
        say.accept("apt-get install -y --no-install-recommends " + names);
        install(missing);
        var still = missing(requirements(), config.runtimeEndpoint() != null, Files::exists);
        if (!still.isEmpty()) {
            throw new IOException(
                    "installed, but not where they are looked for: " + String.join(" ", still));
        }
    }

    static List<String> missing(
            List<Requirement> requirements, boolean foreignRuntime, Predicate<Path> exists) {
        return requirements.stream()
                .filter(
                        requirement ->
                                !foreignRuntime
                                        || BESIDE_A_FOREIGN_RUNTIME.contains(
                                                requirement.distributionPackage()))
                .filter(requirement -> requirement.evidence().stream().noneMatch(exists))
                .map(Requirement::distributionPackage)
                .toList();
    }

    /// The list that the Makefile reads too.
    static List<Requirement> requirements() {
        return resource("packages.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> List.of(line.split(" +")))
                .map(
                        words ->
                                new Requirement(
                                        words.getFirst(),
                                        words.stream().skip(1).map(Path::of).toList()))
                .toList();
    }

    private static void install(List<String> packages) throws IOException {
        var command = new java.util.ArrayList<>(List.of("/bin/sh", "-s", "--"));
        command.addAll(packages);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(resource("install-packages").getBytes(StandardCharsets.UTF_8));
        }
        try {
            var output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("apt-get failed:\n" + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroy();
            throw new IOException("interrupted while packages were being installed", e);
        }
    }

    private static String resource(String name) {
        try (var in = Prerequisites.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
