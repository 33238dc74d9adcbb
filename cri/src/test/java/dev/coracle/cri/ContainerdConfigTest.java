// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ContainerdConfigTest {
    private static final Installation INSTALLATION =
            new Installation(
                    Path.of("/usr/bin/containerd"),
                    Path.of("/usr/bin/ctr"),
                    Path.of("/usr/lib/cni"),
                    null);

    private static ContainerdConfig config(String runDir, String podCidr) {
        return new ContainerdConfig(
                Path.of("/data"),
                Path.of(runDir),
                "node",
                podCidr,
                "10.96.0.0/12",
                "pause:1",
                URI.create("http://mirror:5000"));
    }

    @Test
    void theFileFollowsTheMachine() {
        var config = config("/run/x", "10.88.0.0/16");

        assertThat(
                        config.toml(
                                INSTALLATION,
                                new Surroundings(Surroundings.Cgroups.V2, true, true, true)))
                .contains("snapshotter = \"overlayfs\"")
                .contains("restrict_oom_score_adj = false")
                .contains("\"io.containerd.snapshotter.v1.native\"");
        assertThat(
                        config.toml(
                                INSTALLATION,
                                new Surroundings(Surroundings.Cgroups.V1, false, false, false)))
                .contains("snapshotter = \"native\"")
                .contains("restrict_oom_score_adj = true")
                .contains("disable_apparmor = true")
                .contains("\"io.containerd.snapshotter.v1.overlayfs\"");
    }

    @Test
    void namesFitTheKernelsLimitsAndDifferByNode() {
        var one = config("/run/x", "10.88.0.0/16");
        var other = config("/run/y", "10.88.0.0/16");

        assertThat(one.bridge()).hasSizeLessThanOrEqualTo(15).isNotEqualTo(other.bridge());
        assertThat(one.cgroupParent()).startsWith("/").isNotEqualTo(other.cgroupParent());
    }

    @Test
    void badValuesAreNamed() {
        assertThatThrownBy(() -> config("relative", "10.88.0.0/16"))
                .hasMessageContaining("\"relative\" must be absolute");
        assertThatThrownBy(() -> config("/run/x", "everywhere"))
                .hasMessage("podCidr \"everywhere\" is no IPv4 network");
        assertThatThrownBy(() -> config("/run/" + "x".repeat(100), "10.88.0.0/16"))
                .hasMessageEndingWith("is too long for a socket's path");
    }
}
