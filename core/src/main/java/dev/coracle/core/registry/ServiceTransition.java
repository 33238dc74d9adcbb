// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.ServiceType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the server changes in a service that replaces another: what was given to the old one and
/// is not mentioned stays, and what the new type cannot have goes, unless the client spoke of it.
final class ServiceTransition {
    private static final List<String> ADDRESSES = List.of("clusterIP", "clusterIPs");

    private ServiceTransition() {}

    /// `sent` as its author will have meant it, before defaults are filled in: a manifest without
    /// what was allocated may be sent again.
    static JsonObject inherited(JsonObject old, JsonObject sent) {
        var before = old.object("spec");
        return sent.with(
                "spec",
                spec -> {
                    var result = spec;
                    if (!ServiceType.isExternalName(before) && !ServiceType.isExternalName(spec)) {
                        result = normalized(before, addresses(before, result));
                        result = ifUnset(before, result, "ipFamilyPolicy");
                    }
                    if (ServiceType.hasNodePorts(before) && ServiceType.hasNodePorts(spec)) {
                        result = withNodePorts(result, portsByName(before));
                    }
                    if (ServiceType.hasHealthCheck(before) && ServiceType.hasHealthCheck(spec)) {
                        result = ifUnset(before, result, ServicePorts.HEALTH_PORT);
                    }
                    return result;
                });
    }

    private static JsonObject addresses(JsonObject before, JsonObject spec) {
        return ifUnset(before, ifUnset(before, spec, "clusterIP"), "clusterIPs");
    }

    private static JsonObject ifUnset(JsonObject before, JsonObject spec, String field) {
        var value = before.get(field);
        boolean unset =
                switch (spec.get(field)) {
                    case JsonArray array -> array.isEmpty();
                    case JsonNumber number -> number.decimal().signum() == 0;
                    case null, default -> spec.string(field).isEmpty();
                };
        return unset && value != null ? spec.with(field, value) : spec;
    }

    /// A client that knows only `clusterIP` and changed that changed `clusterIPs` with it.
    private static JsonObject normalized(JsonObject before, JsonObject spec) {
        var address = spec.get("clusterIP");
        if (address == null
                || address.equals(before.get("clusterIP"))
                || !spec.array("clusterIPs").equals(before.array("clusterIPs"))) {
            return spec;
        }
        return spec.with("clusterIPs", JsonArray.of(address));
    }

    private static Map<String, Long> portsByName(JsonObject spec) {
        var ports = new HashMap<String, Long>();
        for (var port : spec.array("ports").objects()) {
            ports.put(port.string("name"), port.number(ServicePorts.NODE_PORT, 0));
        }
        return ports;
    }

    private static JsonObject withNodePorts(JsonObject spec, Map<String, Long> byName) {
        return ServicePorts.each(
                spec,
                port -> {
                    long known = byName.getOrDefault(port.string("name"), 0L);
                    return port.number(ServicePorts.NODE_PORT, 0) == 0 && known != 0
                            ? port.with(ServicePorts.NODE_PORT, known)
                            : port;
                });
    }

    /// `service` without what only the type that `old` was of has.
    static JsonObject trimmed(JsonObject old, JsonObject service) {
        var before = old.object("spec");
        var result = service.with("spec", spec -> trimmedSpec(before, spec));
        return ServiceType.isLoadBalancer(before)
                        && !ServiceType.isLoadBalancer(service.object("spec"))
                ? result.with(
                        "status",
                        status ->
                                status.with("loadBalancer", JsonObject.EMPTY).without("conditions"))
                : result;
    }

    private static JsonObject trimmedSpec(JsonObject before, JsonObject spec) {
        var result = spec;
        if (!ServiceType.isExternalName(before) && ServiceType.isExternalName(spec)) {
            if (isSame(before, spec, "clusterIP") && isSame(before, spec, "clusterIPs")) {
                for (var field : ADDRESSES) {
                    result = result.without(field);
                }
            }
            result = withoutIfSame(before, result, "ipFamilies");
            result = withoutIfSame(before, result, "ipFamilyPolicy");
        }
        if (ServiceType.hasNodePorts(before)
                && !ServiceType.hasNodePorts(spec)
                && ServicePorts.ofPorts(before).containsAll(ServicePorts.ofPorts(spec))) {
            result = ServicePorts.each(result, port -> port.without(ServicePorts.NODE_PORT));
        }
        if (ServiceType.hasHealthCheck(before) && !ServiceType.hasHealthCheck(spec)) {
            result = withoutIfSame(before, result, ServicePorts.HEALTH_PORT);
        }
        if (ServiceType.isOutside(before) && !ServiceType.isOutside(spec)) {
            result = withoutIfSame(before, result, "externalTrafficPolicy");
        }
        if (ServiceType.isLoadBalancer(before) && !ServiceType.isLoadBalancer(spec)) {
            result = withoutIfSame(before, result, "allocateLoadBalancerNodePorts");
            result = withoutIfSame(before, result, "loadBalancerClass");
        }
        return result;
    }

    private static boolean isSame(JsonObject before, JsonObject spec, String field) {
        var value = spec.get(field);
        return value == null ? before.get(field) == null : value.equals(before.get(field));
    }

    private static JsonObject withoutIfSame(JsonObject before, JsonObject spec, String field) {
        return isSame(before, spec, field) ? spec.without(field) : spec;
    }
}
