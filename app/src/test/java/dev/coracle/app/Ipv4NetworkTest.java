// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4NetworkTest {

    @ParameterizedTest
    @ValueSource(strings = {"10.244.0.0/24", "192.168.128.0/17", "10.0.0.0/8", "172.16.5.16/28"})
    void aNetworkIsWrittenAsItWasRead(String cidr) {
        assertThat(Ipv4Network.ofPods(cidr)).hasToString(cidr);
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
        assertThatThrownBy(() -> Ipv4Network.ofPods(cidr))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--pod-cidr: \"" + cidr + "\"");
    }

    @Test
    void theFirstNetworkOfPodsThatNobodyUsesIsFree() throws IOException {
        assertThat(Ipv4Network.freeForPods(List.of(), _ -> true)).hasToString("10.244.1.0/24");
        assertThat(Ipv4Network.freeForPods(networks("10.244.1.0/24", "10.244.2.128/28"), _ -> true))
                .hasToString("10.244.3.0/24");
        assertThat(Ipv4Network.freeForPods(networks("10.244.0.0/22"), _ -> true))
                .hasToString("10.244.4.0/24");
    }

    @Test
    void whatSomebodyElseClaimsIsNotFree() throws IOException {
        assertThat(Ipv4Network.freeForPods(List.of(), network -> network.first() % 512 == 0))
                .hasToString("10.244.2.0/24");
    }

    @Test
    void servicesOfPassingNodesAreNotWhereThoseOfALastingOneAre() throws IOException {
        assertThat(Ipv4Network.freeForServices(networks("10.244.0.0/24"), _ -> true))
                .hasToString("10.112.0.0/20");
        assertThat(
                        Ipv4Network.freeForServices(
                                networks("10.112.0.0/20", "10.112.24.0/24"), _ -> true))
                .hasToString("10.112.32.0/20");
        assertThat(
                        Ipv4Network.freeForServices(List.of(), _ -> true)
                                .overlaps(Ipv4Network.ofServices(NodeConfig.DEFAULT_SERVICE_CIDR)))
                .isFalse();
    }

    @Test
    void theFirstAddressesOfANetworkAreForTheNodeItself() {
        assertThat(Ipv4Network.ofPods("10.244.3.0/24").host(1)).isEqualTo("10.244.3.1");
        assertThat(Ipv4Network.ofServices("10.96.0.0/12").host(10)).isEqualTo("10.96.0.10");
    }

    @Test
    void aRouteOfTheKernelsIsRead() {
        assertThat(
                        LocalMachine.route(
                                "cor-1\t0000600A\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0"))
                .hasToString("10.96.0.0/12");
    }

    @Test
    void whenAllAreTakenTheUserMustName() throws IOException {
        var all =
                IntStream.range(0, 256)
                        .mapToObj(n -> Ipv4Network.ofPods("10.244.%d.0/24".formatted(n)))
                        .toList();
        assertThatThrownBy(() -> Ipv4Network.freeForPods(all, _ -> true))
                .hasMessageContaining("--pod-cidr");
    }

    private static List<Ipv4Network> networks(String... cidrs) {
        return List.of(cidrs).stream().map(Ipv4Network::ofPods).toList();
    }
}
