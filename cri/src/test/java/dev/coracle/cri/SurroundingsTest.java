// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cri.Surroundings.Cgroups;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SurroundingsTest {
    @TempDir Path root;

    @Test
    void controlGroupsAreToldApartByTheirFiles() throws Exception {
        assertThat(Surroundings.cgroups(root)).isEqualTo(Cgroups.NONE);
        Files.createDirectory(root.resolve("memory"));
        assertThat(Surroundings.cgroups(root)).isEqualTo(Cgroups.V1);
        Files.createDirectory(root.resolve("unified"));
        Files.createFile(root.resolve("unified/cgroup.procs"));
        assertThat(Surroundings.cgroups(root)).isEqualTo(Cgroups.HYBRID);
        Files.createFile(root.resolve("cgroup.controllers"));
        assertThat(Surroundings.cgroups(root)).isEqualTo(Cgroups.V2);
    }

    @Test
    void capabilitiesAreBitsOfTheEffectiveMask() {
        assertThat(Surroundings.hasCapability("Name:\tx\nCapEff:\t000001fffeffffff\n", 24))
                .isFalse();
        assertThat(Surroundings.hasCapability("Name:\tx\nCapEff:\t000001ffffffffff\n", 24))
                .isTrue();
    }

    @Test
    void everyLimitIsSaidOnce() {
        assertThat(new Surroundings(Cgroups.V2, true, true, true).limits()).isEmpty();
        assertThat(new Surroundings(Cgroups.NONE, false, false, false).limits()).hasSize(3);
    }
}
