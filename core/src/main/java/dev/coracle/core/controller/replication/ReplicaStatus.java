// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.replication;

import dev.coracle.core.api.Timestamps;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The status of a ReplicationController.
///
/// <https://k8s.io/docs/reference/kubernetes-api/workload-resources/replication-controller-v1/>,
/// "ReplicationControllerStatus"
final class ReplicaStatus {
    private static final String FAILURE = "ReplicaFailure";

    private ReplicaStatus() {}

    static Duration minReady(JsonObject controller) {
        return Duration.ofSeconds(controller.object("spec").number("minReadySeconds", 0));
    }

    /// What there is to say of `pods`, the ones that `controller` has.
    static JsonObject of(JsonObject controller, List<JsonObject> pods, Instant now) {
        var wanted =
                controller.object("spec").object("template").object("metadata").object("labels");
        var least = minReady(controller);
        return counts(
                        pods.size(),
                        pods.stream()
                                .filter(
                                        pod ->
                                                wanted.isEmpty()
                                                        || View.has(PodState.labels(pod), wanted))
                                .count(),
                        pods.stream().filter(PodState::isReady).count(),
                        pods.stream().filter(pod -> isAvailable(pod, least, now)).count())
                .with("observedGeneration", controller.object("metadata").number("generation", 0));
    }

    private static boolean isAvailable(JsonObject pod, Duration least, Instant now) {
        var left = PodState.untilAvailable(pod, least, now);
        return left != null && !left.isPositive();
    }

    private static JsonObject counts(long all, long labeled, long ready, long available) {
        var status = JsonObject.builder().put("replicas", all);
        if (labeled > 0) {
            status.put("fullyLabeledReplicas", labeled);
        }
        if (ready > 0) {
            status.put("readyReplicas", ready);
        }
        if (available > 0) {
            status.put("availableReplicas", available);
        }
        return status.build();
    }

    /// When the first of `pods` will have been ready for long enough, null when none waits for
    /// that.
    static @Nullable Duration nextAvailable(
            JsonObject controller, List<JsonObject> pods, Instant now) {
        var least = minReady(controller);
        return pods.stream()
                .map(pod -> PodState.untilAvailable(pod, least, now))
                .filter(Objects::nonNull)
                .filter(Duration::isPositive)
                .min(Duration::compareTo)
                .orElse(null);
    }

    /// `status` saying that pods could not be made or removed.
    static JsonObject failed(JsonObject status, String reason, String message, Instant now) {
        var condition =
                JsonObject.builder()
                        .put("type", FAILURE)
                        .put("status", "True")
                        .put("lastTransitionTime", Timestamps.seconds(now))
                        .put("reason", reason)
                        .put("message", message)
                        .build();
        return status.with("conditions", JsonArray.of(condition));
    }

    /// The failure that `controller` is already said to have met, null when there is none.
    static @Nullable JsonObject failure(JsonObject controller) {
        return controller.object("status").array("conditions").objects().stream()
                .filter(condition -> condition.string("type").equals(FAILURE))
                .findFirst()
                .orElse(null);
    }
}
