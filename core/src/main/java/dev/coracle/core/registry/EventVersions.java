// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.Map;
import java.util.stream.Collectors;

/// The two faces of events: stored as core `v1`, also served as `events.k8s.io/v1`, where some
/// fields have other names.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>
final class EventVersions {
    private static final Map<String, String> NEW_NAMES =
            Map.of(
                    "involvedObject", "regarding",
                    "message", "note",
                    "source", "deprecatedSource",
                    "firstTimestamp", "deprecatedFirstTimestamp",
                    "lastTimestamp", "deprecatedLastTimestamp",
                    "count", "deprecatedCount",
                    "reportingComponent", "reportingController");
    private static final Map<String, String> CORE_NAMES =
            NEW_NAMES.entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

    private EventVersions() {}

    static JsonObject toCore(JsonObject event) {
        return renamed(event, "v1", CORE_NAMES);
    }

    static JsonObject fromCore(JsonObject event) {
        return renamed(event, "events.k8s.io/v1", NEW_NAMES);
    }

    private static JsonObject renamed(
            JsonObject event, String apiVersion, Map<String, String> names) {
        var builder = JsonObject.builder();
        event.forEach((name, value) -> builder.put(names.getOrDefault(name, name), value));
        return builder.put("apiVersion", Json.of(apiVersion)).build();
    }
}
