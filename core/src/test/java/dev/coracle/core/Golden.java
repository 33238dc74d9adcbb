// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Text that is reviewed as a diff: `make golden` rewrites it, every other run compares.
public final class Golden {
    private Golden() {}

    /// Compares `actual` with `file`, given from the directory of the module.
    public static void assertGolden(Path file, String actual) throws IOException {
        if ("update".equals(System.getProperty("golden"))) {
            Files.writeString(file, actual);
        }
        assertThat(actual)
                .as("%s; make golden rewrites it", file)
                .isEqualTo(Files.readString(file));
    }
}
