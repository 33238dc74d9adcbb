// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service as packet rules and names are made from it; `tree` is all of it.
///
/// `clusterIps` are empty for headless services and those that are only a name; `affinity` is null
/// unless a client is to stay with one endpoint, and then how long after its last packet;
/// `ingressIps` are the load-balancer addresses in its status that packets still have when they
/// come to a node: none of mode `Proxy`, see
/// <https://kubernetes.io/docs/concepts/services-networking/service/#load-balancer-ip-mode>.
/// `sourceRanges` are where whoever uses them may come from, anywhere if there are none;
/// `healthPort` is where balancers ask a node whether it has endpoints, 0 if they need not.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>
public record Service(
        JsonObject tree,
        ObjectKey key,
        Type type,
        List<String> clusterIps,
        boolean headless,
        String externalName,
        List<Port> ports,
        List<String> externalIps,
        List<String> ingressIps,
        List<String> sourceRanges,
        int healthPort,
        @Nullable Duration affinity,
        boolean localInside,
        boolean localOutside) {
    private static final long DEFAULT_AFFINITY_SECONDS = 10_800;

    public Service {
        clusterIps = List.copyOf(clusterIps);
        ports = List.copyOf(ports);
        externalIps = List.copyOf(externalIps);
        ingressIps = List.copyOf(ingressIps);
        sourceRanges = List.copyOf(sourceRanges);
    }

    public enum Type {
        CLUSTER_IP,
        NODE_PORT,
        LOAD_BALANCER,
        EXTERNAL_NAME
    }

    public enum Protocol {
        TCP,
        UDP,
        SCTP
    }

    /// `name` is empty where a service has but one port; `nodePort` is 0 when there is none.
    public record Port(String name, Protocol protocol, int port, int nodePort) {}

    /// Reads a service.
    ///
    /// @throws IllegalArgumentException if it is one that validation would have refused
    public static Service of(JsonObject tree) {
        var spec = tree.object("spec");
        boolean headless = spec.string("clusterIP").equals("None");
        return new Service(
                tree,
                ObjectKey.of(tree),
                type(spec.string("type")),
                headless ? List.of() : clusterIps(spec),
                headless,
                spec.string("externalName"),
                spec.array("ports").objects().stream().map(Service::port).toList(),
                spec.array("externalIPs").strings(),
                tree.object("status").object("loadBalancer").array("ingress").objects().stream()
                        .filter(ingress -> !ingress.string("ipMode").equals("Proxy"))
                        .map(ingress -> ingress.string("ip"))
                        .filter(ip -> !ip.isEmpty())
                        .toList(),
                // validation lets spaces around them pass
                spec.array("loadBalancerSourceRanges").strings().stream()
                        .map(String::strip)
                        .toList(),
                ServiceType.hasHealthCheck(spec) ? (int) spec.number("healthCheckNodePort", 0) : 0,
                affinity(spec),
                spec.string("internalTrafficPolicy").equals("Local"),
                spec.string("externalTrafficPolicy").equals("Local"));
    }

    private static List<String> clusterIps(JsonObject spec) {
        var ips = spec.array("clusterIPs").strings();
        var one = spec.string("clusterIP");
        return !ips.isEmpty() ? ips : one.isEmpty() ? List.of() : List.of(one);
    }

    private static Type type(String text) {
        return switch (text) {
            case "", "ClusterIP" -> Type.CLUSTER_IP;
            case "NodePort" -> Type.NODE_PORT;
            case "LoadBalancer" -> Type.LOAD_BALANCER;
            case "ExternalName" -> Type.EXTERNAL_NAME;
            default -> throw new IllegalArgumentException("service type \"" + text + "\"");
        };
    }

    private static Port port(JsonObject port) {
        return new Port(
                port.string("name"),
                protocol(port.string("protocol")),
                (int) port.number("port", 0),
                (int) port.number("nodePort", 0));
    }

    /// TCP when `text` is empty.
    public static Protocol protocol(String text) {
        return text.isEmpty() ? Protocol.TCP : Protocol.valueOf(text);
    }

    private static @Nullable Duration affinity(JsonObject spec) {
        return spec.string("sessionAffinity").equals("ClientIP")
                ? Duration.ofSeconds(
                        spec.object("sessionAffinityConfig")
                                .object("clientIP")
                                .number("timeoutSeconds", DEFAULT_AFFINITY_SECONDS))
                : null;
    }
}
