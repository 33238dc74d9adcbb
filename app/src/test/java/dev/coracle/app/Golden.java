// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Text that is reviewed as a diff: `make golden` rewrites it, every other run compares.
public final class Golden {

    private Golden() {}

    /// Compares `actual` with the file `name` among this module's test resources.
    public static void assertGolden(String name, String actual) throws IOException {
        var file = Path.of("src/test/resources/golden", name);
        if ("update".equals(System.getProperty("golden"))) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertThat(actual)
                .as("%s; make golden rewrites it", file)
                .isEqualTo(Files.readString(file));
    }
}
