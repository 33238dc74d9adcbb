// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.api.Timestamps;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// When that happened which endpoints were last changed for: a pod became ready, or ceased to be,
/// or the service was made. How late everybody else learns of it is measured from there.
///
/// The last time that was written down is the only memory. Nothing is said of a change for another
/// reason.
///
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/>,
/// "endpoints.kubernetes.io/last-change-trigger-time"
final class TriggerTime {
    private static final String ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";

    /// Times are to the second, so what is new may look as old as what was written last.
    private static final Duration RECENT = Duration.ofSeconds(2);

    private TriggerTime() {}

    /// The time to say when something new is made.
    static @Nullable Instant first(JsonObject service, List<JsonObject> pods) {
        var created = Timestamps.parse(service.object("metadata").string("creationTimestamp"));
        return Stream.concat(Stream.ofNullable(created), Stream.ofNullable(latest(pods)))
                .max(Instant::compareTo)
                .orElse(null);
    }

    /// The time to say when `object` is changed because of `pods`, null for none.
    static @Nullable Instant next(JsonObject object, List<JsonObject> pods, Instant now) {
        var latest = latest(pods);
        if (latest == null) {
            return null;
        }
        var said = object.object("metadata").object("annotations").string(ANNOTATION);
        var before = Timestamps.parse(said);
        boolean newer = before != null && latest.isAfter(before);
        return newer || !latest.plus(RECENT).isBefore(now) ? latest : null;
    }

    private static @Nullable Instant latest(List<JsonObject> pods) {
        return pods.stream()
                .map(PodState::readinessChanged)
                .filter(Objects::nonNull)
                .max(Instant::compareTo)
                .orElse(null);
    }

    /// `annotations` with this time, without any when it is null.
    static JsonObject said(JsonObject annotations, @Nullable Instant time) {
        return time == null
                ? annotations.without(ANNOTATION)
                : annotations.with(ANNOTATION, Timestamps.seconds(time));
    }

    /// `annotations` without what is not its author's.
    static JsonObject without(JsonObject annotations) {
        return annotations.without(ANNOTATION);
    }
}
