// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.each;
import static dev.coracle.core.registry.defaults.Unset.empty;
import static dev.coracle.core.registry.defaults.Unset.inside;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.view.ServiceType;
import java.util.List;

/// Defaults of services and what belongs to them, on a cluster of IPv4 addresses.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/>
final class NetworkDefaults {
    private static final long AFFINITY_SECONDS = 10_800;

    private NetworkDefaults() {}

    static JsonObject service(JsonObject service) {
        return service.with("spec", NetworkDefaults::serviceSpec)
                .with("status", status -> missing(status, "loadBalancer", JsonObject.EMPTY))
                .with("status", status -> inside(status, "loadBalancer", NetworkDefaults::modes));
    }

    /// Traffic that comes to an address of a load balancer keeps it as its destination, unless the
    /// balancer says otherwise.
    private static JsonObject modes(JsonObject balancer) {
        return each(
                balancer,
                "ingress",
                ingress -> ingress.has("ip") ? missing(ingress, "ipMode", "VIP") : ingress);
    }

    private static JsonObject serviceSpec(JsonObject spec) {
        var result = each(spec, "ports", NetworkDefaults::servicePort);
        result = empty(empty(result, "type", "ClusterIP"), "sessionAffinity", "None");
        result = affinity(result);
        boolean balanced = ServiceType.isLoadBalancer(result);
        if (ServiceType.isOutside(result)) {
            result = empty(result, "externalTrafficPolicy", "Cluster");
        }
        if (balanced) {
            result = missing(result, "allocateLoadBalancerNodePorts", true);
        }
        if (ServiceType.hasNodePorts(result) || result.string("type").equals("ClusterIP")) {
            result = missing(result, "internalTrafficPolicy", "Cluster");
            result = families(result);
        }
        return result;
    }

    private static JsonObject servicePort(JsonObject port) {
        var result = empty(port, "protocol", "TCP");
        boolean targetless =
                switch (result.get("targetPort")) {
                    case JsonNumber number -> number.decimal().signum() == 0;
                    case JsonString(var name) -> name.isEmpty();
                    case null, default -> true;
                };
        return targetless ? result.with("targetPort", port.number("port", 0)) : result;
    }

    private static JsonObject affinity(JsonObject spec) {
        if (!spec.string("sessionAffinity").equals("ClientIP")) {
            return spec.string("sessionAffinity").equals("None")
                    ? spec.without("sessionAffinityConfig")
                    : spec;
        }
        return spec.with(
                "sessionAffinityConfig",
                config ->
                        config.with(
                                "clientIP",
                                client -> missing(client, "timeoutSeconds", AFFINITY_SECONDS)));
    }

    /// A headless service without a selector may have addresses of both families.
    ///
    /// <https://kubernetes.io/docs/concepts/services-networking/dual-stack/>
    private static JsonObject families(JsonObject spec) {
        var result = spec;
        var address = spec.string("clusterIP");
        if (!address.isEmpty() && spec.array("clusterIPs").isEmpty()) {
            result = result.with("clusterIPs", JsonArray.of(Json.of(address)));
        }
        boolean any = address.equals("None") && spec.object("selector").isEmpty();
        result = missing(result, "ipFamilyPolicy", any ? "RequireDualStack" : "SingleStack");
        if (any && !result.string("ipFamilyPolicy").equals("SingleStack")) {
            return missing(result, "ipFamilies", JsonArray.ofStrings(List.of("IPv4", "IPv6")));
        }
        return IpAddress.isV6(address)
                ? result // refused later, in better words
                : missing(result, "ipFamilies", JsonArray.of(Json.of("IPv4")));
    }

    static JsonObject endpoints(JsonObject endpoints) {
        return each(
                endpoints,
                "subsets",
                subset -> each(subset, "ports", port -> empty(port, "protocol", "TCP")));
    }

    static JsonObject endpointSlice(JsonObject slice) {
        return each(
                nullIfEmpty(nullIfEmpty(slice, "endpoints"), "ports"),
                "ports",
                port -> missing(missing(port, "name", ""), "protocol", "TCP"));
    }

    /// A list without elements is written as upstream writes one that it has read back.
    private static JsonObject nullIfEmpty(JsonObject slice, String list) {
        return slice.array(list).isEmpty() ? slice.with(list, JsonNull.NULL) : slice;
    }

    static JsonObject ingress(JsonObject ingress) {
        return ingress.with("status", status -> missing(status, "loadBalancer", JsonObject.EMPTY));
    }

    static JsonObject networkPolicy(JsonObject policy) {
        return policy.with(
                "spec",
                spec -> {
                    var result = missing(spec, "podSelector", JsonObject.EMPTY);
                    for (var direction : List.of("ingress", "egress")) {
                        result =
                                each(
                                        result,
                                        direction,
                                        rule ->
                                                each(
                                                        rule,
                                                        "ports",
                                                        port -> missing(port, "protocol", "TCP")));
                    }
                    return result.array("policyTypes").isEmpty()
                            ? result.with("policyTypes", policyTypes(result))
                            : result;
                });
    }

    private static JsonArray policyTypes(JsonObject spec) {
        return JsonArray.ofStrings(
                spec.array("egress").isEmpty() ? List.of("Ingress") : List.of("Ingress", "Egress"));
    }
}
