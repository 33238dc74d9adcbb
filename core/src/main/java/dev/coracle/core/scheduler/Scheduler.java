// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.machine.Machine;
import dev.coracle.core.scheduler.Filters.Filter;
import dev.coracle.core.view.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Binds pods to nodes, the highest priority first, then in the order they came.
///
/// A pod that fits nowhere is tried again, at once, when something changes that could help what
/// kept it off: a node came, or its labels, taints or capacity changed, or a pod left one; and
/// after five minutes in any case. A pod whose binding failed waits 1 s, doubling to 10 s.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/>,
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queueing-hint>
public final class Scheduler implements Machine<SchedulerInput, SchedulerOutput> {
    private static final String NAME = "default-scheduler";

    /// Upstream's default of `podMaxInUnschedulablePodsDuration`.
    private static final Duration RETRY_UNSCHEDULABLE = Duration.ofMinutes(5);

    /// <https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/>:
    /// `podInitialBackoffSeconds`, `podMaxBackoffSeconds`.
    private static final Duration INITIAL_BACK_OFF = Duration.ofSeconds(1);

    private static final Duration MAX_BACK_OFF = Duration.ofSeconds(10);

    private final Map<String, JsonObject> nodes = new TreeMap<>();
    private final Map<ObjectKey, Waiting> waiting = new LinkedHashMap<>();
    private final Map<ObjectKey, Bound> bound = new LinkedHashMap<>();

    /// A pod that takes up room on a node; `assumed` until the API shows its binding.
    private record Bound(PendingPod pod, String nodeName, boolean assumed, int failedBindings) {}

    /// A pod without a node. Due when `tryAt` has come.
    private record Waiting(PendingPod pod, Instant tryAt, Set<Filter> by, int failedBindings) {}

    @Override
    public List<SchedulerOutput> handle(SchedulerInput input, Instant now) {
        switch (input) {
            case SchedulerInput.Changes changes -> take(changes, now);
            case SchedulerInput.BindFailed failed -> {
                return bindFailed(failed, now);
            }
            case SchedulerInput.Tick _ -> {}
        }
        return schedule(now);
    }

    private void take(SchedulerInput.Changes changes, Instant now) {
        boolean freed = false;
        for (var key : changes.gonePods()) {
            waiting.remove(key);
            freed |= bound.remove(key) != null;
        }
        for (var tree : changes.pods()) {
            freed |= take(Pod.of(tree), now);
        }
        if (freed) {
            retryForRoom(now);
        }
        changes.goneNodes().forEach(nodes::remove);
        changes.nodes().forEach(node -> takeNode(node, now));
    }

    /// Whether the pod has just given room back.
    private boolean take(Pod pod, Instant now) {
        var key = pod.key();
        var before = bound.get(key);
        boolean replaced = before != null && !before.pod().pod().uid().equals(pod.uid());
        if (replaced) {
            bound.remove(key);
        }
        var nodeName = pod.spec().string("nodeName");
        if (pod.finished()) {
            waiting.remove(key);
            return bound.remove(key) != null;
        }
        if (!nodeName.isEmpty()) {
            waiting.remove(key);
            bound.put(key, new Bound(PendingPod.of(pod), nodeName, false, 0));
        } else if (!bound.containsKey(key)) {
            await(pod, now);
        }
        return replaced;
    }

    /// Differs from upstream: a pod that is being deleted is not tried, without saying so.
    private void await(Pod pod, Instant now) {
        if (!isOurs(pod) || pod.deleting()) {
            waiting.remove(pod.key());
            return;
        }
        var before = waiting.get(pod.key());
        var read = PendingPod.of(pod);
        var waits =
                before != null && isSameToFilters(before.pod(), read)
                        ? new Waiting(read, before.tryAt(), before.by(), before.failedBindings())
                        : new Waiting(read, now, Set.of(), 0);
        waiting.put(pod.key(), waits);
    }

    /// Gated pods are held back until their gates are gone.
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/>
    private static boolean isOurs(Pod pod) {
        var name = pod.spec().string("schedulerName");
        return (name.isEmpty() || name.equals(NAME))
                && pod.spec().array("schedulingGates").isEmpty();
    }

    private static boolean isSameToFilters(PendingPod before, PendingPod after) {
        return before.pod().uid().equals(after.pod().uid())
                && before.pod().spec().equals(after.pod().spec());
    }

