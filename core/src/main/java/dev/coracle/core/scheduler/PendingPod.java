// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.util.List;
import java.util.Map;

/// What the filters need to know of a pod, read once.
record PendingPod(
        Pod pod,
        long priority,
        Map<String, Quantity> requests,
        List<HostPort> hostPorts,
        Map<String, String> nodeSelector,
        List<NodeTerm> affinity,
        boolean hasAffinity,
        List<JsonObject> tolerations) {
    PendingPod {
        hostPorts = List.copyOf(hostPorts);
        affinity = List.copyOf(affinity);
        tolerations = List.copyOf(tolerations);
    }

    /// A port of the node that a container wants for itself.
    record HostPort(String ip, String protocol, long port) {
        boolean conflictsWith(HostPort other) {
            return port == other.port
                    && protocol.equals(other.protocol)
                    && (ip.equals(other.ip) || isAny() || other.isAny());
        }

        private boolean isAny() {
            return ip.equals("0.0.0.0");
        }
    }

    static PendingPod of(Pod pod) {
        var spec = pod.spec();
        var required =
                spec.object("affinity")
                        .object("nodeAffinity")
                        .get("requiredDuringSchedulingIgnoredDuringExecution");
        return new PendingPod(
                pod,
                spec.number("priority", 0),
                Requests.of(pod),
                hostPorts(pod),
                spec.object("nodeSelector").strings(),
                required instanceof JsonObject selector
                        ? selector.array("nodeSelectorTerms").objects().stream()
                                .map(NodeTerm::of)
                                .toList()
                        : List.of(),
                required instanceof JsonObject,
                spec.array("tolerations").objects());
    }

    private static List<HostPort> hostPorts(Pod pod) {
        return pod.allContainers().stream()
                .filter(container -> container.role() != Container.Role.INIT)
                .flatMap(container -> container.tree().array("ports").objects().stream())
                .filter(port -> port.number("hostPort", 0) > 0)
                .map(PendingPod::hostPort)
                .toList();
    }

    private static HostPort hostPort(JsonObject port) {
        var ip = port.string("hostIP");
        var protocol = port.string("protocol");
        return new HostPort(
                ip.isEmpty() ? "0.0.0.0" : ip,
                protocol.isEmpty() ? "TCP" : protocol,
                port.number("hostPort", 0));
    }

    boolean tolerates(JsonObject taint) {
        return tolerations.stream().anyMatch(toleration -> tolerates(toleration, taint));
    }

    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    private static boolean tolerates(JsonObject toleration, JsonObject taint) {
        var effect = toleration.string("effect");
        var key = toleration.string("key");
        if (!effect.isEmpty() && !effect.equals(taint.string("effect"))) {
            return false;
        }
        if (!key.isEmpty() && !key.equals(taint.string("key"))) {
            return false;
        }
        return switch (toleration.string("operator")) {
            case "", "Equal" ->
                    !key.isEmpty() && toleration.string("value").equals(taint.string("value"));
            case "Exists" -> true;
            default -> false; // Gt and Lt are behind a gate that is off
        };
    }
}
