// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What names are made of, as of one moment: immutable, and found by name or by address without
/// looking at everything.
///
/// A change of one object makes another index and costs a few small copies, however many objects
/// there are; the order of changes does not matter.
///
/// `slices` are by their own key; `endpoints` are those of a service, in the order of the slices'
/// names; `clusterIps` and `endpointIps` lead back from an address to services and to slices.
public record DnsIndex(
        SortedTree<String, Boolean> namespaces,
        SortedTree<ObjectKey, Named> services,
        SortedTree<ObjectKey, Endpoints> slices,
        SortedTree<ObjectKey, List<Endpoints>> endpoints,
        SortedTree<IpAddress, List<ObjectKey>> clusterIps,
        SortedTree<IpAddress, List<ObjectKey>> endpointIps) {
    public static final DnsIndex EMPTY =
            new DnsIndex(
                    SortedTree.empty(),
                    SortedTree.empty(),
                    SortedTree.empty(),
                    SortedTree.empty(),
                    SortedTree.empty(),
                    SortedTree.empty());

    /// Stands for a port where none is said: there are addresses then, but no SRV records.
    static final int NO_PORT = -1;

    /// `protocol` is in lower case; both texts are empty with [#NO_PORT].
    record Port(String name, String protocol, int number) {
        private static final List<Port> NONE = List.of(new Port("", "", NO_PORT));
    }

    /// A service. `externalName` is empty unless it is an alias.
    record Named(
            ObjectKey key,
            boolean headless,
            String externalName,
            List<IpAddress> clusterIps,
            List<Port> ports) {}

    /// The ready ones of a slice, which belongs to `service`.
    record Endpoints(ObjectKey slice, ObjectKey service, List<Endpoint> ready, List<Port> ports) {}

    /// `hostname` is what names it below its service: what the slice says, else its address with
    /// dashes.
    record Endpoint(String hostname, IpAddress address) {}

    public DnsIndex withNamespace(String name) {
        return namespaces.get(name) != null ? this : ofNamespaces(namespaces.with(name, true));
    }

    public DnsIndex withoutNamespace(String name) {
        return ofNamespaces(namespaces.without(name));
    }

    private DnsIndex ofNamespaces(SortedTree<String, Boolean> changed) {
        return new DnsIndex(changed, services, slices, endpoints, clusterIps, endpointIps);
    }

    /// This index with `service` in the place of what its key named.
    public DnsIndex with(Service service) {
        return service(service.key(), named(service));
    }

    public DnsIndex withoutService(ObjectKey key) {
        return service(key, null);
    }

    private DnsIndex service(ObjectKey key, @Nullable Named after) {
        var before = services.get(key);
        if (before == null ? after == null : before.equals(after)) {
            return this;
        }
        return new DnsIndex(
                namespaces,
                after == null ? services.without(key) : services.with(key, after),
                slices,
                endpoints,
                moved(
                        clusterIps,
                        before == null ? Set.of() : Set.copyOf(before.clusterIps),
                        after == null ? Set.of() : Set.copyOf(after.clusterIps),
                        key),
                endpointIps);
    }

    /// This index with `slice` in the place of what its key named. A slice of no service has no
    /// names.
    public DnsIndex with(EndpointSlice slice) {
        return slice(slice.key(), slice.service().isEmpty() ? null : endpoints(slice));
    }

    public DnsIndex withoutSlice(ObjectKey key) {
        return slice(key, null);
    }

    private DnsIndex slice(ObjectKey key, @Nullable Endpoints after) {
        var before = slices.get(key);
        if (before == null ? after == null : before.equals(after)) {
            return this;
        }
        var changed = endpoints;
        if (before != null) {
            changed = grouped(changed, before.service, key, null);
        }
        if (after != null) {
            changed = grouped(changed, after.service, key, after);
        }
        return new DnsIndex(
                namespaces,
                services,
                after == null ? slices.without(key) : slices.with(key, after),
                changed,
                clusterIps,
                moved(endpointIps, addresses(before), addresses(after), key));
    }

    private static Set<IpAddress> addresses(@Nullable Endpoints endpoints) {
        var addresses = new HashSet<IpAddress>();
        if (endpoints != null) {
            endpoints.ready.forEach(endpoint -> addresses.add(endpoint.address));
        }
        return addresses;
    }

    /// `tree` with `after` as what `slice` adds to `service`.
    private static SortedTree<ObjectKey, List<Endpoints>> grouped(
            SortedTree<ObjectKey, List<Endpoints>> tree,
            ObjectKey service,
            ObjectKey slice,
            @Nullable Endpoints after) {
        var group = new ArrayList<>(tree.getOrDefault(service, List.of()));
        group.removeIf(endpoints -> endpoints.slice.equals(slice));
        if (after != null) {
            int place = 0;
            while (place < group.size() && group.get(place).slice.compareTo(slice) < 0) {
                place++;
            }
            group.add(place, after);
        }
        return group.isEmpty() ? tree.without(service) : tree.with(service, List.copyOf(group));
    }

    /// `tree` when `key` had the addresses `before` and has those of `after`.
    private static SortedTree<IpAddress, List<ObjectKey>> moved(
            SortedTree<IpAddress, List<ObjectKey>> tree,
            Set<IpAddress> before,
            Set<IpAddress> after,
            ObjectKey key) {
        var result = tree;
        for (var gone : before) {
            if (!after.contains(gone)) {
                var left =
                        result.getOrDefault(gone, List.of()).stream()
                                .filter(other -> !other.equals(key))
                                .toList();
                result = left.isEmpty() ? result.without(gone) : result.with(gone, left);
            }
        }
        for (var come : after) {
            if (!before.contains(come)) {
                var here =
                        Stream.concat(result.getOrDefault(come, List.of()).stream(), Stream.of(key))
                                .sorted()
                                .toList();
                result = result.with(come, here);
            }
        }
        return result;
    }

    private static Named named(Service service) {
        return new Named(
                service.key(),
                service.headless(),
                service.type() == Service.Type.EXTERNAL_NAME ? service.externalName() : "",
                service.clusterIps().stream().flatMap(ip -> IpAddress.parse(ip).stream()).toList(),
                service.ports().isEmpty()
                        ? Port.NONE
                        : service.ports().stream()
                                .map(port -> port(port.name(), port.protocol(), port.port()))
                                .toList());
    }

    private static Port port(String name, Service.Protocol protocol, int number) {
        return new Port(
                name.toLowerCase(Locale.ROOT),
                protocol.name().toLowerCase(Locale.ROOT),
                number == 0 ? NO_PORT : number);
    }

    /// Ready is as the slice says it: where a service publishes addresses that are not ready, their
    /// slices say that they are.
    ///
    /// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ready>
    private static Endpoints endpoints(EndpointSlice slice) {
        var ready = new ArrayList<Endpoint>();
        for (var endpoint : slice.endpoints()) {
            for (var text : endpoint.ready() ? endpoint.addresses() : List.<String>of()) {
                IpAddress.parse(text)
                        .ifPresent(
                                address ->
                                        ready.add(
                                                new Endpoint(
                                                        hostname(endpoint.hostname(), text),
                                                        address)));
            }
        }
        return new Endpoints(
                slice.key(),
                new ObjectKey(slice.key().namespace(), slice.service()),
                List.copyOf(ready),
                slice.ports().isEmpty()
                        ? Port.NONE
                        : slice.ports().stream()
                                .map(port -> port(port.name(), port.protocol(), port.port()))
                                .toList());
    }

    /// Of an address that ends in a colon the last group is written out, as no label may end in a
    /// dash.
    private static String hostname(String said, String address) {
        if (!said.isEmpty()) {
            return said.toLowerCase(Locale.ROOT);
        }
        var dashes = address.replace('.', '-').replace(':', '-');
        return dashes.endsWith("-") ? dashes + "0" : dashes;
    }
}