    private void takeNode(JsonObject node, Instant now) {
        var before = nodes.put(node.object("metadata").string("name"), node);
        var stateBefore = before == null ? null : state(before);
        var stateAfter = state(node);
        waiting.replaceAll(
                (_, pod) ->
                        pod.failedBindings() == 0 && helps(pod, stateBefore, stateAfter)
                                ? dueAt(pod, now)
                                : pod);
    }

    /// Whether a filter that kept the pod off now lets it through.
    private static boolean helps(Waiting pod, @Nullable NodeState nodeBefore, NodeState nodeAfter) {
        if (pod.by().isEmpty()) {
            return true; // there was no node at all
        }
        var after = Filters.check(pod.pod(), nodeAfter);
        if (nodeBefore == null) {
            return after == null || !pod.by().contains(after.filter());
        }
        var before = Filters.check(pod.pod(), nodeBefore);
        return before != null && (after == null || after.filter().compareTo(before.filter()) > 0);
    }

    private NodeState state(JsonObject node) {
        var name = node.object("metadata").string("name");
        return NodeState.of(
                node,
                bound.values().stream()
                        .filter(pod -> pod.nodeName().equals(name))
                        .map(Bound::pod)
                        .toList());
    }

    /// Room on a node was given back.
    private void retryForRoom(Instant now) {
        waiting.replaceAll(
                (_, pod) ->
                        pod.by().contains(Filter.NODE_PORTS)
                                        || pod.by().contains(Filter.NODE_RESOURCES_FIT)
                                ? dueAt(pod, now)
                                : pod);
    }

    private static Waiting dueAt(Waiting pod, Instant at) {
        return pod.tryAt().isAfter(at)
                ? new Waiting(pod.pod(), at, pod.by(), pod.failedBindings())
                : pod;
    }

    private List<SchedulerOutput> schedule(Instant now) {
        var outputs = new ArrayList<SchedulerOutput>();
        var due =
                waiting.values().stream()
                        .filter(pod -> !pod.tryAt().isAfter(now))
                        .sorted(Comparator.comparingLong(pod -> -pod.pod().priority()))
                        .toList();
        if (due.isEmpty()) {
            return outputs;
        }
        var states = new TreeMap<String, NodeState>();
        nodes.forEach((name, node) -> states.put(name, state(node)));
        for (var pod : due) {
            var changed = place(pod, states.values(), now, outputs);
            if (changed != null) {
                states.put(changed.name(), changed);
            }
        }
        return List.copyOf(outputs);
    }

    /// Returns the node as it is with the pod on it, null when it fits nowhere.
    private @Nullable NodeState place(
            Waiting waits,
            Collection<NodeState> states,
            Instant now,
            List<SchedulerOutput> outputs) {
        var pod = waits.pod().pod();
        return switch (Placement.decide(waits.pod(), states)) {
            case Placement.Bind(var nodeName) -> {
                waiting.remove(pod.key());
                bound.put(
                        pod.key(), new Bound(waits.pod(), nodeName, true, waits.failedBindings()));
                outputs.add(bind(pod, nodeName));
                yield states.stream()
                        .filter(node -> node.name().equals(nodeName))
                        .findFirst()
                        .orElseThrow()
                        .with(waits.pod());
            }
            case Placement.Unschedulable(var message, var by) -> {
                var tryAt = now.plus(RETRY_UNSCHEDULABLE);
                waiting.put(pod.key(), new Waiting(waits.pod(), tryAt, by, 0));
                outputs.add(
                        new SchedulerOutput.RecordEvent(
                                event(pod, "Warning", "FailedScheduling", message)));
                addCondition(pod, message, now, outputs);
                outputs.add(new SchedulerOutput.WakeAt(tryAt));
                yield null;
            }
        };
    }

    private static SchedulerOutput bind(Pod pod, String nodeName) {
        var events = new ArrayList<EventRequest>();
        events.add(
                event(
                        pod,
                        "Normal",
                        "Scheduled",
                        "Successfully assigned %s to %s".formatted(pod.key(), nodeName)));
        for (var ignored : ignoredRules(pod)) {
            events.add(
                    event(
                            pod,
                            "Warning",
                            "SchedulingRuleIgnored",
                            ignored + " was not considered: this scheduler does not know it"));
        }
        return new SchedulerOutput.Bind(
                pod.key(), pod.uid(), binding(pod, nodeName), List.copyOf(events));
    }

