// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The phase that a pod's container states add up to.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase>
final class PodPhase {
    private PodPhase() {}

    /// `inits` and `apps` are the status entries, in the order of the spec; `ended`: everything
    /// has stopped and nothing is started any more.
    static String of(Pod pod, List<JsonObject> inits, List<JsonObject> apps, boolean ended) {
        boolean anyAppRan = apps.stream().anyMatch(PodPhase::hasRun);
        boolean initPending = false;
        boolean sidecarAlive = false;
        for (int i = 0; i < inits.size(); i++) {
            var entry = inits.get(i);
            if (pod.initContainers().get(i).role() == Container.Role.SIDECAR) {
                sidecarAlive |= entry.object("state").has("running");
                initPending |= !anyAppRan && !entry.bool("started", false);
            } else if (lastExit(entry) == null) {
                initPending |= !anyAppRan;
            } else if (exitCode(entry) != 0
                    && !pod.initContainers().get(i).restarts((int) exitCode(entry))) {
                return "Failed";
            } else {
                initPending |= !anyAppRan && exitCode(entry) != 0 && !ended;
            }
        }
        return initPending ? "Pending" : ofApps(pod, apps, sidecarAlive, ended);
    }

    private static String ofApps(
            Pod pod, List<JsonObject> apps, boolean sidecarAlive, boolean ended) {
        boolean running = false;
        boolean failed = false;
        boolean restarting = false;
        for (int i = 0; i < apps.size(); i++) {
            var entry = apps.get(i);
            if (entry.object("state").has("running")) {
                running = true;
            } else if (lastExit(entry) == null) {
                return "Pending";
            } else {
                failed |= exitCode(entry) != 0;
                restarting |= pod.containers().get(i).restarts((int) exitCode(entry));
            }
        }
        if (running || (!ended && (sidecarAlive || restarting))) {
            return "Running";
        }
        return failed ? "Failed" : "Succeeded";
    }

    private static boolean hasRun(JsonObject entry) {
        return entry.object("state").has("running") || lastExit(entry) != null;
    }

    /// How the container last ended; null when it never has, or runs.
    private static @Nullable JsonObject lastExit(JsonObject entry) {
        var state = entry.object("state");
        if (state.has("running")) {
            return null;
        }
        var exit = (state.has("terminated") ? state : entry.object("lastState"));
        return exit.has("terminated") ? exit.object("terminated") : null;
    }

    private static long exitCode(JsonObject entry) {
        var exit = lastExit(entry);
        return exit == null ? 0 : exit.number("exitCode", 0);
    }

    /// Whether the phase is one that a pod never leaves.
    static boolean isFinal(String phase) {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    static boolean anyRan(JsonArray entries) {
        return entries.objects().stream().anyMatch(PodPhase::hasRun);
    }
}
