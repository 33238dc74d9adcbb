// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.scheduler.Filters.Filter;
import dev.coracle.core.scheduler.Filters.Rejection;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Where a pod goes.
sealed interface Placement {

    record Bind(String nodeName) implements Placement {}

    /// `message` is what users are shown; `by` which filters said no, empty when there is no node.
    record Unschedulable(String message, Set<Filter> by) implements Placement {
        public Unschedulable {
            by = Set.copyOf(by);
        }
    }

    /// Chooses among `nodes`. The one with the largest share of CPU and memory left wins.
    ///
    /// Differs from upstream: among equals the name decides, not chance, and nothing but what is
    /// left of CPU and memory is scored.
    static Placement decide(PendingPod pod, Collection<NodeState> nodes) {
        if (nodes.isEmpty()) {
            return new Unschedulable("no nodes available to schedule pods", Set.of());
        }
        var rejections = new ArrayList<Rejection>();
        var feasible = new ArrayList<NodeState>();
        for (var node : nodes) {
            var rejection = Filters.check(pod, node);
            if (rejection == null) {
                feasible.add(node);
            } else {
                rejections.add(rejection);
            }
        }
        return feasible.stream()
                .max(
                        Comparator.comparing((NodeState node) -> share(pod, node))
                                .thenComparing(NodeState::name, Comparator.reverseOrder()))
                .<Placement>map(node -> new Bind(node.name()))
                .orElseGet(() -> unschedulable(pod, nodes.size(), rejections));
    }

    private static BigDecimal share(PendingPod pod, NodeState node) {
        return share("cpu", pod, node).add(share("memory", pod, node));
    }

    private static BigDecimal share(String resource, PendingPod pod, NodeState node) {
        var allocatable = node.allocatable(resource).decimal();
        if (allocatable.signum() <= 0) {
            return BigDecimal.ZERO;
        }
        var request = pod.requests().get(resource);
        var left = allocatable.subtract(node.taken(resource).decimal());
        var after = request == null ? left : left.subtract(request.decimal());
        return after.divide(allocatable, MathContext.DECIMAL32);
    }

    /// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. …`.
    private static Unschedulable unschedulable(
            PendingPod pod, int nodeCount, List<Rejection> rejections) {
        var reasons = rejections.stream().flatMap(r -> r.reasons().stream()).toList();
        var by = EnumSet.noneOf(Filter.class);
        rejections.forEach(rejection -> by.add(rejection.filter()));
        return new Unschedulable(
                "%s no new claims to deallocate, preemption: %s"
                        .formatted(
                                available(nodeCount, reasons),
                                preemption(pod, nodeCount, rejections)),
                by);
    }

    private static String available(int nodeCount, List<String> reasons) {
        var counts = new TreeMap<String, Integer>();
        reasons.forEach(reason -> counts.merge(reason, 1, Integer::sum));
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .sorted()
                .collect(
                        Collectors.joining(
                                ", ", "0/%d nodes are available: ".formatted(nodeCount), "."));
    }

    /// Differs from upstream: a pod never preempts others, whatever its priority.
    ///
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>
    private static String preemption(PendingPod pod, int nodeCount, List<Rejection> rejections) {
        if (pod.pod().spec().string("preemptionPolicy").equals("Never")) {
            return "not eligible due to preemptionPolicy=Never.";
        }
        return available(
                nodeCount,
                rejections.stream()
                        .map(
                                rejection ->
                                        rejection.resolvable()
                                                ? "No preemption victims found for incoming pod"
                                                : "Preemption is not helpful for scheduling")
                        .toList());
    }
}
