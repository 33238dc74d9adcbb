// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import dev.coracle.core.view.Service;
import java.util.LinkedHashMap;
import java.util.Map;

/// The ports of the node that lead to one pod; `leaving` says that it is being deleted.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports>
record HostPorts(Map<Destination, Endpoint> endpoints, boolean leaving) {

    /// None for a pod that is elsewhere, has no address yet, has ended, or is on the node's own
    /// network, where its ports are the node's without any rule.
    static HostPorts of(Pod pod, String nodeName) {
        var endpoints = new LinkedHashMap<Destination, Endpoint>();
        var ip = pod.status().string("podIP");
        if (pod.spec().string("nodeName").equals(nodeName)
                && !pod.hostNetwork()
                && !pod.finished()
                && !ip.isEmpty()
                && !IpAddress.isV6(ip)) {
            for (var container : pod.allContainers()) {
                if (container.role() != Container.Role.INIT) {
                    for (var port : container.tree().array("ports").objects()) {
                        add(port, ip, endpoints);
                    }
                }
            }
        }
        return new HostPorts(endpoints, pod.deleting());
    }

    private static void add(JsonObject port, String podIp, Map<Destination, Endpoint> endpoints) {
        int hostPort = (int) port.number("hostPort", 0);
        var hostIp = port.string("hostIP");
        if (hostPort == 0 || IpAddress.isV6(hostIp)) {
            return;
        }
        var protocol = Service.protocol(port.string("protocol"));
        var destination =
                hostIp.isEmpty() || hostIp.equals("0.0.0.0")
                        ? new Destination.OnNode(protocol, hostPort)
                        : new Destination.At(hostIp, protocol, hostPort);
        endpoints.putIfAbsent(
                destination, new Endpoint(podIp, (int) port.number("containerPort", 0)));
    }
}
