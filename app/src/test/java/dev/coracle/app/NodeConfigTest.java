// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

class NodeConfigTest {

    @Test
    void aLastingNodeHasFixedPlaces() {
        assertThat(parse("--name=yard").lasting())
                .isEqualTo(
                        new NodeConfig(
                                Path.of("/var/lib/coracle"),
                                "127.0.0.1",
                                6443,
                                "yard",
                                "10.244.0.0/24",
                                null,
                                null,
                                true,
                                true));
    }

    @Test
    void aPassingNodeTakesWhatIsFreeAndKeepsNothing() {
        assertThat(
                        parse("--name=yard")
                                .passing(Path.of("/scratch"), PodNetwork.parse("10.9.0.0/24")))
                .isEqualTo(
                        new NodeConfig(
                                Path.of("/scratch"),
                                "127.0.0.1",
                                0,
                                "yard",
                                "10.9.0.0/24",
                                null,
                                null,
                                true,
                                false));
    }

    @Test
    void aPassingNodeWithADirectoryKeepsItsObjects() {
        var config =
                parse("--data-dir=/srv/c")
                        .passing(Path.of("/scratch"), PodNetwork.parse("10.9.0.0/24"));
        assertThat(config.dataDirectory()).isEqualTo(Path.of("/srv/c"));
        assertThat(config.durable()).isTrue();
    }

    @Test
    void everyFlagSetsItsField() {
        assertThat(
                        parse(
                                        "--data-dir=/srv/c",
                                        "--bind-address=0.0.0.0",
                                        "--port=7443",
                                        "--name=quay.example",
                                        "--pod-cidr=10.9.0.0/16",
                                        "--runtime-endpoint=unix:///run/c.sock",
                                        "--images-dir=/srv/images",
                                        "--no-install")
                                .lasting())
                .isEqualTo(
                        new NodeConfig(
                                Path.of("/srv/c"),
                                "0.0.0.0",
                                7443,
                                "quay.example",
                                "10.9.0.0/16",
                                Path.of("/run/c.sock"),
                                Path.of("/srv/images"),
                                false,
                                true));
    }

    @Test
    void anUnknownFlagIsRefused() {
        assertThatThrownBy(() -> parse("--prot=1")).isInstanceOf(UnmatchedArgumentException.class);
    }

    @Test
    void aWrongValueIsNamedWithItsFlag() {
        assertThatThrownBy(() -> parse("--port=70000").lasting())
                .isInstanceOf(ParameterException.class)
                .hasMessage("--port: 70000 is not between 0 and 65535");
        assertThatThrownBy(() -> parse("--name=My_Node").lasting())
                .hasMessage(
                        "--name: \"My_Node\" is not a lower-case DNS name of at most 253"
                                + " characters");
        assertThatThrownBy(() -> parse("--pod-cidr=10.9.0.1/24").lasting())
                .hasMessage(
                        "--pod-cidr: \"10.9.0.1/24\" has host bits set; the network is"
                                + " 10.9.0.0/24");
        assertThatThrownBy(() -> parse("--bind-address=localhost").lasting())
                .hasMessage("--bind-address: \"localhost\" is not an IP address");
    }

    private static NodeOptions parse(String... args) {
        return CommandLine.populateCommand(new Flags(), args).options;
    }

    @Command
    private static final class Flags {
        @Mixin private NodeOptions options = new NodeOptions();
    }
}
