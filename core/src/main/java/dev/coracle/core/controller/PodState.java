// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import dev.coracle.core.api.Timestamps;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What controllers want to know of a pod.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>
public final class PodState {
    private PodState() {}

    public static boolean isDeleting(JsonObject object) {
        return object.object("metadata").has("deletionTimestamp");
    }

    /// Whether it has succeeded or failed: it never runs again.
    public static boolean isFinished(JsonObject pod) {
        var phase = pod.object("status").string("phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    public static boolean isReady(JsonObject pod) {
        var ready = ready(pod);
        return ready != null && ready.string("status").equals("True");
    }

    /// When it last became ready, or ceased to be; null when that is not known.
    public static @Nullable Instant readinessChanged(JsonObject pod) {
        var ready = ready(pod);
        return ready == null ? null : Timestamps.parse(ready.string("lastTransitionTime"));
    }

    private static @Nullable JsonObject ready(JsonObject pod) {
        return pod.object("status").array("conditions").objects().stream()
                .filter(condition -> condition.string("type").equals("Ready"))
                .findFirst()
                .orElse(null);
    }

    /// How long until a pod that stays ready has been so for `least`: zero or less when it has,
    /// null when it is not ready.
    public static @Nullable Duration untilAvailable(JsonObject pod, Duration least, Instant now) {
        if (!isReady(pod)) {
            return null;
        }
        var since = readinessChanged(pod);
        return least.isZero()
                ? Duration.ZERO
                : since == null ? null : Duration.between(now, since.plus(least));
    }

    public static JsonObject labels(JsonObject object) {
        return object.object("metadata").object("labels");
    }
}
