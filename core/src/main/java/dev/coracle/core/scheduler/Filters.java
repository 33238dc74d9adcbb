// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What keeps a pod off a node, asked in upstream's order; the first filter that says no is heard.
///
/// <https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins>
final class Filters {

    private Filters() {}

    /// The filters, by the name of upstream's plugin.
    enum Filter {
        NODE_UNSCHEDULABLE,
        NODE_NAME,
        TAINT_TOLERATION,
        NODE_AFFINITY,
        NODE_PORTS,
        NODE_RESOURCES_FIT
    }

    /// Why not. `resolvable`: it would help if other pods went away.
    record Rejection(Filter filter, List<String> reasons, boolean resolvable) {
        Rejection {
            reasons = List.copyOf(reasons);
        }
    }

    /// Null when `pod` may run on `node`.
    static @Nullable Rejection check(PendingPod pod, NodeState node) {
        if (node.unschedulable() && !pod.tolerates(CORDONED)) {
            return never(Filter.NODE_UNSCHEDULABLE, "node(s) were unschedulable");
        }
        if (!isNamed(pod, node)) {
            return never(Filter.NODE_NAME, "node(s) didn't match the requested node name");
        }
        if (node.taints().stream().anyMatch(taint -> repels(taint, pod))) {
            return never(Filter.TAINT_TOLERATION, "node(s) had untolerated taint(s)");
        }
        if (!isSelected(pod, node)) {
            return never(Filter.NODE_AFFINITY, "node(s) didn't match Pod's node affinity/selector");
        }
        if (conflicts(pod, node)) {
            return new Rejection(
                    Filter.NODE_PORTS,
                    List.of("node(s) didn't have free ports for the requested pod ports"),
                    true);
        }
        return checkResources(pod, node);
    }

    /// What `kubectl cordon` comes to, as a taint.
    private static final JsonObject CORDONED =
            JsonObject.builder()
                    .put("key", "node.kubernetes.io/unschedulable")
                    .put("effect", "NoSchedule")
                    .build();

    private static Rejection never(Filter filter, String reason) {
        return new Rejection(filter, List.of(reason), false);
    }

    private static boolean isNamed(PendingPod pod, NodeState node) {
        var name = pod.pod().spec().string("nodeName");
        return name.isEmpty() || name.equals(node.name());
    }

    private static boolean repels(JsonObject taint, PendingPod pod) {
        var effect = taint.string("effect");
        return (effect.equals("NoSchedule") || effect.equals("NoExecute")) && !pod.tolerates(taint);
    }

    private static boolean isSelected(PendingPod pod, NodeState node) {
        return node.labels().entrySet().containsAll(pod.nodeSelector().entrySet())
                && (!pod.hasAffinity()
                        || pod.affinity().stream().anyMatch(term -> term.matches(node)));
    }

    private static boolean conflicts(PendingPod pod, NodeState node) {
        return pod.hostPorts().stream()
                .anyMatch(port -> node.takenPorts().stream().anyMatch(port::conflictsWith));
    }

    private static @Nullable Rejection checkResources(PendingPod pod, NodeState node) {
        var reasons = new ArrayList<String>();
        boolean resolvable = true;
        if (exceeds(Quantity.of(node.podCount() + 1L), node.allocatable("pods"))) {
            reasons.add("Too many pods");
        }
        for (var request : pod.requests().entrySet()) {
            var resource = request.getKey();
            var allocatable = node.allocatable(resource);
            if (exceeds(request.getValue().plus(node.taken(resource)), allocatable)) {
                reasons.add("Insufficient " + resource);
                resolvable &= !exceeds(request.getValue(), allocatable);
            }
        }
        return reasons.isEmpty()
                ? null
                : new Rejection(Filter.NODE_RESOURCES_FIT, reasons, resolvable);
    }

    private static boolean exceeds(Quantity a, Quantity b) {
        return a.compareTo(b) > 0;
    }
}
