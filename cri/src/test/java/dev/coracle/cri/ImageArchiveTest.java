// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageArchiveTest {
    private static final ImageArchive.Settings SETTINGS =
            new ImageArchive.Settings(
                    List.of("/x"), List.of("y"), Map.of("B", "2", "A", "1"), "1000");

    @TempDir Path directory;

    private byte[] write(ImageArchive image) throws Exception {
        var file = directory.resolve("image.tar");
        image.write(file, List.of("docker.io/library/x:1"), SETTINGS);
        return Files.readAllBytes(file);
    }

    @Test
    void theSameContentGivesTheSameBytes() throws Exception {
        var one = write(new ImageArchive().text("a", "1").link("b", "a").folder("c", 01777));
        var other = write(new ImageArchive().folder("c", 01777).link("b", "a").text("a", "1"));

        assertThat(one).isEqualTo(other);
    }

    @Test
    void otherContentGivesAnotherImage() throws Exception {
        assertThat(write(new ImageArchive().text("a", "1")))
                .isNotEqualTo(write(new ImageArchive().text("a", "2")));
    }

    @Test
    void theManifestNamesConfigurationAndLayer() throws Exception {
        write(new ImageArchive().text("a", "1"));
        var names = new ArrayList<String>();
        var manifest = "";
        try (var tar =
                new TarArchiveInputStream(Files.newInputStream(directory.resolve("image.tar")))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
                if (entry.getName().equals("manifest.json")) {
                    manifest = new String(tar.readAllBytes(), StandardCharsets.UTF_8);
                }
            }
        }

        assertThat(manifest)
                .isEqualTo(
                        "[{\"Config\":\"%s\",\"RepoTags\":[\"docker.io/library/x:1\"],\"Layers\":[\"%s\"]}]"
                                .formatted(names.get(0), names.get(2)));
    }
}
