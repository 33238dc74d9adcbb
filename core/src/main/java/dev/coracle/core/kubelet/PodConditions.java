// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Container.Role;
import dev.coracle.core.view.RestartRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A pod's `conditions`: the kubelet's own first, then those that others wrote.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>
final class PodConditions {
    private static final String ALL_RESTARTING = "AllContainersRestarting";

    private static final Set<String> OWN =
            Set.of(
                    "PodReadyToStartContainers",
                    "Initialized",
                    "Ready",
                    "ContainersReady",
                    ALL_RESTARTING);

    private final PodFacts facts;
    private final String phase;
    private final JsonArray inits;
    private final JsonArray apps;

    /// `phase` is the one the containers add up to, even if it is not shown yet.
    PodConditions(PodFacts facts, String phase, JsonArray inits, JsonArray apps) {
        this.facts = facts;
        this.phase = phase;
        this.inits = inits;
        this.apps = apps;
    }

    /// Whether the kubelet alone decides on conditions of this type.
    static boolean isOwn(String type) {
        return OWN.contains(type);
    }

    private record Verdict(boolean met, String reason, String message) {
        static final Verdict MET = new Verdict(true, "", "");
    }

    JsonArray all() {
        var containersReady = containersReady();
        var conditions = new ArrayList<Json>();
        conditions.add(
                condition(
                        "PodReadyToStartContainers",
                        facts.sandboxReady() ? Verdict.MET : new Verdict(false, "", "")));
        conditions.add(condition("Initialized", initialized()));
        conditions.add(condition("Ready", ready(containersReady)));
        conditions.add(condition("ContainersReady", containersReady));
        facts.previous().array("conditions").objects().stream()
                .filter(other -> !OWN.contains(other.string("type")))
                .map(this::observed)
                .forEach(conditions::add);
        if (facts.pod().allContainers().stream().anyMatch(PodConditions::mayCallForAll)) {
            conditions.add(condition(ALL_RESTARTING, allRestarting()));
        }
        return JsonArray.of(conditions);
    }

    private static boolean mayCallForAll(Container container) {
        return container.restartRules().stream()
                .anyMatch(rule -> rule.action() == RestartRule.Action.RESTART_ALL_CONTAINERS);
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-all-containers>
    private Verdict allRestarting() {
        return switch (phase) {
            case "Succeeded" -> new Verdict(false, "PodCompleted", "");
            case "Failed" -> new Verdict(false, "PodFailed", "");
            default ->
                    facts.pod().allContainers().stream().anyMatch(this::callsForAll)
                            ? new Verdict(
                                    true,
                                    "RestartAllContainersStarted",
                                    "container exited with restart policy rule")
                            : new Verdict(false, "", "");
        };
    }

    private boolean callsForAll(Container container) {
        var newest = facts.newest(container.name());
        return newest != null
                && newest.state() == RuntimeReply.ContainerStatus.State.EXITED
                && container.restartsAll(newest.exitCode());
    }

    private Verdict initialized() {
        if (phase.equals("Succeeded")) {
            return new Verdict(true, "PodCompleted", "");
        }
        if (PodPhase.anyRan(apps)) {
            return Verdict.MET;
        }
        var incomplete = new ArrayList<String>();
        for (int i = 0; i < inits.size(); i++) {
            var entry = (JsonObject) inits.get(i);
            boolean sidecar = facts.pod().initContainers().get(i).role() == Role.SIDECAR;
            if (!entry.bool(sidecar ? "started" : "ready", false)) {
                incomplete.add(entry.string("name"));
            }
        }
        return incomplete.isEmpty()
                ? Verdict.MET
                : new Verdict(
                        false,
                        "ContainersNotInitialized",
                        "containers with incomplete status: " + list(incomplete));
    }

    private Verdict containersReady() {
        switch (phase) {
            case "Succeeded":
                return new Verdict(false, "PodCompleted", "");
            case "Failed":
                return new Verdict(false, "PodFailed", "");
            default:
                break;
        }
        var unready = new ArrayList<String>();
        for (int i = 0; i < inits.size(); i++) {
            if (facts.pod().initContainers().get(i).role() == Role.SIDECAR) {
                addUnready((JsonObject) inits.get(i), unready);
            }
        }
        apps.objects().forEach(entry -> addUnready(entry, unready));
        return unready.isEmpty()
                ? Verdict.MET
                : new Verdict(
                        false,
                        "ContainersNotReady",
                        "containers with unready status: " + list(unready));
    }

    private static void addUnready(JsonObject entry, List<String> unready) {
        if (!entry.bool("ready", false)) {
            unready.add(entry.string("name"));
        }
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate>
    private Verdict ready(Verdict containersReady) {
        if (!containersReady.met()) {
            return containersReady;
        }
        var unmet = new ArrayList<String>();
        for (var gate : facts.pod().spec().array("readinessGates").objects()) {
            var type = gate.string("conditionType");
            var condition = previous(type);
            if (condition.isEmpty()) {
                unmet.add(
                        "corresponding condition of pod readiness gate \""
                                + type
                                + "\" does not exist.");
            } else if (!condition.string("status").equals("True")) {
                unmet.add(
                        "the status of pod readiness gate \""
                                + type
                                + "\" is not \"True\", but "
                                + condition.string("status"));
            }
        }
        return unmet.isEmpty()
                ? Verdict.MET
                : new Verdict(false, "ReadinessGatesNotReady", String.join(", ", unmet));
    }

    private JsonObject condition(String type, Verdict verdict) {
        var previous = previous(type);
        var status = verdict.met() ? "True" : "False";
        var since = previous.get("lastTransitionTime");
        boolean unchanged = previous.string("status").equals(status) && since != null;
        return JsonObject.builder()
                .put("type", type)
                .put("observedGeneration", facts.pod().generation())
                .put("status", status)
                .put("lastProbeTime", JsonNull.NULL)
                .put(
                        "lastTransitionTime",
                        unchanged && since != null ? since : ContainerStatuses.time(facts.now()))
                .putUnlessEmpty("reason", verdict.reason())
                .putUnlessEmpty("message", verdict.message())
                .build();
    }

    /// Only PodScheduled is the kubelet's to confirm; what other controllers wrote stays.
    private JsonObject observed(JsonObject condition) {
        if (!condition.string("type").equals("PodScheduled")) {
            return condition;
        }
        var rebuilt =
                JsonObject.builder()
                        .put("type", "PodScheduled")
                        .put("observedGeneration", facts.pod().generation());
        condition.forEach(
                (name, value) -> {
                    if (!name.equals("type") && !name.equals("observedGeneration")) {
                        rebuilt.put(name, value);
                    }
                });
        return rebuilt.build();
    }

    private JsonObject previous(String type) {
        return facts.previous().array("conditions").objects().stream()
                .filter(condition -> condition.string("type").equals(type))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }

    /// `[a b]`.
    private static String list(List<String> names) {
        return "[" + String.join(" ", names) + "]";
    }
}
