// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.each;
import static dev.coracle.core.registry.defaults.Unset.empty;
import static dev.coracle.core.registry.defaults.Unset.isMissing;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.util.List;

/// Defaults of services and what belongs to them, on a cluster of IPv4 addresses.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/>
final class NetworkDefaults {
    private static final long AFFINITY_SECONDS = 10_800;

    private NetworkDefaults() {}

    static JsonObject service(JsonObject service) {
        return service.with("spec", NetworkDefaults::serviceSpec)
                .with("status", status -> missing(status, "loadBalancer", JsonObject.EMPTY));
    }

    private static JsonObject serviceSpec(JsonObject spec) {
        var result = each(spec, "ports", NetworkDefaults::servicePort);
        result = empty(empty(result, "type", "ClusterIP"), "sessionAffinity", "None");
        result = affinity(result);
        var type = result.string("type");
        boolean balanced = type.equals("LoadBalancer");
        if (balanced || type.equals("NodePort") || hasExternalIps(result)) {
            result = empty(result, "externalTrafficPolicy", "Cluster");
        }
        if (balanced) {
            result = missing(result, "allocateLoadBalancerNodePorts", true);
        }
        if (balanced || type.equals("NodePort") || type.equals("ClusterIP")) {
            result = missing(result, "internalTrafficPolicy", "Cluster");
            result = families(result);
        }
        return result;
    }

    private static boolean hasExternalIps(JsonObject spec) {
        return spec.string("type").equals("ClusterIP") && !spec.array("externalIPs").isEmpty();
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
        if (any && isMissing(result, "ipFamilies")) {
            result = missing(result, "ipFamilyPolicy", "RequireDualStack");
            return result.with("ipFamilies", JsonArray.ofStrings(List.of("IPv4", "IPv6")));
        }
        result = missing(result, "ipFamilies", JsonArray.of(Json.of("IPv4")));
        return missing(result, "ipFamilyPolicy", "SingleStack");
    }

    static JsonObject endpoints(JsonObject endpoints) {
        return each(
                endpoints,
                "subsets",
                subset -> each(subset, "ports", port -> empty(port, "protocol", "TCP")));
    }

    static JsonObject endpointSlice(JsonObject slice) {
        return each(slice, "ports", port -> missing(missing(port, "name", ""), "protocol", "TCP"));
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
