// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.core.view.ServiceType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Histories of services in ranges so small that they run out, against a list of what each has.
class ServiceAllocationModelTest {
    /// 30 addresses, two of them kept; 20 node ports.
    private static final ServiceRanges SMALL = new ServiceRanges("10.9.0.0/27", 30_000, 30_019);

    private static final List<String> TYPES =
            List.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
    private static final int STEPS = 400;

    private final Map<String, JsonObject> model = new LinkedHashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void nothingIsEverTwoServicesAndNothingFreeIsRefused(long seed) {
        var random = new SplittableRandom(seed);
        try (var store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT)) {
            for (int step = 0; step < STEPS; step++) {
                // a new registry each time, as after a restart: all it knows is in the store
                var registry = registry(store, random.split());
                if (step == 0) {
                    registry.create(
                            ResourceTypes.NAMESPACES,
                            "",
                            Cluster.json("{'metadata': {'name': 'default'}}"),
                            Cluster.options());
                }
                step(registry, random);
                check(seed, step);
            }
        }
    }

    private static StoreRegistry registry(MvccStore store, SplittableRandom random) {
        return new StoreRegistry(
                store,
                Cluster.SCHEMAS,
                InstantSource.fixed(Instant.parse("2026-11-21T04:00:00Z")),
                random,
                SMALL,
                List.of());
    }

    private void step(StoreRegistry registry, SplittableRandom random) {
        var name = "s" + random.nextInt(45);
        var type = TYPES.get(random.nextInt(TYPES.size()));
        var present = model.get(name);
        try {
            if (present == null) {
                model.put(name, create(registry, name, type, random));
            } else if (random.nextInt(3) == 0) {
                registry.delete(ResourceTypes.SERVICES, Cluster.key(name), DeleteOptions.NONE);
                model.remove(name);
            } else {
                model.put(name, retype(registry, name, type));
            }
        } catch (ApiException e) {
            assertThat(refusalIsDue(e.getMessage())).as(e.getMessage()).isTrue();
        }
    }

    private static JsonObject create(
            StoreRegistry registry, String name, String type, SplittableRandom random) {
        var fixed =
                random.nextInt(4) == 0 && !type.equals("ExternalName")
                        ? ", 'clusterIP': '10.9.0.%d'".formatted(1 + random.nextInt(30))
                        : "";
        var text =
                "{'metadata': {'name': '%s'}, 'spec': {'type': '%s', 'externalName': 'a.b', 'ports': [{'port': 80}]%s}}";
        return registry.create(
                ResourceTypes.SERVICES,
                "default",
                Cluster.json(text.formatted(name, type, fixed)),
                Cluster.options());
    }

    private static JsonObject retype(StoreRegistry registry, String name, String type) {
        return registry.patch(
                ResourceTypes.SERVICES,
                new ObjectKey("default", name),
                "",
                new Patch(
                        Patch.Format.MERGE,
                        Cluster.json(
                                "{'spec': {'type': '%s', 'externalTrafficPolicy': null}}"
                                        .formatted(type))),
                Cluster.options());
    }

    private boolean refusalIsDue(String message) {
        if (message.contains("serviceIP: range is full")) {
            return addresses().size() == 28;
        }
        if (message.contains("nodePort: range is full")) {
            return nodePorts().size() == 20;
        }
        if (!message.endsWith("provided IP is already allocated")) {
            return false;
        }
        var address = message.replaceAll(".*allocate IP ([0-9.]+):.*", "$1");
        return Set.of("10.9.0.1", "10.9.0.10").contains(address) || addresses().contains(address);
    }

    private Set<String> addresses() {
        var all = new HashSet<String>();
        model.values().forEach(s -> all.addAll(s.object("spec").array("clusterIPs").strings()));
        return all;
    }

    private Set<Long> nodePorts() {
        var all = new HashSet<Long>();
        model.values().forEach(s -> all.addAll(ServicePorts.of(s.object("spec"))));
        return all;
    }

    private void check(long seed, int step) {
        long addressed =
                model.values().stream()
                        .filter(s -> !s.object("spec").string("type").equals("ExternalName"))
                        .count();
        long ported =
                model.values().stream()
                        .filter(s -> ServiceType.hasNodePorts(s.object("spec")))
                        .count();
        assertThat((long) addresses().size())
                .as("seed %d, step %d", seed, step)
                .isEqualTo(addressed);
        assertThat((long) nodePorts().size()).as("seed %d, step %d", seed, step).isEqualTo(ported);
        assertThat(addresses()).doesNotContain("10.9.0.0", "10.9.0.1", "10.9.0.10", "10.9.0.31");
    }
}
