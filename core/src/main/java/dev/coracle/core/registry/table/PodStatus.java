// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A pod summed up in a word, as `kubectl get pods` shows it: what its containers are up to, or
/// waiting for, or died of.
///
/// <https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/>
final class PodStatus {
    private final JsonObject pod;
    private final JsonObject status;
    private final Set<String> sidecars = new HashSet<>();
    private final int initContainers;

    private String reason;
    private int ready;
    private int total;
    private long restarts;
    private long sidecarRestarts;
    private String lastRestart = "";
    private String lastSidecarRestart = "";

    private PodStatus(JsonObject pod) {
        this.pod = pod;
        this.status = pod.object("status");
        var init = pod.object("spec").array("initContainers").objects();
        initContainers = init.size();
        total = pod.object("spec").array("containers").size();
        for (var container : init) {
            if (container.string("restartPolicy").equals("Always")) {
                sidecars.add(container.string("name"));
                total++;
            }
        }
        reason =
                status.string("reason").isEmpty()
                        ? status.string("phase")
                        : status.string("reason");
        if (condition("PodScheduled").string("reason").equals("SchedulingGated")) {
            reason = "SchedulingGated";
        }
    }

    /// What the columns show; `lastRestart` is empty where nothing has restarted.
    record Summary(String reason, int ready, int total, long restarts, String lastRestart) {}

    static Summary of(JsonObject pod) {
        var summary = new PodStatus(pod);
        boolean initializing = summary.readInitContainers();
        if (!initializing || summary.isTrue("Initialized")) {
            summary.readContainers();
        }
        summary.readDeletion();
        return new Summary(
                summary.reason,
                summary.ready,
                summary.total,
                summary.restarts,
                summary.lastRestart);
    }

    /// Whether the pod is still at its init containers.
    private boolean readInitContainers() {
        var statuses = status.array("initContainerStatuses").objects();
        for (int i = 0; i < statuses.size(); i++) {
            var container = statuses.get(i);
            boolean sidecar = sidecars.contains(container.string("name"));
            countInit(container, sidecar);
            var terminated = container.object("state").object("terminated");
            boolean ended = container.object("state").has("terminated");
            if (ended && terminated.number("exitCode", 0) == 0) {
                continue;
            }
            if (sidecar && container.bool("started", false)) {
                ready += container.bool("ready", false) ? 1 : 0;
                continue;
            }
            reason = "Init:" + (ended ? ending(terminated) : progress(container, i));
            return true;
        }
        return false;
    }

    private void countInit(JsonObject container, boolean sidecar) {
        restarts += container.number("restartCount", 0);
        lastRestart = later(lastRestart, container);
        if (sidecar) {
            sidecarRestarts += container.number("restartCount", 0);
            lastSidecarRestart = later(lastSidecarRestart, container);
        }
    }

    private String progress(JsonObject container, int index) {
        var waiting = container.object("state").object("waiting").string("reason");
        return waiting.isEmpty() || waiting.equals("PodInitializing")
                ? index + "/" + initContainers
                : waiting;
    }

    private void readContainers() {
        restarts = sidecarRestarts;
        lastRestart = lastSidecarRestart;
        boolean running = false;
        for (var container : status.array("containerStatuses").objects().reversed()) {
            restarts += container.number("restartCount", 0);
            lastRestart = later(lastRestart, container);
            var state = container.object("state");
            var waiting = state.object("waiting").string("reason");
            if (!waiting.isEmpty()) {
                reason = waiting;
            } else if (state.has("terminated")) {
                reason = ending(state.object("terminated"));
            } else if (container.bool("ready", false) && state.has("running")) {
                running = true;
                ready++;
            }
        }
        if (reason.equals("Completed") && running) {
            reason = isTrue("Ready") ? "Running" : "NotReady";
        }
    }

    private void readDeletion() {
        var phase = status.string("phase");
        if (!pod.object("metadata").has("deletionTimestamp")) {
            return;
        }
        if (status.string("reason").equals("NodeLost")) {
            reason = "Unknown";
        } else if (!List.of("Succeeded", "Failed").contains(phase)) {
            reason = "Terminating";
        }
    }

    private static String ending(JsonObject terminated) {
        var why = terminated.string("reason");
        if (!why.isEmpty()) {
            return why;
        }
        long signal = terminated.number("signal", 0);
        return signal != 0 ? "Signal:" + signal : "ExitCode:" + terminated.number("exitCode", 0);
    }

    /// Timestamps of one form sort as text.
    private static String later(String timestamp, JsonObject container) {
        var finished = container.object("lastState").object("terminated").string("finishedAt");
        return finished.compareTo(timestamp) > 0 ? finished : timestamp;
    }

    private boolean isTrue(String type) {
        return condition(type).string("status").equals("True");
    }

    private JsonObject condition(String type) {
        return status.array("conditions").objects().stream()
                .filter(condition -> condition.string("type").equals(type))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }
}
