// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// Some of the endpoints behind a service; `tree` is all of it.
///
/// `service` is the name of the service it belongs to, empty when its label names none; `revision`
/// is the one that wrote the slice, 0 for one that is not in a store.
///
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>
public record EndpointSlice(
        JsonObject tree,
        ObjectKey key,
        long revision,
        String service,
        String addressType,
        List<Port> ports,
        List<Endpoint> endpoints) {
    /// The label that says which service a slice belongs to.
    public static final String SERVICE_NAME = "kubernetes.io/service-name";

    public EndpointSlice {
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
    }

    /// `port` 0 stands for all ports.
    public record Port(String name, Service.Protocol protocol, int port) {}

    /// `ready` is what clients are to be sent to; `serving` says the same without regard to whether
    /// it is `terminating`. Empty texts: not said.
    public record Endpoint(
            List<String> addresses,
            boolean ready,
            boolean serving,
            boolean terminating,
            String hostname,
            String nodeName) {
        public Endpoint {
            addresses = List.copyOf(addresses);
        }
    }

    /// Reads a slice. Conditions that are not said are: ready, serving, not terminating.
    public static EndpointSlice of(JsonObject tree) {
        return new EndpointSlice(
                tree,
                ObjectKey.of(tree),
                revision(tree.object("metadata").string("resourceVersion")),
                tree.object("metadata").object("labels").string(SERVICE_NAME),
                tree.string("addressType"),
                tree.array("ports").objects().stream()
                        .map(
                                port ->
                                        new Port(
                                                port.string("name"),
                                                Service.protocol(port.string("protocol")),
                                                (int) port.number("port", 0)))
                        .toList(),
                tree.array("endpoints").objects().stream().map(EndpointSlice::endpoint).toList());
    }

    private static long revision(String resourceVersion) {
        return resourceVersion.isEmpty() ? 0 : Long.parseLong(resourceVersion);
    }

    private static Endpoint endpoint(JsonObject endpoint) {
        var conditions = endpoint.object("conditions");
        boolean ready = conditions.bool("ready", true);
        return new Endpoint(
                endpoint.array("addresses").strings(),
                ready,
                conditions.bool("serving", ready),
                conditions.bool("terminating", false),
                endpoint.string("hostname"),
                endpoint.string("nodeName"));
    }
}
