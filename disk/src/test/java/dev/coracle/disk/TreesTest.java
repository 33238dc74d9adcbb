// SPDX-License-Identifier: Apache-2.0
package dev.coracle.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
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
    void whatIsMountedBelowStays() throws Exception {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "mounting needs root");
        var tree = Files.createDirectories(scratch.resolve("tree"));
        var data = Files.createDirectory(scratch.resolve("data"));
        Files.writeString(data.resolve("precious"), "x");
        var mounted = Files.createDirectory(tree.resolve("with space"));
        run("mount", "--bind", data.toString(), mounted.toString());
        try {
            assertThat(Trees.mountsIn(tree)).containsExactly(mounted.toRealPath());
            assertThatThrownBy(() -> Trees.delete(tree))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("with space is still mounted");
        } finally {
            run("umount", mounted.toString());
        }
        Trees.delete(tree);

        assertThat(tree).doesNotExist();
        assertThat(data.resolve("precious")).exists();
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @Test
    void whatIsNotThereIsDeletedAlready() throws IOException {
        Trees.delete(scratch.resolve("nothing"));

        assertThat(Trees.mountsIn(scratch.resolve("nothing"))).isEmpty();
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
