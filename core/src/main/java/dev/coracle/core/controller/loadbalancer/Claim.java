// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.loadbalancer;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// A service that has, or wants, some ports of an address of the node.
///
/// `has` are the addresses that its status says already.
record Claim(JsonObject service, List<String> has, List<Port> ports) {
    Claim {
        has = List.copyOf(has);
        ports = List.copyOf(ports);
    }

    /// `80/TCP`, of one address.
    record Port(String protocol, long number) {
        @Override
        public String toString() {
            return number + "/" + protocol;
        }
    }

    static Claim of(JsonObject service) {
        return new Claim(
                service,
                service.object("status").object("loadBalancer").array("ingress").objects().stream()
                        .map(ingress -> ingress.string("ip"))
                        .filter(ip -> !ip.isEmpty())
                        .toList(),
                service.object("spec").array("ports").objects().stream()
                        .map(port -> new Port(port.string("protocol"), port.number("port", 0)))
                        .toList());
    }

    ObjectKey key() {
        return ObjectKey.of(service);
    }

    String created() {
        return service.object("metadata").string("creationTimestamp");
    }

    /// Whether it is for somebody else to give it an address.
    boolean isForeign() {
        return !service.object("spec").string("loadBalancerClass").isEmpty();
    }

    /// The one address that it asks for, empty for any.
    String wanted() {
        return service.object("spec").string("loadBalancerIP");
    }
}
