// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import dev.coracle.core.view.ServiceType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Gives services their addresses and node ports, none to two at once.
///
/// What is taken is what the stored services have, so nothing is forgotten by a restart and nothing
/// has to be given back. Between looking and storing no other service is written.
///
/// <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>
final class ServiceAllocation {
    private static final int STEP = 16;
    private static final int MOST_FIXED = 256;
    private static final ObjectKey API = new ObjectKey("default", "kubernetes");
    private static final ObjectKey DNS = new ObjectKey("kube-system", "kube-dns");

    private final ReentrantLock lock = new ReentrantLock();
    private final Store store;
    private final ServiceRanges ranges;
    private final AddressRange addresses;
    private final RandomGenerator random;

    ServiceAllocation(Store store, ServiceRanges ranges, RandomGenerator random) {
        this.store = store;
        this.ranges = ranges;
        this.addresses = ranges.addresses();
        this.random = random;
    }

    /// Does `work`; if it writes a service, nobody else writes one meanwhile.
    <T> T alone(ServedKind kind, Supplier<T> work) {
        if (!isService(kind)) {
            return work.get();
        }
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    static boolean isService(ServedKind kind) {
        return kind.storage().equals(ResourceTypes.SERVICES);
    }

    /// What the other services have.
    private record Taken(Set<String> addresses, Set<Long> ports) {}

    private Taken taken(ObjectKey except) {
        var taken = new Taken(new HashSet<>(), new HashSet<>());
        for (Entry entry : store.range(ResourceTypes.SERVICES.keyPrefix(), "", 0, 0).entries()) {
            if (!ObjectKey.of(entry.object()).equals(except)) {
                var spec = entry.object().object("spec");
                taken.addresses().addAll(spec.array("clusterIPs").strings());
                taken.ports().addAll(ServicePorts.of(spec));
            }
        }
        if (!except.equals(API)) {
            taken.addresses().add(ranges.apiAddress());
        }
        if (!except.equals(DNS)) {
            taken.addresses().add(ranges.dnsAddress());
        }
        return taken;
    }

    /// `service`, which is new, with all that it needs.
    ///
    /// @throws ApiException 422 if it cannot have what it asks for, 500 if nothing is left
    JsonObject created(JsonObject service) {
        var taken = taken(ObjectKey.of(service));
        var addressed = addressed(ServiceFamilies.settled(null, service), taken.addresses());
        return ports(taken).created(addressed);
    }

    /// `service` with what it needs and `old`, which it replaces, did not have; and without what
    /// it has no longer.
    ///
    /// @throws ApiException as [#created]
    JsonObject updated(JsonObject old, JsonObject service) {
        var settled = ServiceFamilies.settled(old, service);
        var before = old.object("spec");
        boolean first =
                ServiceType.isExternalName(before)
                        && !ServiceType.isExternalName(settled.object("spec"));
        if (first || ServiceType.hasNodePorts(settled.object("spec"))) {
            var taken = taken(ObjectKey.of(service));
            var addressed = first ? addressed(settled, taken.addresses()) : settled;
            settled = ports(taken).updated(old, addressed);
        }
        return ServiceTransition.trimmed(old, settled);
    }

    private ServicePorts ports(Taken taken) {
        return new ServicePorts(ranges, random, taken.ports());
    }

    private JsonObject addressed(JsonObject service, Set<String> taken) {
        var spec = service.object("spec");
        if (ServiceType.isExternalName(spec) || ServiceType.isHeadless(spec)) {
            return service;
        }
        var wanted = spec.array("clusterIPs").strings();
        if (wanted.isEmpty()) {
            var address = draw(taken);
            return service.with(
                    "spec",
                    s ->
                            s.with("clusterIP", address)
                                    .with("clusterIPs", JsonArray.of(Json.of(address))));
        }
        check(service, wanted.getFirst(), taken);
        return service;
    }

    private void check(JsonObject service, String address, Set<String> taken) {
        var refusal =
                !addresses.contains(address)
                        ? "the provided network does not match the current range"
                        : taken.contains(address) ? "provided IP is already allocated" : "";
        if (!refusal.isEmpty()) {
            throw ServiceRefusal.invalid(
                    service,
                    List.of(
                            ServiceRefusal.cause(
                                    "spec.clusterIPs",
                                    service.object("spec").array("clusterIPs"),
                                    "failed to allocate IP %s: %s".formatted(address, refusal))));
        }
    }

    private String draw(Set<String> taken) {
        // two addresses of the network are nobody's, and count all the same
        long fixed = Band.of(addresses.size() + 2, STEP, MOST_FIXED).fixed();
        var drawn =
                new Band(addresses.size(), fixed)
                        .draw(index -> taken.contains(addresses.at(index)), random);
        if (drawn.isEmpty()) {
            throw ServiceRefusal.internal("failed to allocate a serviceIP: range is full");
        }
        return addresses.at(drawn.getAsLong());
    }
}
