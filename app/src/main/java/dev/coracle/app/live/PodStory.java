// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import dev.coracle.app.live.LiveLine.Step;
import dev.coracle.app.live.LiveLine.Tone;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What has been told of one pod so far.
final class PodStory {
    private final String pod;
    private final Map<String, ContainerStory> containers = new LinkedHashMap<>();
    private final Map<String, String> parts = new LinkedHashMap<>();
    private boolean begun;
    private boolean scheduled;
    private boolean ready;
    private boolean stopping;
    private String unschedulable = "";
    private String phase = "";

    PodStory(String pod) {
        this.pod = pod;
    }

    /// Tells `teller` what is new in `object`, in the order it must have happened.
    void tell(JsonObject object, Duration after, Consumer<LiveLine> teller) {
        Consumer<Step> steps = teller::accept;
        if (!begun) {
            begun = true;
            steps.accept(step(after, "created", Tone.PLAIN));
        }
        stopping(object, after, steps);
        scheduling(object, after, steps);
        var status = object.object("status");
        containers(object, status, after, steps);
        readiness(status, after, steps);
        ending(status, after, steps);
    }

    private void scheduling(JsonObject object, Duration after, Consumer<Step> steps) {
        var node = object.object("spec").string("nodeName");
        if (!scheduled && !node.isEmpty()) {
            scheduled = true;
            steps.accept(step(after, "scheduled to " + node, Tone.PLAIN));
        }
        var condition = condition(object.object("status"), "PodScheduled");
        var message = condition.string("message");
        if (condition.string("status").equals("False") && !message.equals(unschedulable)) {
            unschedulable = message;
            steps.accept(step(after, "not scheduled: " + message, Tone.BAD));
        }
    }

    private void containers(
            JsonObject object, JsonObject status, Duration after, Consumer<Step> steps) {
        name(object.object("spec").array("initContainers").objects());
        for (var list : List.of("initContainerStatuses", "containerStatuses")) {
            for (var one : status.array(list).objects()) {
                tell(one, part(one.string("name")), after, steps);
            }
        }
    }

    private void name(List<JsonObject> inits) {
        for (int i = 0; i < inits.size() && parts.size() < inits.size(); i++) {
            var name = inits.get(i).string("name");
            parts.put(name, "init %d/%d %s".formatted(i + 1, inits.size(), name));
        }
    }

    /// How a container is called: `init 1/2 install`, `web`.
    String part(String container) {
        return parts.getOrDefault(container, container);
    }

    private void tell(JsonObject status, String part, Duration after, Consumer<Step> steps) {
        containers
                .computeIfAbsent(part, _ -> new ContainerStory())
                .tell(
                        status,
                        stopping,
                        (text, tone) -> steps.accept(new Step(after, pod, part, text, tone)));
    }

    private void readiness(JsonObject status, Duration after, Consumer<Step> steps) {
        boolean now = condition(status, "Ready").string("status").equals("True");
        if (now && !ready) {
            var ip = status.string("podIP");
            steps.accept(step(after, ip.isEmpty() ? "ready" : "ready at " + ip, Tone.GOOD));
        } else if (ready && !now && !stopping && allRun(status)) {
            steps.accept(step(after, "no longer ready", Tone.BAD));
        }
        ready = now;
    }

    /// Whether no container's end explains why the pod is not ready.
    private static boolean allRun(JsonObject status) {
        return status.array("containerStatuses").objects().stream()
                .allMatch(container -> container.object("state").has("running"));
    }

    private void stopping(JsonObject object, Duration after, Consumer<Step> steps) {
        var metadata = object.object("metadata");
        if (!stopping && metadata.has("deletionTimestamp")) {
            stopping = true;
            if (hasEnded(object)) {
                return; // there is nothing left to stop
            }
            long grace = metadata.number("deletionGracePeriodSeconds", 0);
            var text = grace == 0 ? "stopping at once" : "stopping, within %d s".formatted(grace);
            steps.accept(step(after, text, Tone.PLAIN));
        }
    }

    private static boolean hasEnded(JsonObject object) {
        var phase = object.object("status").string("phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    private void ending(JsonObject status, Duration after, Consumer<Step> steps) {
        var now = status.string("phase");
        if (now.equals(phase)) {
            return;
        }
        phase = now;
        if (now.equals("Succeeded")) {
            steps.accept(step(after, "succeeded", Tone.GOOD));
        } else if (now.equals("Failed") && !stopping) {
            var reason = status.string("reason");
            var text = reason.isEmpty() ? "failed" : "failed: " + reason;
            steps.accept(step(after, text, Tone.BAD));
        }
    }

    private Step step(Duration after, String text, Tone tone) {
        return new Step(after, pod, "", text, tone);
    }

    private static JsonObject condition(JsonObject status, String type) {
        for (var condition : status.array("conditions").objects()) {
            if (condition.string("type").equals(type)) {
                return condition;
            }
        }
        return JsonObject.EMPTY;
    }
}
