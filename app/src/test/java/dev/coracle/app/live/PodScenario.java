// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.util.LinkedHashMap;
import java.util.Map;

/// A pod `demo` that was just created, to be moved on by one call per change.
final class PodScenario {
    private final Map<String, JsonObject> inits = new LinkedHashMap<>();
    private final Map<String, JsonObject> apps = new LinkedHashMap<>();
    private final Map<String, JsonObject> conditions = new LinkedHashMap<>();
    private String node = "";
    private String phase = "Pending";
    private String ip = "";
    private boolean deleting;

    PodScenario init(String name, String state) {
        return container(inits, name, 0, state, "{}");
    }

    PodScenario app(String name, String state) {
        return app(name, 0, state, "{}");
    }

    PodScenario app(String name, int restarts, String state, String lastState) {
        return container(apps, name, restarts, state, lastState);
    }

    PodScenario on(String nodeName) {
        node = nodeName;
        return condition("PodScheduled", "True", "");
    }

    PodScenario phase(String now) {
        phase = now;
        return this;
    }

    PodScenario ready(String podIp) {
        ip = podIp;
        phase = "Running";
        return condition("Ready", "True", "");
    }

    PodScenario deleting() {
        deleting = true;
        return this;
    }

    PodScenario condition(String type, String status, String message) {
        conditions.put(
                type,
                JsonObject.builder()
                        .put("type", type)
                        .put("status", status)
                        .put("message", message)
                        .build());
        return this;
    }

    private PodScenario container(
            Map<String, JsonObject> containers,
            String name,
            int restarts,
            String state,
            String lastState) {
        containers.put(
                name,
                JsonObject.builder()
                        .put("name", name)
                        .put("restartCount", restarts)
                        .put("state", JsonReader.parse(state))
                        .put("lastState", JsonReader.parse(lastState))
                        .build());
        return this;
    }

    LiveInput.PodChanged seen() {
        return new LiveInput.PodChanged(pod());
    }

    JsonObject pod() {
        var metadata = JsonObject.builder().put("name", "demo").put("uid", "u-1");
        if (deleting) {
            metadata.put("deletionTimestamp", "2026-01-01T00:01:00Z");
            metadata.put("deletionGracePeriodSeconds", 30);
        }
        var spec =
                JsonObject.builder()
                        .putUnlessEmpty("nodeName", node)
                        .put("initContainers", array(inits));
        var status =
                JsonObject.builder()
                        .put("phase", phase)
                        .putUnlessEmpty("podIP", ip)
                        .put("conditions", array(conditions))
                        .put("initContainerStatuses", array(inits))
                        .put("containerStatuses", array(apps));
        return JsonObject.builder()
                .put("metadata", metadata.build())
                .put("spec", spec.build())
                .put("status", status.build())
                .build();
    }

    private static Json array(Map<String, JsonObject> values) {
        return values.values().stream().map(Json.class::cast).collect(Json.toArray());
    }

    static final String WAITING = "{\"waiting\":{\"reason\":\"PodInitializing\"}}";
    static final String RUNNING = "{\"running\":{}}";

    static String ended(int code, String reason, int seconds) {
        return """
        {"terminated":{"exitCode":%d,"reason":"%s",
          "startedAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:%02dZ"}}"""
                .formatted(code, reason, seconds);
    }

    static String waiting(String reason, String message) {
        return JsonObject.of(
                        "waiting",
                        JsonObject.of("reason", Json.of(reason), "message", Json.of(message)))
                .text();
    }
}
