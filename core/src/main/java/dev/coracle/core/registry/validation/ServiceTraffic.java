// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.ServiceType;
import java.util.List;

/// Which traffic a service takes, and where it sends it.
///
/// <https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies>
final class ServiceTraffic {
    private static final List<String> POLICIES = List.of("Cluster", "Local");
    private static final List<String> DISTRIBUTIONS =
            List.of("PreferClose", "PreferSameNode", "PreferSameZone");
    private static final List<String> ADDRESSED = List.of("ClusterIP", "LoadBalancer", "NodePort");
    private static final String BALANCER = "may only be used when `type` is 'LoadBalancer'";

    private static final String HEALTH_PORT = "healthCheckNodePort";
    private static final String SOURCES = "service.beta.kubernetes.io/load-balancer-source-ranges";

    private ServiceTraffic() {}

    static void check(JsonObject service, Causes causes) {
        var spec = service.object("spec");
        var type = spec.string("type");
        boolean balanced = ServiceType.isLoadBalancer(spec);
        sources(service, balanced, causes);
        if (!balanced && spec.has("allocateLoadBalancerNodePorts")) {
            causes.forbidden("spec.allocateLoadBalancerNodePorts", BALANCER);
        } else if (balanced && !spec.has("allocateLoadBalancerNodePorts")) {
            causes.required("spec.allocateLoadBalancerNodePorts");
        }
        balancerClass(spec, balanced, causes);
        outside(spec, causes);
        healthCheck(spec, causes);
        if (ADDRESSED.contains(type) || spec.has("internalTrafficPolicy")) {
            ServiceRules.oneOf(spec, "internalTrafficPolicy", POLICIES, causes);
        }
        if (spec.has("trafficDistribution")) {
            ServiceRules.oneOf(spec, "trafficDistribution", DISTRIBUTIONS, causes);
        }
    }

    /// The annotation is older than the field, and looked at where that is not set. It is for
    /// balancers outside of the cluster: no packet rule comes of it, there or here.
    private static void sources(JsonObject service, boolean balanced, Causes causes) {
        var sources = service.object("spec").array("loadBalancerSourceRanges").strings();
        var annotations = service.object("metadata").object("annotations");
        if (sources.isEmpty() && annotations.has(SOURCES)) {
            annotated(annotations.string(SOURCES), balanced, causes);
        }
        var path = "spec.LoadBalancerSourceRanges"; // with this letter upstream, too
        if (!sources.isEmpty() && !balanced) {
            causes.forbidden(path, BALANCER);
        }
        for (int i = 0; i < sources.size(); i++) {
            Addresses.checkNetwork(sources.get(i).strip(), "%s[%d]".formatted(path, i), causes);
        }
    }

    private static void annotated(String sources, boolean balanced, Causes causes) {
        var path = "metadata.annotations[%s]".formatted(SOURCES);
        if (!balanced) {
            causes.forbidden(path, BALANCER);
        }
        if (!sources.isBlank()) {
            for (var source : sources.split(",", -1)) {
                Addresses.checkNetwork(source.strip(), path, causes);
            }
        }
    }

    private static void balancerClass(JsonObject spec, boolean balanced, Causes causes) {
        var name = spec.stringOrNull("loadBalancerClass");
        if (name == null) {
            return;
        }
        if (balanced) {
            causes.invalidEach("spec.loadBalancerClass", name, Names.qualified(name));
        } else {
            causes.forbidden("spec.loadBalancerClass", BALANCER);
        }
    }

    /// Who balances is settled with the type, and where they ask with that and the policy.
    static void update(JsonObject old, JsonObject updated, Causes causes) {
        boolean asked = ServiceType.hasHealthCheck(old) && ServiceType.hasHealthCheck(updated);
        if (asked && old.number(HEALTH_PORT, 0) != updated.number(HEALTH_PORT, 0)) {
            causes.forbidden("spec." + HEALTH_PORT, "field is immutable");
        }
        boolean both = ServiceType.isLoadBalancer(old) && ServiceType.isLoadBalancer(updated);
        Json name = updated.get("loadBalancerClass");
        Json before = old.get("loadBalancerClass");
        boolean same = name == null ? before == null : name.equals(before);
        if (both && !same) {
            causes.invalid("spec.loadBalancerClass", name, "may not change once set");
        }
    }

    private static void outside(JsonObject spec, Causes causes) {
        var policy = spec.string("externalTrafficPolicy");
        if (ServiceType.isOutside(spec)) {
            ServiceRules.oneOf(spec, "externalTrafficPolicy", POLICIES, causes);
        } else if (!policy.isEmpty()) {
            causes.invalid(
                    "spec.externalTrafficPolicy",
                    policy,
                    "may only be set for externally-accessible services");
        }
    }

    private static void healthCheck(JsonObject spec, Causes causes) {
        long port = spec.number(HEALTH_PORT, 0);
        var path = "spec." + HEALTH_PORT;
        if (!ServiceType.hasHealthCheck(spec)) {
            if (port != 0) {
                causes.invalid(
                        path,
                        port,
                        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        } else if (port == 0) {
            causes.required(path);
        } else if (port < 1 || port > Numbers.MAX_PORT) {
            causes.invalid(path, port, Names.range(1, Numbers.MAX_PORT));
        }
    }
}
