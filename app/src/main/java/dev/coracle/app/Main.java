// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/// Where the program starts.
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /// Runs one command line and returns its exit code: 0 when it did what was asked, 2 when it
    /// was not understood, 1 when it failed, 130 when it was interrupted; `run` passes on the code
    /// of a container that failed.
    static int run(String... args) {
        return Cli.of(
                        new LocalNodes(),
                        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                        new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .execute(args);
    }
}
