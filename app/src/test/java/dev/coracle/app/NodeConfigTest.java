// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
                                "10.96.0.0/12",
                                null,
                                null,
                                Duration.ofMinutes(5),
                                true,
                                true));
    }

    @Test
    void aPassingNodeTakesWhatIsFreeAndKeepsNothing() throws IOException {
        assertThat(passing(parse("--name=yard")))
                .isEqualTo(
                        new NodeConfig(
                                Path.of("/scratch"),
                                "127.0.0.1",
                                0,
                                "yard",
                                "10.9.0.0/24",
                                "10.112.0.0/20",
                                null,
                                null,
                                Duration.ofMinutes(5),
                                true,
                                false));
    }

    @Test
    void aPassingNodeWithADirectoryKeepsItsObjects() throws IOException {
        var config = passing(parse("--data-dir=/srv/c"));
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
                                        "--service-cidr=10.8.0.0/16",
                                        "--runtime-endpoint=unix:///run/c.sock",
                                        "--images-dir=/srv/images",
                                        "--max-container-restart-period=1m30s",
                                        "--no-install")
                                .lasting())
                .isEqualTo(
                        new NodeConfig(
                                Path.of("/srv/c"),
                                "0.0.0.0",
                                7443,
                                "quay.example",
                                "10.9.0.0/16",
                                "10.8.0.0/16",
                                Path.of("/run/c.sock"),
                                Path.of("/srv/images"),
                                Duration.ofSeconds(90),
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
        assertThatThrownBy(() -> parse("--max-container-restart-period=301s").lasting())
                .hasMessage("--max-container-restart-period: 5m1s is not between 1s and 300s");
        assertThatThrownBy(() -> parse("--max-container-restart-period=soon").lasting())
                .hasMessageStartingWith("--max-container-restart-period: \"soon\": must be");
        assertThatThrownBy(() -> parse("--name=My_Node").lasting())
                .hasMessage(
                        "--name: \"My_Node\" is not a lower-case DNS name of at most 253"
                                + " characters");
        assertThatThrownBy(() -> parse("--pod-cidr=10.9.0.1/24").lasting())
                .hasMessage(
                        "--pod-cidr: \"10.9.0.1/24\" has host bits set; the network is"
                                + " 10.9.0.0/24");
        assertThatThrownBy(() -> parse("--service-cidr=10.0.0.0/8").lasting())
                .hasMessage(
                        "--service-cidr: \"10.0.0.0/8\" has a prefix that is not between 12 and 28");
        assertThatThrownBy(() -> parse("--service-cidr=10.240.0.0/12").lasting())
                .hasMessage("--service-cidr: 10.240.0.0/12 and --pod-cidr 10.244.0.0/24 overlap");
        assertThatThrownBy(() -> parse("--bind-address=localhost").lasting())
                .hasMessage("--bind-address: \"localhost\" is not an IP address");
    }

    private static NodeConfig passing(NodeOptions options) throws IOException {
        return options.passing(
                Path.of("/scratch"),
                () -> Ipv4Network.ofPods("10.9.0.0/24"),
                () -> Ipv4Network.ofServices("10.112.0.0/20"));
    }

    private static NodeOptions parse(String... args) {
        return CommandLine.populateCommand(new Flags(), args).options;
    }

    @Command
    private static final class Flags {
        @Mixin private NodeOptions options = new NodeOptions();
    }
}
