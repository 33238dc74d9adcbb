// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.loadbalancer;

import static dev.coracle.core.registry.ResourceTypes.NODES;
import static dev.coracle.core.registry.ResourceTypes.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.controller.Desk;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadBalancersTest {
    private static final String FAILED =
            "Warning SyncLoadBalancerFailed %s: Error syncing load balancer: failed to ensure load balancer: %s";
    private final Desk desk = new Desk();

    @BeforeEach
    void start() {
        desk.add(new LoadBalancers(SERVICES, NODES));
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private void service(String name, String ports, String more) {
        desk.create(
                SERVICES,
                "{'metadata': {'name': '%s'}, 'spec': {'type': 'LoadBalancer', 'ports': [%s]%s}}"
                        .formatted(name, ports, more));
        desk.settle();
        desk.pass(Duration.ofSeconds(1));
    }

    private String address(String name) {
        var ingress =
                desk.get(SERVICES, name)
                        .object("status")
                        .object("loadBalancer")
                        .array("ingress")
                        .objects();
        return ingress.isEmpty()
                ? "pending"
                : ingress.getFirst().string("ip") + " " + ingress.getFirst().string("ipMode");
    }

    @Test
    void aServiceGetsTheAddressOfTheNode() {
        service("a", "{'port': 80}", "");

        assertThat(address("a")).isEqualTo("192.168.0.10 VIP");
        assertThat(desk.events)
                .containsExactly(
                        "Normal EnsuringLoadBalancer a: Ensuring load balancer",
                        "Normal EnsuredLoadBalancer a: Ensured load balancer");
    }

    @Test
    void onePortIsOneServicesAndPassesToTheOldestThatWaits() {
        service("a", "{'port': 80}", "");
        service("c", "{'name': 'x', 'port': 81}, {'name': 'y', 'port': 80}", "");
        service("b", "{'port': 80}", "");
        service("d", "{'port': 80, 'protocol': 'UDP'}", "");

        assertThat(address("b")).isEqualTo("pending");
        assertThat(address("c")).isEqualTo("pending");
        assertThat(address("d")).isEqualTo("192.168.0.10 VIP");
        assertThat(desk.events)
                .filteredOn(event -> event.startsWith("Warning"))
                .containsExactly(
                        FAILED.formatted(
                                "c", "port 80/TCP of 192.168.0.10 belongs to service default/a"),
                        FAILED.formatted(
                                "b", "port 80/TCP of 192.168.0.10 belongs to service default/a"));

        desk.registry.delete(SERVICES, new ObjectKey("default", "a"), DeleteOptions.NONE);
        desk.settle();

        assertThat(address("c")).isEqualTo("192.168.0.10 VIP");
        assertThat(address("b")).isEqualTo("pending");
        assertThat(desk.get(SERVICES, "c").object("status").has("conditions")).isFalse();

        desk.change(SERVICES, "c", c -> c.with("spec", s -> s.with("type", "ClusterIP")));
        desk.settle();
        assertThat(address("b")).isEqualTo("192.168.0.10 VIP");
        assertThat(address("c")).isEqualTo("pending");
    }

    @Test
    void anotherOnesClassIsLeftAlone() {
        service("a", "{'port': 80}", ", 'loadBalancerClass': 'example.com/lb'");

        assertThat(address("a")).isEqualTo("pending");
        assertThat(desk.events).isEmpty();
    }

    @Test
    void anAddressThatIsAskedForMustBeTheNodes() {
        service("a", "{'port': 80}", ", 'loadBalancerIP': '192.168.0.10'");
        service("b", "{'port': 81}", ", 'loadBalancerIP': '192.168.0.11'");

        assertThat(address("a")).isEqualTo("192.168.0.10 VIP");
        assertThat(address("b")).isEqualTo("pending");
        assertThat(desk.events.getLast())
                .isEqualTo(FAILED.formatted("b", "192.168.0.11 is not an address of the node"));

        desk.status(
                NODES,
                "yard",
                """
                {'addresses': [{'type': 'InternalIP', 'address': '192.168.0.10'},
                               {'type': 'InternalIP', 'address': '192.168.0.11'}]}""");
        desk.settle();

        assertThat(address("b")).isEqualTo("192.168.0.11 VIP");
        service("c", "{'port': 80}", "");
        assertThat(address("c")).isEqualTo("192.168.0.11 VIP");
    }
}
