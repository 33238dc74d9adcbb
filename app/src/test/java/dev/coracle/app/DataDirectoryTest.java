// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir Path scratch;
    private DataDirectory files = new DataDirectory(Path.of("/"));

    @BeforeEach
    void below() {
        files = new DataDirectory(scratch.resolve("a/node"));
    }

    @Test
    void nobodyIsANodeThatWasNeverStarted() throws Exception {
        assertThat(files.exists()).isFalse();
        assertThat(files.process()).isEmpty();
    }

    @Test
    void theProcessThatOccupiesItIsTheNode() throws Exception {
        try (var _ = files.occupy()) {
            assertThat(files.process()).contains(ProcessHandle.current());
        }
        assertThat(files.process()).isEmpty();
    }

    @Test
    void onlyRootMayLookInside() throws Exception {
        try (var _ = files.occupy()) {
            assertThat(Files.getPosixFilePermissions(files.root()))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aSecondNodeIsRefused() throws Exception {
        try (var _ = files.occupy()) {
            assertThatThrownBy(files::occupy)
                    .hasMessage(
                            files.root()
                                    + " is in use by process "
                                    + ProcessHandle.current().pid());
        }
    }

    @Test
    void readinessEndsWithTheNode() throws Exception {
        try (var _ = files.occupy()) {
            assertThat(files.isReady()).isFalse();
            files.markReady("https://127.0.0.1:6443");
            assertThat(files.isReady()).isTrue();
        }
        assertThat(files.isReady()).isFalse();
    }

    @Test
    void aDownRequestIsTakenOnceAndNotInherited() throws Exception {
        try (var _ = files.occupy()) {
            files.requestDown();
            assertThat(files.takeDownRequest()).isTrue();
            assertThat(files.takeDownRequest()).isFalse();
            files.requestDown();
        }
        try (var _ = files.occupy()) {
            assertThat(files.takeDownRequest()).isFalse();
        }
    }
}
