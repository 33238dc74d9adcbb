// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;

/// Namespaces, nodes, leases, events, and the addresses behind services.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/>
final class ClusterRules {
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");
    private static final List<String> ADDRESS_TYPES = List.of("FQDN", "IPv4", "IPv6");
    private static final int MAX_ENDPOINTS = 1000;
    private static final int MAX_ADDRESSES = 100;

    private ClusterRules() {}

    static void namespace(JsonObject namespace, Causes causes) {
        var finalizers = namespace.object("spec").array("finalizers").strings();
        for (int i = 0; i < finalizers.size(); i++) {
            var finalizer = finalizers.get(i);
            if (!finalizer.equals("kubernetes")) {
                causes.invalidEach("spec.finalizers", finalizer, Names.qualified(finalizer));
                if (!finalizer.contains("/")) {
                    causes.invalid(
                            "spec.finalizers",
                            finalizer,
                            "name is neither a standard finalizer name nor is it fully qualified");
                }
            }
        }
    }

    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    static void node(JsonObject node, Causes causes) {
        var seen = new HashSet<String>();
        Items.each(
                node.object("spec"),
                "spec",
                "taints",
                (at, taint) -> {
                    var key = taint.string("key");
                    var effect = taint.string("effect");
                    causes.invalidEach(at + ".key", key, Names.qualified(key));
                    var wrong = Names.labelValue(taint.string("value"));
                    if (!wrong.isEmpty()) {
                        causes.invalid(
                                at + ".value", taint.string("value"), String.join(";", wrong));
                    }
                    if (effect.isEmpty()) {
                        causes.required(at + ".effect");
                    } else if (!TolerationRules.EFFECTS.contains(effect)) {
                        causes.unsupported(at + ".effect", effect, TolerationRules.EFFECTS);
                    }
                    if (!seen.add(effect + "/" + key)) {
                        causes.duplicate(at, taint);
                    }
                });
    }

    static void nodeUpdate(JsonObject old, JsonObject updated, Causes causes) {
        node(updated, causes);
        for (var field : List.of("podCIDR", "providerID")) {
            var before = old.object("spec").string(field);
            if (!before.isEmpty() && !before.equals(updated.object("spec").string(field))) {
                causes.forbidden(
                        field.equals("podCIDR") ? "spec.podCIDRs" : "spec.providerID",
                        "node updates may not change %s except from \"\" to valid"
                                .formatted(field));
            }
        }
    }

    /// <https://kubernetes.io/docs/concepts/architecture/leases/>
    static void lease(JsonObject lease, Causes causes) {
        var spec = lease.object("spec");
        if (spec.number("leaseDurationSeconds", 1) <= 0) {
            causes.invalid(
                    "spec.leaseDurationSeconds",
                    spec.number("leaseDurationSeconds", 1),
                    "must be greater than 0");
        }
        Numbers.notNegative(spec, "leaseTransitions", "spec", causes);
    }

    static void event(JsonObject event, Causes causes) {
        var namespace = event.object("metadata").string("namespace");
        for (var field : List.of("involvedObject", "regarding")) {
            if (!(event.get(field) instanceof JsonObject about)) {
                continue;
            }
            var other = about.string("namespace");
            boolean clusterWide = other.isEmpty() && namespace.equals("default");
            if (!clusterWide && !other.equals(namespace)) {
                causes.invalid("involvedObject.namespace", other, "does not match event.namespace");
            }
        }
    }

    static void endpoints(JsonObject endpoints, Causes causes) {
        int index = 0;
        for (var subset : endpoints.array("subsets").objects()) {
            var path = "subsets[%d]".formatted(index++);
            if (subset.array("addresses").isEmpty()
                    && subset.array("notReadyAddresses").isEmpty()) {
                causes.required(path, "must specify `addresses` or `notReadyAddresses`");
            }
            for (var list : List.of("addresses", "notReadyAddresses")) {
                Items.each(
                        subset,
                        path,
                        list,
                        (at, address) -> endpointAddress(address.string("ip"), at + ".ip", causes));
            }
            boolean many = subset.array("ports").size() > 1;
            Items.each(subset, path, "ports", (at, port) -> endpointPort(port, many, at, causes));
        }
    }

    private static void endpointAddress(String text, String path, Causes causes) {
        Addresses.check(text, path, causes)
                .ifPresent(address -> Addresses.checkOrdinary(address, text, path, causes));
    }

    private static void endpointPort(JsonObject port, boolean named, String path, Causes causes) {
        var name = port.string("name");
        if (named && name.isEmpty()) {
            causes.required(path + ".name");
        } else if (!name.isEmpty()) {
            causes.invalidEach(path + ".name", name, Names.label(name));
        }
        if (!named || Numbers.has(port, "port")) {
            Numbers.inRange(port, "port", path, 1, Numbers.MAX_PORT, causes);
        }
        var protocol = port.string("protocol");
        if (protocol.isEmpty()) {
            causes.required(path + ".protocol");
        } else if (!PROTOCOLS.contains(protocol)) {
            causes.unsupported(path + ".protocol", protocol, PROTOCOLS);
        }
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>
    static void endpointSlice(JsonObject slice, Causes causes) {
        var type = slice.string("addressType");
        if (type.isEmpty()) {
            causes.required("addressType");
        } else if (!ADDRESS_TYPES.contains(type)) {
            causes.unsupported("addressType", type, ADDRESS_TYPES);
        }
        var endpoints = slice.array("endpoints");
        if (endpoints.size() > MAX_ENDPOINTS) {
            causes.tooMany("endpoints", endpoints.size(), MAX_ENDPOINTS);
            return;
        }
        int index = 0;
        for (var endpoint : endpoints.objects()) {
            addresses(endpoint, type, "endpoints[%d].addresses".formatted(index++), causes);
        }
        var names = new HashSet<String>();
        int number = 0;
        for (var port : slice.array("ports").objects()) {
            var path = "ports[%d]".formatted(number++);
            if (!names.add(port.string("name"))) {
                causes.duplicate(path + ".name", port.string("name"));
            }
            var protocol = port.string("protocol");
            if (!PROTOCOLS.contains(protocol)) {
                causes.unsupported(path + ".protocol", protocol, PROTOCOLS);
            }
        }
    }

    private static void addresses(JsonObject endpoint, String type, String path, Causes causes) {
        var addresses = endpoint.array("addresses").strings();
        if (addresses.isEmpty()) {
            causes.required(path, "must contain at least 1 address");
        } else if (addresses.size() > MAX_ADDRESSES) {
            causes.tooMany(path, addresses.size(), MAX_ADDRESSES);
        }
        for (int i = 0; i < addresses.size(); i++) {
            var address = addresses.get(i);
            var at = "%s[%d]".formatted(path, i);
            switch (type) {
                case "IPv4", "IPv6" ->
                        Addresses.check(address, at, causes)
                                .ifPresent(parsed -> ofFamily(type, parsed, address, at, causes));
                default -> causes.invalidEach(at, address, Names.subdomain(address));
            }
        }
    }

    private static void ofFamily(
            String type, IpAddress address, String text, String path, Causes causes) {
        if (address.v6() != type.equals("IPv6")) {
            causes.invalid(path, text, "must be an " + type + " address");
        }
        Addresses.checkOrdinary(address, text, path, causes);
    }

    static void endpointSliceUpdate(JsonObject old, JsonObject updated, Causes causes) {
        endpointSlice(updated, causes);
        var type = updated.string("addressType");
        if (!type.equals(old.string("addressType"))) {
            causes.invalid("addressType", type, Metadata.IMMUTABLE);
        }
    }
}
