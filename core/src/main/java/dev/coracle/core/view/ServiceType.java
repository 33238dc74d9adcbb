// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.json.JsonObject;

/// What a service of its type has. Each method is given a `v1.ServiceSpec`.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/>, "Service type"
public final class ServiceType {
    public static final String NONE = "None";

    private ServiceType() {}

    public static boolean isExternalName(JsonObject spec) {
        return spec.string("type").equals("ExternalName");
    }

    public static boolean isLoadBalancer(JsonObject spec) {
        return spec.string("type").equals("LoadBalancer");
    }

    public static boolean isHeadless(JsonObject spec) {
        var addresses = spec.array("clusterIPs").strings();
        return addresses.size() == 1 && addresses.getFirst().equals(NONE);
    }

    public static boolean hasNodePorts(JsonObject spec) {
        return spec.string("type").equals("NodePort") || isLoadBalancer(spec);
    }

    /// Whether it takes traffic from outside of the cluster.
    public static boolean isOutside(JsonObject spec) {
        return hasNodePorts(spec)
                || (spec.string("type").equals("ClusterIP")
                        && !spec.array("externalIPs").isEmpty());
    }

    /// Whether ports that ask for no node port get one.
    public static boolean drawsNodePorts(JsonObject spec) {
        return spec.string("type").equals("NodePort")
                || (isLoadBalancer(spec) && spec.bool("allocateLoadBalancerNodePorts", true));
    }

    public static boolean hasHealthCheck(JsonObject spec) {
        return isLoadBalancer(spec) && spec.string("externalTrafficPolicy").equals("Local");
    }
}