    /// Differs from upstream: rules about other pods and about device claims are not considered;
    /// whoever asks for them is told by an event.
    private static List<String> ignoredRules(Pod pod) {
        var ignored = new ArrayList<String>();
        for (var kind : List.of("podAffinity", "podAntiAffinity")) {
            var name = "requiredDuringSchedulingIgnoredDuringExecution";
            if (!pod.spec().object("affinity").object(kind).array(name).isEmpty()) {
                ignored.add("spec.affinity." + kind + "." + name);
            }
        }
        for (var constraint : pod.spec().array("topologySpreadConstraints").objects()) {
            if (constraint.string("whenUnsatisfiable").equals("DoNotSchedule")) {
                ignored.add(
                        "spec.topologySpreadConstraints[%s]"
                                .formatted(constraint.string("topologyKey")));
            }
        }
        if (!pod.spec().array("resourceClaims").isEmpty()) {
            ignored.add("spec.resourceClaims");
        }
        return ignored;
    }

    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/>
    private static JsonObject binding(Pod pod, String nodeName) {
        return JsonObject.builder()
                .put("apiVersion", "v1")
                .put("kind", "Binding")
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("name", pod.key().name())
                                .put("namespace", pod.key().namespace())
                                .put("uid", pod.uid())
                                .build())
                .put("target", JsonObject.of("kind", Json.of("Node"), "name", Json.of(nodeName)))
                .build();
    }

    /// Unless the pod says the same already.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>
    private static void addCondition(
            Pod pod, String message, Instant now, List<SchedulerOutput> outputs) {
        var before =
                pod.status().array("conditions").objects().stream()
                        .filter(condition -> condition.string("type").equals("PodScheduled"))
                        .findFirst()
                        .orElse(JsonObject.EMPTY);
        boolean wasFalse = before.string("status").equals("False");
        if (wasFalse
                && before.string("reason").equals("Unschedulable")
                && before.string("message").equals(message)) {
            return;
        }
        var since = wasFalse ? before.string("lastTransitionTime") : "";
        var condition =
                JsonObject.builder()
                        .put("type", "PodScheduled")
                        .put("observedGeneration", pod.generation())
                        .put("status", "False")
                        .put("lastProbeTime", JsonNull.NULL)
                        .put(
                                "lastTransitionTime",
                                since.isEmpty()
                                        ? now.truncatedTo(ChronoUnit.SECONDS).toString()
                                        : since)
                        .put("reason", "Unschedulable")
                        .put("message", message)
                        .build();
        outputs.add(
                new SchedulerOutput.PatchStatus(
                        pod.key(),
                        JsonObject.of(
                                "metadata",
                                JsonObject.of("uid", Json.of(pod.uid())),
                                "status",
                                JsonObject.of("conditions", JsonArray.of(condition)))));
    }

    private List<SchedulerOutput> bindFailed(SchedulerInput.BindFailed failed, Instant now) {
        var pod = bound.get(failed.key());
        if (pod == null || !pod.assumed() || !pod.pod().pod().uid().equals(failed.podUid())) {
            return List.of(); // gone meanwhile, or bound after all
        }
        bound.remove(failed.key());
        int failures = pod.failedBindings() + 1;
        var tryAt = now.plus(backOff(failures));
        waiting.put(failed.key(), new Waiting(pod.pod(), tryAt, Set.of(), failures));
        retryForRoom(now);
        var outputs = new ArrayList<SchedulerOutput>();
        outputs.add(
                new SchedulerOutput.RecordEvent(
                        event(
                                pod.pod().pod(),
                                "Warning",
                                "FailedScheduling",
                                "binding rejected: " + failed.message())));
        outputs.add(new SchedulerOutput.WakeAt(tryAt));
        outputs.addAll(schedule(now));
        return List.copyOf(outputs);
    }

    private static Duration backOff(int failures) {
        var backOff = INITIAL_BACK_OFF.multipliedBy(1L << Math.min(failures - 1, 10));
        return backOff.compareTo(MAX_BACK_OFF) > 0 ? MAX_BACK_OFF : backOff;
    }

    private static EventRequest event(Pod pod, String type, String reason, String message) {
        return new EventRequest(
                EventRequest.Reference.to(pod.tree()), type, reason, message, NAME, "");
    }
}
