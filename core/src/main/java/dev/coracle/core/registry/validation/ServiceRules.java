// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.ServiceType;
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
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");
    private static final int KUBELET_PORT = 10_250;
    private static final int MAX_AFFINITY_SECONDS = 86_400;

    @Override
    public void create(JsonObject service, Causes causes) {
        var spec = service.object("spec");
        var type = spec.string("type");
        boolean headless = ServiceType.isHeadless(spec);
        if (spec.array("ports").isEmpty() && !headless && !ServiceType.isExternalName(spec)) {
            causes.required("spec.ports");
        }
        byType(spec, type, headless, causes);
        ports(spec, causes);
        Metadata.labels("spec.selector", spec.object("selector"), causes);
        affinity(spec, causes);
        ServiceAddresses.check(spec, causes);
        ServiceAddresses.external(spec, causes);
        oneOf(spec, "type", TYPES, causes);
        nodePorts(spec, type, causes);
        ServiceTraffic.check(service, causes);
    }

    static void oneOf(JsonObject spec, String field, List<String> allowed, Causes causes) {
        var value = spec.string(field);
        if (value.isEmpty()) {
            causes.required("spec." + field);
        } else if (!allowed.contains(value)) {
            causes.unsupported("spec." + field, value, allowed);
        }
    }

    private static void byType(JsonObject spec, String type, boolean headless, Causes causes) {
        if (ServiceType.isLoadBalancer(spec)) {
            Items.each(
                    spec,
                    "spec",
                    "ports",
                    (at, port) -> {
                        if (port.number("port", 0) == KUBELET_PORT) {
                            causes.invalid(
                                    at,
                                    KUBELET_PORT,
                                    "may not expose port %d externally since it is used by kubelet"
                                            .formatted(KUBELET_PORT));
                        }
                    });
        }
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

    private static void ports(JsonObject spec, Causes causes) {
        var names = new HashSet<String>();
        boolean many = spec.array("ports").size() > 1;
        Items.each(spec, "spec", "ports", (at, port) -> port(port, many, names, at, causes));
    }

    /// Two ports of a service may have one number if their protocols differ.
    private static void nodePorts(JsonObject spec, String type, Causes causes) {
        if (type.equals("ClusterIP")) {
            Items.each(
                    spec,
                    "spec",
                    "ports",
                    (at, port) -> {
                        if (port.number("nodePort", 0) != 0) {
                            causes.forbidden(
                                    at + ".nodePort", "may not be used when `type` is 'ClusterIP'");
                        }
                    });
        }
        var nodePorts = new HashSet<String>();
        Items.each(
                spec,
                "spec",
                "ports",
                (at, port) -> {
                    long nodePort = port.number("nodePort", 0);
                    if (nodePort != 0 && !nodePorts.add(port.string("protocol") + nodePort)) {
                        causes.duplicate(at + ".nodePort", Json.of(nodePort));
                    }
                });
        var ports = new HashSet<JsonObject>();
        Items.each(
                spec,
                "spec",
                "ports",
                (at, port) -> {
                    var key =
                            JsonObject.builder()
                                    .put("protocol", port.string("protocol"))
                                    .put("port", port.number("port", 0))
                                    .build();
                    if (!ports.add(key)) {
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
            if (spec.string("sessionAffinity").equals("None")
                    && spec.has("sessionAffinityConfig")) {
                causes.forbidden(
                        "spec.sessionAffinityConfig",
                        "must not be set when session affinity is None");
            }
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

    /// An address once given stays, unless the service has or had none.
    @Override
    public void update(JsonObject oldService, JsonObject updatedService, Causes causes) {
        var old = oldService.object("spec");
        var updated = updatedService.object("spec");
        ServiceAddresses.update(old, updated, causes);
        ServiceTraffic.update(old, updated, causes);
        create(updatedService, causes);
    }
}
