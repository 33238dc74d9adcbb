// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsIndexTest {
    private final Set<String> namespaces = new HashSet<>();
    private final Map<ObjectKey, Service> services = new HashMap<>();
    private final Map<ObjectKey, EndpointSlice> slices = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void afterAnyChangesItIsWhatARebuiltOneWouldBe(long seed) {
        var random = new SplittableRandom(seed);
        var index = DnsIndex.EMPTY;
        for (int change = 0; change < 500; change++) {
            index = changed(index, random);
            if (change % 25 == 0) {
                assertThat(index).as("seed %d, change %d", seed, change).isEqualTo(rebuilt());
            }
        }
        assertThat(index).as("seed %d", seed).isEqualTo(rebuilt());
        for (var name : List.copyOf(namespaces)) {
            index = index.withoutNamespace(name);
        }
        for (var key : services.keySet()) {
            index = index.withoutService(key);
        }
        for (var key : slices.keySet()) {
            index = index.withoutSlice(key);
        }
        assertThat(index).as("seed %d, all gone", seed).isEqualTo(DnsIndex.EMPTY);
    }

    @Test
    void anOlderIndexGoesOnAnsweringAsItDid() {
        var before = DnsIndex.EMPTY.withNamespace("default").with(service("web", "10.96.0.1"));
        var after = before.with(service("web", "10.96.0.2"));

        assertThat(before.clusterIps().toMap().toString()).isEqualTo("{10.96.0.1=[default/web]}");
        assertThat(after.clusterIps().toMap().toString()).isEqualTo("{10.96.0.2=[default/web]}");
    }

    @Test
    void whatChangesNoNameMakesNoOtherIndex() {
        var index = DnsIndex.EMPTY.withNamespace("default").with(service("web", "10.96.0.1"));

        assertThat(index.with(service("web", "10.96.0.1"))).isSameAs(index);
        assertThat(index.withNamespace("default")).isSameAs(index);
        assertThat(index.withoutSlice(new ObjectKey("default", "nosuch"))).isSameAs(index);
    }

    private DnsIndex changed(DnsIndex index, RandomGenerator random) {
        var key = new ObjectKey("n" + random.nextInt(3), "x" + random.nextInt(8));
        switch (random.nextInt(8)) {
            case 0 -> {
                namespaces.add(key.namespace());
                return index.withNamespace(key.namespace());
            }
            case 1 -> {
                namespaces.remove(key.namespace());
                return index.withoutNamespace(key.namespace());
            }
            case 2 -> {
                services.remove(key);
                return index.withoutService(key);
            }
            case 3 -> {
                slices.remove(key);
                return index.withoutSlice(key);
            }
            case 4, 5 -> {
                services.put(key, randomService(key, random));
                return index.with(services.get(key));
            }
            default -> {
                slices.put(key, randomSlice(key, random));
                return index.with(slices.get(key));
            }
        }
    }

    private DnsIndex rebuilt() {
        var index = DnsIndex.EMPTY;
        for (var slice : slices.values()) {
            index = index.with(slice);
        }
        for (var service : services.values()) {
            index = index.with(service);
        }
        for (var namespace : namespaces) {
            index = index.withNamespace(namespace);
        }
        return index;
    }

    private static Service service(String name, String ip) {
        return service(new ObjectKey("default", name), List.of(ip), false, "");
    }

    private static Service randomService(ObjectKey key, RandomGenerator random) {
        var ip = "10.96.0." + random.nextInt(6);
        return switch (random.nextInt(4)) {
            case 0 -> service(key, List.of(), true, "");
            case 1 -> service(key, List.of(), false, "www.example.com");
            case 2 -> service(key, List.of(ip, "fd00::" + random.nextInt(6)), false, "");
            default -> service(key, List.of(ip), false, "");
        };
    }

    private static Service service(
            ObjectKey key, List<String> ips, boolean headless, String externalName) {
        return new Service(
                JsonObject.EMPTY,
                key,
                externalName.isEmpty() ? Service.Type.CLUSTER_IP : Service.Type.EXTERNAL_NAME,
                ips,
                headless,
                externalName,
                List.of(new Service.Port("http", Service.Protocol.TCP, 80, 0)),
                List.of(),
                List.of(),
                List.of(),
                0,
                null,
                false,
                false);
    }

    private static EndpointSlice randomSlice(ObjectKey key, RandomGenerator random) {
        var endpoints = new ArrayList<EndpointSlice.Endpoint>();
        for (int i = random.nextInt(5); i > 0; i--) {
            boolean ready = random.nextInt(4) > 0;
            endpoints.add(
                    new EndpointSlice.Endpoint(
                            List.of("10.244.0." + random.nextInt(10)),
                            ready,
                            ready,
                            false,
                            random.nextBoolean() ? "" : "h" + random.nextInt(3),
                            ""));
        }
        return new EndpointSlice(
                JsonObject.EMPTY,
                key,
                0,
                random.nextInt(8) == 0 ? "" : "x" + random.nextInt(8),
                "IPv4",
                List.of(new EndpointSlice.Port("http", Service.Protocol.TCP, 8000)),
                endpoints);
    }
}
