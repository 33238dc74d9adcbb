// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodNetworkTest {

    @ParameterizedTest
    @ValueSource(strings = {"10.244.0.0/24", "192.168.128.0/17", "10.0.0.0/8", "172.16.5.16/28"})
    void aNetworkIsWrittenAsItWasRead(String cidr) {
        assertThat(PodNetwork.parse(cidr)).hasToString(cidr);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.244.0.0",
                "10.244.0.256/24",
                "10.0.0.0/7",
                "10.0.0.0/29",
                "fd00::/64"
            })
    void whatIsNoNetworkOfPodsIsRefused(String cidr) {
        assertThatThrownBy(() -> PodNetwork.parse(cidr))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--pod-cidr: \"" + cidr + "\"");
    }

    @Test
    void theFirstNetworkThatNobodyUsesIsFree() {
        assertThat(PodNetwork.free(List.of())).hasToString("10.244.1.0/24");
        assertThat(PodNetwork.free(networks("10.244.1.0/24", "10.244.2.128/28")))
                .hasToString("10.244.3.0/24");
        assertThat(PodNetwork.free(networks("10.244.0.0/22"))).hasToString("10.244.4.0/24");
    }

    @Test
    void whenAllAreTakenTheUserMustName() {
        var all =
                IntStream.range(0, 256)
                        .mapToObj(n -> PodNetwork.parse("10.244.%d.0/24".formatted(n)))
                        .toList();
        assertThatThrownBy(() -> PodNetwork.free(all)).hasMessageContaining("--pod-cidr");
    }

    private static List<PodNetwork> networks(String... cidrs) {
        return List.of(cidrs).stream().map(PodNetwork::parse).toList();
    }
}
