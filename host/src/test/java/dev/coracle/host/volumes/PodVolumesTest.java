// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.volumes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.core.kubelet.volume.Volume;
import dev.coracle.core.kubelet.volume.Volume.Content;
import dev.coracle.disk.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodVolumesTest {
    private static final String UID = "6f1c";
    private static final PodVolumes.Tokens TOKENS =
            token -> ("token for " + token.audience()).getBytes(StandardCharsets.UTF_8);

    @TempDir Path root;
    private PodVolumes volumes;

    @BeforeEach
    void mountsNeedRoot() throws IOException {
        assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "not root");
        volumes = new PodVolumes(root);
    }

    @AfterEach
    void nothingStaysMounted() throws IOException {
        volumes.removeAll();
        assertThat(Trees.mountsIn(root)).isEmpty();
        Files.createDirectories(root);
    }

    @Test
    void anEmptyDirKeepsItsContentsUntilThePodGoes() throws IOException {
        var asked = List.<Volume>of(new Volume.EmptyDir("work", false, null));
        var path = prepare(asked).resolve("left");
        Files.writeString(path, "by a container");

        prepare(asked);

        assertThat(path).hasContent("by a container");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                .isEqualTo("rwxrwxrwx");
        volumes.remove(UID);
        assertThat(volumes.directory(UID)).doesNotExist();
    }

    @Test
    void aMemoryEmptyDirIsATmpfsOfItsLimit() throws IOException {
        var path = prepare(List.of(new Volume.EmptyDir("fast", true, 1L << 20)));

        assertThat(Files.getFileStore(path).type()).isEqualTo("tmpfs");
        assertThat(Files.getFileStore(path).getTotalSpace()).isEqualTo(1L << 20);
    }

    @Test
    void filesHoldTheirBytesWithTheirModesOnATmpfs() throws IOException {
        var path =
                prepare(
                        List.of(
                                files(
                                        new Volume.File("ca.crt", 0644, bytes("CA")),
                                        new Volume.File("sub/key", 0400, bytes("K")),
                                        new Volume.File(
                                                "token", 0600, new Content.Token("api", 60)))));

        assertThat(path.resolve("ca.crt")).hasContent("CA");
        assertThat(path.resolve("sub/key")).hasContent("K");
        assertThat(path.resolve("token")).hasContent("token for api");
        assertThat(Files.getFileStore(path).type()).isEqualTo("tmpfs");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(path.resolve("sub/key"))))
                .isEqualTo("r--------");
    }

    @Test
    void changedFilesReplaceTheOldOnesTogether() throws IOException {
        var path =
                prepare(
                        List.of(
                                files(
                                        new Volume.File("a", 0644, bytes("1")),
                                        new Volume.File("b", 0644, bytes("1")))));
        var before = path.resolve("..data").toRealPath();

        prepare(List.of(files(new Volume.File("a", 0644, bytes("2")))));

        assertThat(path.resolve("a")).hasContent("2");
        assertThat(path.resolve("b")).doesNotExist();
        assertThat(before).doesNotExist();
    }

    @Test
    void equalFilesAreLeftAlone() throws IOException {
        var asked = List.<Volume>of(files(new Volume.File("a", 0644, bytes("1"))));
        var before = prepare(asked).resolve("..data").toRealPath();

        assertThat(prepare(asked).resolve("..data").toRealPath()).isEqualTo(before);
    }

    @Test
    void aMissingSourceSaysWhichVolumeAndWhy() {
        assertThatThrownBy(
                        () ->
                                prepare(
                                        List.of(
                                                new Volume.Missing(
                                                        "v", "configmap \"c\" not found"))))
                .hasMessage("configmap \"c\" not found");
        assertThatThrownBy(() -> prepare(List.of(new Volume.Unsupported("v", "nfs"))))
                .hasMessageContaining("\"v\"")
                .hasMessageContaining("nfs");
    }

    @Test
    void aFileMayNotLeaveItsVolume() {
        assertThatThrownBy(
                        () -> prepare(List.of(files(new Volume.File("../../x", 0644, bytes("1"))))))
                .hasMessageContaining("../../x");
    }

    private Path prepare(List<Volume> asked) throws IOException {
        return Objects.requireNonNull(
                volumes.prepare(UID, asked, TOKENS).get(asked.getFirst().name()));
    }

    private static Volume.Files files(Volume.File... files) {
        return new Volume.Files("files", "projected", List.of(files));
    }

    private static Content bytes(String text) {
        return new Content.Bytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
