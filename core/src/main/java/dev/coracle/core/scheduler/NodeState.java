// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A node and what is taken of it by the pods that are bound to it.
record NodeState(
        String name,
        Map<String, String> labels,
        boolean unschedulable,
        List<JsonObject> taints,
        Map<String, Quantity> allocatable,
        Map<String, Quantity> taken,
        int podCount,
        List<PendingPod.HostPort> takenPorts) {
    NodeState {
        taints = List.copyOf(taints);
        takenPorts = List.copyOf(takenPorts);
    }

    static NodeState of(JsonObject node, Collection<PendingPod> bound) {
        var spec = node.object("spec");
        var taken = new TreeMap<String, Quantity>();
        bound.forEach(pod -> Requests.add(taken, pod.requests()));
        return new NodeState(
                node.object("metadata").string("name"),
                node.object("metadata").object("labels").strings(),
                spec.bool("unschedulable", false),
                spec.array("taints").objects(),
                Requests.quantities(node.object("status").object("allocatable")),
                taken,
                bound.size(),
                bound.stream().flatMap(pod -> pod.hostPorts().stream()).toList());
    }

    Quantity allocatable(String resource) {
        return allocatable.getOrDefault(resource, Quantity.ZERO);
    }

    Quantity taken(String resource) {
        return taken.getOrDefault(resource, Quantity.ZERO);
    }

    /// This node with one more pod on it.
    NodeState with(PendingPod pod) {
        var more = new TreeMap<>(taken);
        Requests.add(more, pod.requests());
        var ports = new ArrayList<>(takenPorts);
        ports.addAll(pod.hostPorts());
        return new NodeState(
                name, labels, unschedulable, taints, allocatable, more, podCount + 1, ports);
    }
}
