// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.PodFacts.Stage;
import dev.coracle.core.view.QosClass;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// A pod's `status` as the kubelet publishes it.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus>
final class PodStatus {
    private static final List<String> OWN_OPTIONAL =
            List.of("resources", "allocatedResources", "reason", "message", "podIP", "podIPs");

    private final PodFacts facts;

    private PodStatus(PodFacts facts) {
        this.facts = facts;
    }

    static JsonObject of(PodFacts facts) {
        return new PodStatus(facts).status();
    }

    /// The kubelet's own status, with the conditions that others have written since.
    static JsonObject withForeignParts(JsonObject own, JsonObject stored) {
        if (own.isEmpty()) {
            return stored;
        }
        var conditions = new ArrayList<Json>();
        for (var condition : own.array("conditions").objects()) {
            if (PodConditions.isOwn(condition.string("type"))) {
                conditions.add(condition);
            }
        }
        for (var condition : stored.array("conditions").objects()) {
            if (!PodConditions.isOwn(condition.string("type"))) {
                conditions.add(condition);
            }
        }
        return conditions.isEmpty() ? own : own.with("conditions", JsonArray.of(conditions));
    }

    private JsonObject status() {
        var statuses = new ContainerStatuses(facts);
        var pod = facts.pod();
        var inits = statuses.of(pod.initContainers());
        var apps = statuses.of(pod.containers());
        var phase = phase(inits, apps);
        var conditions = new PodConditions(facts, phase, inits, apps).all();
        var shown = shownPhase(phase);
        if (facts.stage() == Stage.ENDED && !isFinal(facts.previous().string("phase"))) {
            apps = allEnded(inits, apps);
            inits = initsEnded(inits);
        }
        var failure = facts.failure();
        boolean says = failure != null && shown.equals("Failed");
        var previous = facts.previous();
        var status =
                JsonObject.builder()
                        .put("observedGeneration", pod.generation())
                        .put("phase", shown)
                        .put("conditions", conditions)
                        .putUnlessEmpty(
                                "message",
                                says && failure != null
                                        ? failure.message()
                                        : previous.string("message"))
                        .putUnlessEmpty(
                                "reason",
                                says && failure != null
                                        ? failure.reason()
                                        : previous.string("reason"));
        addresses(status);
        var startTime = previous.get("startTime");
        status.put("startTime", startTime == null ? ContainerStatuses.time(facts.now()) : startTime)
                .putUnlessEmpty("initContainerStatuses", inits)
                .putUnlessEmpty("containerStatuses", apps);
        others(status);
        return status.build();
    }

    private String phase(JsonArray inits, JsonArray apps) {
        var known = facts.previous().string("phase");
        if (isFinal(known)) {
            return known;
        }
        if (facts.failure() != null) {
            return "Failed";
        }
        return PodPhase.of(
                facts.pod(), inits.objects(), apps.objects(), facts.stage() == Stage.ENDED);
    }

    /// A final phase lets controllers start a successor, so it waits until nothing runs any more.
    private String shownPhase(String phase) {
        var known = facts.previous().string("phase");
        return switch (facts.stage()) {
            case LIVE, ENDING -> isFinal(phase) && !known.isEmpty() ? known : phase;
            case ENDED -> isFinal(phase) ? phase : "Failed";
        };
    }

    private static boolean isFinal(String phase) {
        return PodPhase.isFinal(phase);
    }

    /// App containers of an initialized pod that nobody saw end are reported as lost.
    private static JsonArray allEnded(JsonArray inits, JsonArray apps) {
        boolean initialized =
                PodPhase.anyRan(apps)
                        || inits.objects().stream().allMatch(PodStatus::hasDoneItsPart);
        return initialized
                ? apps.objects().stream().map(PodStatus::ended).collect(Json.toArray())
                : apps;
    }

    private static boolean hasDoneItsPart(JsonObject init) {
        return init.object("state").object("terminated").number("exitCode", -1) == 0
                || init.bool("started", false);
    }

    /// Init containers up to the last one that was reached must have ended.
    private static JsonArray initsEnded(JsonArray inits) {
        int reached = inits.size();
        while (reached > 0 && !wasReached((JsonObject) inits.get(reached - 1))) {
            reached--;
        }
        var ended = new ArrayList<Json>();
        for (int i = 0; i < inits.size(); i++) {
            var entry = (JsonObject) inits.get(i);
            ended.add(i < reached ? ended(entry) : entry);
        }
        return JsonArray.of(ended);
    }

    private static boolean wasReached(JsonObject entry) {
        return entry.object("state").has("terminated") || entry.object("state").has("running");
    }

    private static JsonObject ended(JsonObject entry) {
        return entry.object("state").has("terminated")
                ? entry
                : entry.with("state", ContainerStatuses.LOST).with("ready", false);
    }

    private void addresses(JsonObject.Builder status) {
        var nodeIp = facts.nodeIp();
        status.put("hostIP", nodeIp).put("hostIPs", ips(List.of(nodeIp)));
        var sandbox = facts.sandbox();
        if (facts.pod().hostNetwork()) {
            status.put("podIP", nodeIp).put("podIPs", ips(List.of(nodeIp)));
        } else if (sandbox != null && sandbox.ready() && !sandbox.ips().isEmpty()) {
            status.put("podIP", sandbox.ips().getFirst()).put("podIPs", ips(sandbox.ips()));
        } else if (facts.previous().has("podIP")) {
            // a pod keeps the address it had for as long as it is shown
            status.put("podIP", facts.previous().string("podIP"))
                    .put("podIPs", facts.previous().array("podIPs"));
        }
    }

    private static JsonArray ips(List<String> addresses) {
        return addresses.stream()
                .map(address -> (Json) JsonObject.of("ip", Json.of(address)))
                .collect(Json.toArray());
    }

    /// What is not the kubelet's stays as it was: QoS class, nominated node, claims.
    private void others(JsonObject.Builder status) {
        var written = status.build();
        var previous = facts.previous();
        previous.forEach(
                (name, value) -> {
                    if (!written.has(name) && !OWN_OPTIONAL.contains(name)) {
                        status.put(name, value);
                    }
                });
        if (!previous.has("qosClass")) {
            status.put("qosClass", QosClass.of(facts.pod().spec()).text());
        }
        var requests = sum("requests");
        status.putUnlessEmpty("allocatedResources", requests)
                .put(
                        "resources",
                        JsonObject.builder()
                                .putUnlessEmpty("limits", sum("limits"))
                                .putUnlessEmpty("requests", requests)
                                .build());
    }

    /// What the app containers ask for together.
    private JsonObject sum(String kind) {
        var sums = new TreeMap<String, Quantity>();
        for (var container : facts.pod().containers()) {
            var resources = container.tree().object("resources");
            var amounts = resources.object(kind).strings();
            amounts.forEach((name, text) -> sums.merge(name, Quantity.parse(text), Quantity::plus));
            if (kind.equals("requests")) {
                resources
                        .object("limits")
                        .strings()
                        .forEach(
                                (name, text) -> {
                                    if (!amounts.containsKey(name)) {
                                        sums.merge(name, Quantity.parse(text), Quantity::plus);
                                    }
                                });
            }
        }
        var object = JsonObject.builder();
        sums.forEach((name, quantity) -> object.put(name, quantity.toString()));
        return object.build();
    }
}
