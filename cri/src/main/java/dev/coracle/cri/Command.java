// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A short program run to its end.
final class Command {

    private Command() {}

    /// `output` holds both of the program's streams.
    record Result(List<String> command, int exitCode, String output) {

        boolean failed() {
            return exitCode != 0;
        }

        /// @throws IOException with the program's own words if it failed
        void orThrow() throws IOException {
            if (failed()) {
                throw new IOException(
                        "%s: exit code %d: %s"
                                .formatted(String.join(" ", command), exitCode, output.strip()));
            }
        }
    }

    /// @throws IOException if the program cannot be started
    static Result run(String... command) throws IOException, InterruptedException {
        return feed("", command);
    }

    /// Runs it with `input` on its standard input.
    ///
    /// @throws IOException if the program cannot be started
    static Result feed(String input, String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(List.of(command), process.waitFor(), output);
    }
}
