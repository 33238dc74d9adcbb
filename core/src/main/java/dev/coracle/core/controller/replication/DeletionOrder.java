// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.replication;

import dev.coracle.core.api.Timestamps;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which pods go first when there are too many: those of which the least is lost.
///
/// In this order: without a node, pending, of unknown phase, not ready, of lower deletion cost,
/// ready for a shorter time, restarted more often, younger. Times count by their order of magnitude
/// only, so that it is not always the same one.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset>
final class DeletionOrder {
    private static final String COST = "controller.kubernetes.io/pod-deletion-cost";
    private static final List<String> PHASES = List.of("Pending", "Unknown", "Running");

    private DeletionOrder() {}

    static Comparator<JsonObject> at(Instant now) {
        return Comparator.comparing(DeletionOrder::hasNode)
                .thenComparingInt(pod -> PHASES.indexOf(pod.object("status").string("phase")))
                .thenComparing(PodState::isReady)
                .thenComparingInt(DeletionOrder::cost)
                .thenComparing((one, other) -> byReadyTime(one, other, now))
                .thenComparingLong(pod -> -restarts(pod, "containerStatuses"))
                .thenComparingLong(pod -> -restarts(pod, "initContainerStatuses"))
                .thenComparing(
                        (one, other) -> byAge(created(one), created(other), one, other, now));
    }

    private static boolean hasNode(JsonObject pod) {
        return !pod.object("spec").string("nodeName").isEmpty();
    }

    /// A cost that is not a 32-bit number is none.
    private static int cost(JsonObject pod) {
        var text = pod.object("metadata").object("annotations").string(COST);
        try {
            return text.isEmpty() ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private static int byReadyTime(JsonObject one, JsonObject other, Instant now) {
        return PodState.isReady(one)
                ? byAge(
                        PodState.readinessChanged(one),
                        PodState.readinessChanged(other),
                        one,
                        other,
                        now)
                : 0;
    }

    private static int byAge(
            @Nullable Instant since,
            @Nullable Instant otherSince,
            JsonObject one,
            JsonObject other,
            Instant now) {
        if (since == null || otherSince == null || since.equals(otherSince)) {
            return Boolean.compare(since != null, otherSince != null);
        }
        int byMagnitude = Long.compare(magnitude(since, now), magnitude(otherSince, now));
        return byMagnitude != 0 ? byMagnitude : uid(one).compareTo(uid(other));
    }

    /// The logarithm of how long ago that was, to the base of two.
    private static long magnitude(Instant since, Instant now) {
        long nanos = Duration.between(since, now).toNanos();
        return nanos <= 0 ? -1 : Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    }

    private static @Nullable Instant created(JsonObject pod) {
        return Timestamps.parse(pod.object("metadata").string("creationTimestamp"));
    }

    private static String uid(JsonObject pod) {
        return pod.object("metadata").string("uid");
    }

    private static long restarts(JsonObject pod, String list) {
        return pod.object("status").array(list).objects().stream()
                .mapToLong(container -> container.number("restartCount", 0))
                .max()
                .orElse(0);
    }
}
