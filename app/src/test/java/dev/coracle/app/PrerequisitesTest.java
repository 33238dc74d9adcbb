// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.app.Prerequisites.Requirement;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PrerequisitesTest {
    private static final Requirement RUNC =
            new Requirement("runc", List.of(Path.of("/usr/sbin/runc"), Path.of("/opt/runc")));
    private static final Requirement NFT =
            new Requirement("nftables", List.of(Path.of("/usr/sbin/nft")));

    @Test
    void onePieceOfEvidenceIsEnough() {
        var there = Set.of(Path.of("/opt/runc"));
        assertThat(Prerequisites.missing(List.of(RUNC, NFT), false, there::contains))
                .containsExactly("nftables");
    }

    @Test
    void aRuntimeThatIsThereAlreadyNeedsNoPackagesOfItsOwn() {
        assertThat(Prerequisites.missing(List.of(RUNC, NFT), true, _ -> false))
                .containsExactly("nftables");
    }

    @Test
    void theListNamesEverythingContainersNeed() {
        assertThat(Prerequisites.requirements())
                .extracting(Requirement::distributionPackage)
                .containsExactly(
                        "containerd",
                        "runc",
                        "containernetworking-plugins",
                        "nftables",
                        "iproute2",
                        "catatonit",
                        "busybox-static");
        assertThat(Prerequisites.requirements())
                .allSatisfy(
                        requirement ->
                                assertThat(requirement.evidence())
                                        .isNotEmpty()
                                        .allMatch(Path::isAbsolute));
    }
}
