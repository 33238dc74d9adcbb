// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.eventttl;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Timestamps;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Deletes an event an hour after it was last written: upstream's `--event-ttl`.
///
/// <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>
public final class EventExpiry implements Controller {
    private static final Duration TTL = Duration.ofHours(1);

    private final ResourceType events;

    public EventExpiry(ResourceType events) {
        this.events = events;
    }

    @Override
    public String name() {
        return "event-ttl";
    }

    @Override
    public List<Trigger> reads() {
        return List.of(new Trigger(events, event -> List.of(ObjectKey.of(event))));
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(events);
    }

    /// `key` is an event's.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var event = view.get(events, key);
        if (event == null) {
            return Decision.NOTHING;
        }
        var left = Duration.between(now, lastWritten(event).plus(TTL));
        if (left.isPositive()) {
            return new Decision(List.of(), left);
        }
        var version = event.object("metadata").string("resourceVersion");
        return Decision.of(
                new Write.Delete(events, key, new DeleteOptions(null, null, null, version, false)));
    }

    /// The latest of the times that an event carries.
    private static Instant lastWritten(JsonObject event) {
        return Stream.of(
                        event.string("lastTimestamp"),
                        event.string("eventTime"),
                        event.object("series").string("lastObservedTime"),
                        event.object("metadata").string("creationTimestamp"))
                .map(Timestamps::parse)
                .filter(Objects::nonNull)
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }
}
