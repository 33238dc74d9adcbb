// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreesTest {
    @TempDir Path scratch;

    @Test
    void linksAreDeletedAndNotFollowed() throws IOException {
        var kept = Files.writeString(scratch.resolve("kept"), "x");
        var tree = Files.createDirectories(scratch.resolve("tree/deep"));
        Files.createSymbolicLink(tree.resolve("file"), kept);
        Files.createSymbolicLink(tree.resolve("directory"), scratch);

        Trees.delete(scratch.resolve("tree"));

        assertThat(scratch.resolve("tree")).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void nothingIsDeletedWhereSomethingIsMounted() {
        assertThatThrownBy(() -> Trees.delete(Path.of("/proc")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/proc is still mounted");
    }

    @Test
    void mountPointsMayHaveBlanks() {
        assertThat(
                        Trees.mountPoints(
                                """
                                22 1 0:21 / /proc rw - proc proc rw
                                36 1 8:1 / /mnt/my\\040disk rw - ext4 /dev/sda1 rw
                                """))
                .containsExactly(Path.of("/proc"), Path.of("/mnt/my disk"));
    }
}
