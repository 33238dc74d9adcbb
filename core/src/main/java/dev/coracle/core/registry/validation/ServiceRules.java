// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Services.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>
final class ServiceRules implements Rules {
    private static final List<String> TYPES =
            List.of("ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
    private static final List<String> AFFINITIES = List.of("ClientIP", "None");
    private static final List<String> POLICIES = List.of("Cluster", "Local");
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");
    private static final List<String> DISTRIBUTIONS =
            List.of("PreferClose", "PreferSameNode", "PreferSameZone");
    private static final int MAX_AFFINITY_SECONDS = 86_400;

    @Override
    public void create(JsonObject service, Causes causes) {
        var spec = service.object("spec");
        var type = spec.string("type");
        boolean headless = spec.string("clusterIP").equals("None");
        if (spec.array("ports").isEmpty() && !headless && !type.equals("ExternalName")) {
            causes.required("spec.ports");
        }
        byType(spec, type, headless, causes);
        ports(spec, type, causes);
        Metadata.labels("spec.selector", spec.object("selector"), causes);
        affinity(spec, causes);
        addresses(spec, causes);
        oneOf(spec, "type", TYPES, causes);
        policies(spec, type, causes);
    }

    private static void oneOf(JsonObject spec, String field, List<String> allowed, Causes causes) {
        var value = spec.string(field);
        if (value.isEmpty()) {
            causes.required("spec." + field);
        } else if (!allowed.contains(value)) {
            causes.unsupported("spec." + field, value, allowed);
        }
    }

    private static void byType(JsonObject spec, String type, boolean headless, Causes causes) {
        if (type.equals("ExternalName")) {
            externalName(spec, causes);
        } else if (headless && !type.equals("ClusterIP")) {
            causes.invalid(
                    "spec.clusterIPs[0]",
                    "None",
                    "may not be set to 'None' for %s services".formatted(type));
        }
    }

    private static void externalName(JsonObject spec, Causes causes) {
        for (var field : List.of("clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
            if (spec.has(field)) {
                causes.forbidden("spec." + field, "may not be set for ExternalName services");
            }
        }
        var name = spec.string("externalName");
        var bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (bare.isEmpty()) {
            causes.required("spec.externalName");
        } else {
            causes.invalidEach("spec.externalName", bare, Names.subdomain(bare));
        }
    }

    private static void ports(JsonObject spec, String type, Causes causes) {
        var names = new HashSet<String>();
        var ports = new HashSet<String>();
        var nodePorts = new HashSet<String>();
        boolean many = spec.array("ports").size() > 1;
        Items.each(
                spec,
                "spec",
                "ports",
                (at, port) -> {
                    port(port, many, names, at, causes);
                    var protocol = port.string("protocol");
                    long nodePort = port.number("nodePort", 0);
                    if (nodePort != 0 && type.equals("ClusterIP")) {
                        causes.forbidden(
                                at + ".nodePort", "may not be used when `type` is 'ClusterIP'");
                    }
                    if (nodePort != 0 && !nodePorts.add(protocol + nodePort)) {
                        causes.duplicate(at + ".nodePort", Json.of(nodePort));
                    }
                    long number = port.number("port", 0);
                    if (!ports.add(protocol + number)) {
                        var key =
                                JsonObject.builder()
                                        .put("protocol", protocol)
                                        .put("port", number)
                                        .build();
                        causes.duplicate(at, key);
                    }
                });
    }

    private static void port(
            JsonObject port, boolean many, Set<String> names, String path, Causes causes) {
        var name = port.string("name");
        if (many && name.isEmpty()) {
            causes.required(path + ".name");
        } else if (!name.isEmpty()) {
            causes.invalidEach(path + ".name", name, Names.label(name));
            if (!names.add(name)) {
                causes.duplicate(path + ".name", name);
            }
        }
        long number = port.number("port", 0);
        if (number < 1 || number > Numbers.MAX_PORT) {
            causes.invalid(path + ".port", number, Names.range(1, Numbers.MAX_PORT));
        }
        var protocol = port.string("protocol");
        if (protocol.isEmpty()) {
            causes.required(path + ".protocol");
        } else if (!PROTOCOLS.contains(protocol)) {
            causes.unsupported(path + ".protocol", protocol, PROTOCOLS);
        }
        Numbers.port(port, "targetPort", path, causes);
        var application = port.string("appProtocol");
        if (!application.isEmpty()) {
            causes.invalidEach(path + ".appProtocol", application, Names.qualified(application));
        }
    }

    private static void affinity(JsonObject spec, Causes causes) {
        oneOf(spec, "sessionAffinity", AFFINITIES, causes);
        if (!spec.string("sessionAffinity").equals("ClientIP")) {
            return;
        }
        long seconds =
                spec.object("sessionAffinityConfig").object("clientIP").number("timeoutSeconds", 1);
        if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
            causes.invalid(
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                    seconds,
                    "must be greater than 0 and less than %d".formatted(MAX_AFFINITY_SECONDS));
        }
    }

    private static void addresses(JsonObject spec, Causes causes) {
        var addresses = spec.array("clusterIPs");
        var first = spec.string("clusterIP");
        if (!addresses.isEmpty() && !addresses.strings().getFirst().equals(first)) {
            causes.invalid("spec.clusterIPs", addresses, "first value must match `clusterIP`");
        }
        for (int i = 0; i < addresses.strings().size(); i++) {
            var address = addresses.strings().get(i);
            if (!address.equals("None")) {
                Addresses.check(address, "spec.clusterIPs[%d]".formatted(i), causes);
            } else if (addresses.size() > 1) {
                causes.invalid(
                        "spec.clusterIPs[%d]".formatted(i),
                        address,
                        "'None' must be the first and only value");
            }
        }
        var external = spec.array("externalIPs").strings();
        for (int i = 0; i < external.size(); i++) {
            Addresses.check(external.get(i), "spec.externalIPs[%d]".formatted(i), causes);
        }
    }

    private static void policies(JsonObject spec, String type, Causes causes) {
        boolean external =
                type.equals("LoadBalancer")
                        || type.equals("NodePort")
                        || (type.equals("ClusterIP") && !spec.array("externalIPs").isEmpty());
        if (external) {
            oneOf(spec, "externalTrafficPolicy", POLICIES, causes);
        } else if (!spec.string("externalTrafficPolicy").isEmpty()) {
            causes.invalid(
                    "spec.externalTrafficPolicy",
                    spec.string("externalTrafficPolicy"),
                    "may only be set for externally-accessible services");
        }
        boolean addressed = TYPES.contains(type) && !type.equals("ExternalName");
        if (addressed || spec.has("internalTrafficPolicy")) {
            oneOf(spec, "internalTrafficPolicy", POLICIES, causes);
        }
        if (spec.has("trafficDistribution")) {
            oneOf(spec, "trafficDistribution", DISTRIBUTIONS, causes);
        }
        if (!type.equals("LoadBalancer")) {
            for (var field :
                    List.of(
                            "allocateLoadBalancerNodePorts",
                            "loadBalancerSourceRanges",
                            "loadBalancerClass")) {
                if (spec.has(field)) {
                    causes.forbidden(
                            "spec." + field, "may only be used when `type` is 'LoadBalancer'");
                }
            }
        }
    }

    /// An address once given stays, unless the service has or had none.
    @Override
    public void update(JsonObject oldService, JsonObject updatedService, Causes causes) {
        var old = oldService.object("spec");
        var updated = updatedService.object("spec");
        boolean addressed =
                !old.string("type").equals("ExternalName")
                        && !updated.string("type").equals("ExternalName");
        var before = old.string("clusterIP");
        if (addressed && !before.isEmpty() && !before.equals(updated.string("clusterIP"))) {
            JsonArray now = updated.array("clusterIPs");
            causes.invalid("spec.clusterIPs[0]", now, "may not change once set");
        }
        create(updatedService, causes);
    }
}
