// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.disk.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir Path directory;

    @Test
    void whatIsMountedBelowIsUnmountedAndStays() throws Exception {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "mounting needs root");
        var tree = Files.createDirectories(directory.resolve("tree"));
        var data = Files.createDirectory(directory.resolve("data"));
        Files.writeString(data.resolve("precious"), "x");
        var mounted = Files.createDirectory(tree.resolve("with space"));
        Command.run("mount", "--bind", data.toString(), mounted.toString()).orThrow();

        Leftovers.unmountBelow(tree);

        assertThat(Trees.mountsIn(tree)).isEmpty();
        assertThat(mounted).isEmptyDirectory();
        assertThat(data.resolve("precious")).exists();
    }
}
