// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FreeNetworksTest {
    /// Of addresses that nobody ever has: <https://www.rfc-editor.org/rfc/rfc5737>.
    private static final Ipv4Network NETWORK = Ipv4Network.ofPods("192.0.2.0/26");

    private static final Ipv4Network WIDER = Ipv4Network.ofPods("192.0.2.0/25");
    private static final Ipv4Network OTHER = Ipv4Network.ofPods("192.0.2.128/25");

    @BeforeEach
    void mayClaim() {
        assumeTrue(Files.isWritable(FreeNetworks.CLAIMS.getParent()), "skipped: not root");
    }

    @Test
    void whatIsClaimedIsOnes() throws IOException {
        try (var second = new FreeNetworks()) {
            try (var first = new FreeNetworks()) {
                assertThat(first.claim(NETWORK)).isTrue();

                assertThat(second.claim(NETWORK)).isFalse();
                assertThat(second.claim(WIDER)).isFalse();
                assertThat(second.claim(OTHER)).isTrue();
            }
            assertThat(second.claim(NETWORK)).isTrue();
        }
    }

    @Test
    void anotherProcessDoesNotGetItEither() throws IOException, InterruptedException {
        try (var claimed = new FreeNetworks()) {
            assertThat(claimed.claim(NETWORK)).isTrue();

            assertThat(claimElsewhere(NETWORK)).isEqualTo("taken");
            assertThat(claimElsewhere(OTHER)).isEqualTo("free");
        }
        assertThat(claimElsewhere(NETWORK)).isEqualTo("free");
    }

    private static String claimElsewhere(Ipv4Network network)
            throws IOException, InterruptedException {
        var java = ProcessHandle.current().info().command().orElseThrow();
        var command =
                List.of(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Claimant.class.getName(),
                        network.toString());
        var process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var said = process.inputReader()) {
            var answer = said.readLine();
            assertThat(process.waitFor()).isZero();
            return String.valueOf(answer);
        }
    }

    /// Another process.
    static final class Claimant {
        private Claimant() {}

        public static void main(String[] arguments) throws IOException {
            try (var networks = new FreeNetworks()) {
                boolean free = networks.claim(Ipv4Network.ofPods(arguments[0]));
                System.out.println(free ? "free" : "taken");
            }
        }
    }
}
