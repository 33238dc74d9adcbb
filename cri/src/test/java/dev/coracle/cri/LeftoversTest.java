// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir Path directory;

    @Test
    void nothingIsDeletedBelowAMount() throws Exception {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "mounting needs root");
        var tree = Files.createDirectories(directory.resolve("tree"));
        var data = Files.createDirectory(directory.resolve("data"));
        Files.writeString(data.resolve("precious"), "x");
        var mounted = Files.createDirectory(tree.resolve("with space"));
        Command.run("mount", "--bind", data.toString(), mounted.toString()).orThrow();

        assertThatThrownBy(() -> Leftovers.deleteTree(tree))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("with space");
        assertThat(data.resolve("precious")).exists();

        Leftovers.unmountBelow(tree);
        Leftovers.deleteTree(tree);

        assertThat(tree).doesNotExist();
        assertThat(data.resolve("precious")).exists();
    }

    @Test
    void linksAreDeletedAndNotFollowed() throws Exception {
        var data = Files.writeString(directory.resolve("data"), "x");
        var tree = Files.createDirectory(directory.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), data);

        Leftovers.deleteTree(tree);

        assertThat(tree).doesNotExist();
        assertThat(data).exists();
    }
}
