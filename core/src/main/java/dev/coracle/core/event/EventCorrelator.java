// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.event;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Turns what a component reports into writes of events, as upstream's recorders do.
///
/// - The same thing again (source, object, part of it, type, reason and message) is the same event:
///   its count grows, its last time moves.
/// - The tenth different message of one source, object, type and reason, none of them ten minutes
///   after the one before, and all that follow become one event, whose message starts with
///   `(combined from similar events): ` and ends with the newest.
/// - One source may write 25 times about one reason of one object and then once every five minutes.
///   What is dropped still counts: the next write carries the whole count. Upstream's documentation
///   knows only source and object in this rule; v1.36 was observed to count each reason for itself.
///
/// Each component has one of its own. Confined to one thread at a time.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>,
///
/// <https://github.com/kubernetes/community>
public final class EventCorrelator {
    /// How many events, groups and spam counters are remembered, the least recently used forgotten
    /// first; upstream's cache has the same size.
    private static final int REMEMBERED = 4_096;

    private static final int SIMILAR_MESSAGES = 10;
    private static final Duration SIMILAR_WITHIN = Duration.ofMinutes(10);
    private static final String COMBINED = "(combined from similar events): ";
    private static final int BURST = 25;
    private static final Duration REFILL = Duration.ofMinutes(5);
    private static final int NAME_MAX_LENGTH = 253;

    private final Map<List<Object>, Observed> observed = new Recent<>();
    private final Map<List<Object>, Group> groups = new Recent<>();
    private final Map<List<Object>, TokenBucket> budgets = new Recent<>();
    private long lastNanos;

    /// One event so far: the object as it was last to be written.
    private record Observed(ObjectKey key, String firstTimestamp, long count) {}

    /// The messages of similar events.
    private static final class Group {
        final LinkedHashSet<String> messages = new LinkedHashSet<>();
        Instant last;

        Group(Instant now) {
            last = now;
        }
    }

    private static final class Recent<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > REMEMBERED;
        }
    }

    /// What is to be written because of `request`; nothing when it would be spam.
    public Optional<EventWrite> record(EventRequest request, Instant now) {
        var regarding = request.regarding();
        List<Object> object =
                List.of(
                        request.component(),
                        request.host(),
                        regarding.apiVersion(),
                        regarding.kind(),
                        regarding.namespace(),
                        regarding.name(),
                        regarding.uid(),
                        request.reason());
        boolean combined = isOneOfMany(request, object, now);
        var message = combined ? COMBINED + request.message() : request.message();
        var identity =
                combined
                        ? List.<Object>of(object, request.type())
                        : List.<Object>of(
                                object, request.type(), regarding.fieldPath(), request.message());
        var write = observe(request, message, identity, now);
        var budget = budgets.computeIfAbsent(object, _ -> new TokenBucket(BURST, REFILL, now));
        return budget.tryTake(now) ? Optional.of(write) : Optional.empty();
    }

    private boolean isOneOfMany(EventRequest request, List<Object> object, Instant now) {
        var key = List.<Object>of(object, request.type());
        var group = groups.computeIfAbsent(key, _ -> new Group(now));
        if (Duration.between(group.last, now).compareTo(SIMILAR_WITHIN) > 0) {
            group.messages.clear();
        }
        group.last = now;
        group.messages.add(request.message());
        if (group.messages.size() < SIMILAR_MESSAGES) {
            return false;
        }
        group.messages.removeFirst(); // one below the threshold is enough to know
        return true;
    }

    private EventWrite observe(
            EventRequest request, String message, List<Object> identity, Instant now) {
        var before = observed.get(identity);
        var time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        if (before == null) {
            var key = new ObjectKey(namespace(request), name(request, now));
            observed.put(identity, new Observed(key, time, 1));
            return new EventWrite.Create(event(request, message, key, time, time, 1));
        }
        long count = before.count() + 1;
        observed.put(identity, new Observed(before.key(), before.firstTimestamp(), count));
        return new EventWrite.Update(
                before.key(),
                JsonObject.builder()
                        .put("count", count)
                        .put("lastTimestamp", time)
                        .put("message", message)
                        .build(),
                event(request, message, before.key(), before.firstTimestamp(), time, count));
    }

    /// Events about objects without a namespace are in `default`.
    private static String namespace(EventRequest request) {
        var namespace = request.regarding().namespace();
        return namespace.isEmpty() ? "default" : namespace;
    }

    /// `web.18e9f3a7e097b64b`: the object and the time in nanoseconds, which here never repeats.
    private String name(EventRequest request, Instant now) {
        long nanos = ChronoUnit.NANOS.between(Instant.EPOCH, now);
        lastNanos = Math.max(nanos, lastNanos + 1);
        var suffix = "." + Long.toHexString(lastNanos);
        var name = request.regarding().name();
        int room = NAME_MAX_LENGTH - suffix.length();
        return (name.length() > room ? name.substring(0, room) : name) + suffix;
    }

    private static JsonObject event(
            EventRequest request,
            String message,
            ObjectKey key,
            String first,
            String last,
            long count) {
        return JsonObject.builder()
                .put("kind", "Event")
                .put("apiVersion", "v1")
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("name", key.name())
                                .put("namespace", key.namespace())
                                .build())
                .put("involvedObject", request.regarding().json())
                .put("reason", request.reason())
                .put("message", message)
                .put(
                        "source",
                        JsonObject.builder()
                                .putUnlessEmpty("component", request.component())
                                .putUnlessEmpty("host", request.host())
                                .build())
                .put("firstTimestamp", first)
                .put("lastTimestamp", last)
                .put("count", count)
                .put("type", request.type())
                .put("eventTime", JsonNull.NULL)
                .put("reportingComponent", request.component())
                .put("reportingInstance", request.host())
                .build();
    }
}
