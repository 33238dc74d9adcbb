// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One `containerStatuses` entry: state, the state before, readiness, restarts, identity.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states>
final class ContainerStatuses {
    private static final JsonObject LOST_WHILE_RUNNING =
            unknown(
                    "The container could not be located when the pod was deleted.  The container"
                            + " used to be Running");

    static final JsonObject LOST =
            unknown("The container could not be located when the pod was terminated");

    private final PodFacts facts;
    private final JsonObject defaultWaiting;

    ContainerStatuses(PodFacts facts) {
        this.facts = facts;
        this.defaultWaiting =
                JsonObject.of(
                        "waiting",
                        JsonObject.of(
                                "reason",
                                Json.of(
                                        facts.pod().initContainers().isEmpty()
                                                ? "ContainerCreating"
                                                : "PodInitializing")));
    }

    /// The entries of some of the pod's containers, in their order.
    JsonArray of(List<Container> containers) {
        return containers.stream().map(this::of).collect(Json.toArray());
    }

    private JsonObject of(Container container) {
        var instance = facts.newest(container.name());
        var entry = JsonObject.builder().put("name", container.name());
        if (instance == null) {
            neverRan(container, entry);
        } else {
            ran(container, instance, entry);
        }
        return entry.putUnlessEmpty("volumeMounts", volumeMounts(container)).build();
    }

    private void neverRan(Container container, JsonObject.Builder entry) {
        var previous = previous(container.name());
        var state = waiting(container.name());
        var was = previous.object("state");
        boolean vanished = was.has("running") || was.has("terminated");
        long restarts = previous.number("restartCount", 0) + (vanished ? 1 : 0);
        var last = was.has("running") ? LOST_WHILE_RUNNING : was;
        entry.put("state", state == null ? defaultWaiting : state)
                .put("lastState", vanished ? last : previous.object("lastState"))
                .put("ready", false)
                .put("restartCount", restarts)
                .put("image", container.image())
                .put("imageID", "")
                .put("started", false);
    }

    private void ran(
            Container container, RuntimeReply.ContainerStatus instance, JsonObject.Builder entry) {
        var state = state(instance);
        var before = facts.before(container.name());
        var last = before == null ? lastState(container.name(), instance) : state(before);
        var why = waiting(container.name());
        boolean running = instance.state() == RuntimeReply.ContainerStatus.State.RUNNING;
        if (!running && why != null) {
            if (state.has("terminated")) {
                last = state;
            }
            state = why;
        }
        entry.put("state", state)
                .put("lastState", last)
                .put("ready", ready(container, instance, state))
                .put("restartCount", Math.max(instance.attempt(), counted(container.name())))
                .put("image", instance.image().isEmpty() ? container.image() : instance.image())
                .put("imageID", instance.imageId())
                .put("containerID", "containerd://" + instance.id())
                .put("started", running && facts.health().started(container, instance))
                .putUnlessEmpty("allocatedResources", requests(container))
                .put("resources", resources(container))
                .putUnlessEmpty("stopSignal", container.stopSignal());
    }

    /// What was published stays true when the instance it counted is gone again, as one is that was
    /// created but not started.
    private long counted(String name) {
        return previous(name).number("restartCount", 0);
    }

    /// From the status published before, when the runtime no longer has the earlier instance.
    private JsonObject lastState(String name, RuntimeReply.ContainerStatus instance) {
        if (instance.attempt() == 0) {
            return JsonObject.EMPTY;
        }
        var previous = previous(name);
        boolean same = previous.string("containerID").endsWith(instance.id());
        var state = previous.object("state");
        return same || !state.has("terminated")
                ? previous.object("lastState")
                : JsonObject.of("terminated", state.object("terminated"));
    }

    private boolean ready(
            Container container, RuntimeReply.ContainerStatus instance, JsonObject state) {
        return switch (container.role()) {
            case INIT -> state.object("terminated").number("exitCode", -1) == 0;
            case SIDECAR, APP ->
                    state.has("running")
                            && facts.health().started(container, instance)
                            && facts.health().ready(container, instance);
        };
    }

    private @Nullable JsonObject waiting(String name) {
        var why = facts.waiting().get(name);
        return why == null
                ? null
                : JsonObject.of(
                        "waiting",
                        JsonObject.builder()
                                .put("reason", why.reason())
                                .putUnlessEmpty("message", why.message())
                                .build());
    }

    private JsonObject state(RuntimeReply.ContainerStatus instance) {
        return switch (instance.state()) {
            case CREATED -> defaultWaiting;
            case RUNNING ->
                    JsonObject.of(
                            "running", JsonObject.of("startedAt", time(instance.startedAt())));
            case EXITED, UNKNOWN -> terminated(instance);
        };
    }

    private static JsonObject terminated(RuntimeReply.ContainerStatus instance) {
        var reason = instance.reason();
        if (reason.isEmpty()) {
            reason = instance.exitCode() == 0 ? "Completed" : "Error";
        }
        return JsonObject.of(
                "terminated",
                JsonObject.builder()
                        .put("exitCode", instance.exitCode())
                        .put("reason", reason)
                        .putUnlessEmpty("message", instance.message())
                        .put("startedAt", time(instance.startedAt()))
                        .put("finishedAt", time(instance.finishedAt()))
                        .put("containerID", "containerd://" + instance.id())
                        .build());
    }

    private JsonObject previous(String name) {
        return entry(facts.previous(), name);
    }

    /// The entry of one container in a pod's status, an empty one when there is none.
    static JsonObject entry(JsonObject status, String name) {
        return Stream.of("initContainerStatuses", "containerStatuses")
                .flatMap(list -> status.array(list).objects().stream())
                .filter(entry -> entry.string("name").equals(name))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }

    private static JsonObject requests(Container container) {
        var resources = container.tree().object("resources");
        var requests = resources.object("requests");
        for (var name : resources.object("limits").names()) {
            var limit = resources.object("limits").get(name);
            if (!requests.has(name) && limit != null) {
                requests = requests.with(name, limit);
            }
        }
        return requests;
    }

    private static JsonObject resources(Container container) {
        return JsonObject.builder()
                .putUnlessEmpty("limits", container.tree().object("resources").object("limits"))
                .putUnlessEmpty("requests", requests(container))
                .build();
    }

    private static JsonArray volumeMounts(Container container) {
        return container.tree().array("volumeMounts").objects().stream()
                .map(ContainerStatuses::volumeMount)
                .collect(Json.toArray());
    }

    private static JsonObject volumeMount(JsonObject mount) {
        var entry =
                JsonObject.builder()
                        .put("name", mount.string("name"))
                        .put("mountPath", mount.string("mountPath"));
        if (mount.bool("readOnly", false)) {
            entry.put("readOnly", true).put("recursiveReadOnly", "Disabled");
        }
        return entry.build();
    }

    /// A time as the API writes it: whole seconds, or null.
    static Json time(@Nullable Instant instant) {
        return instant == null
                ? JsonNull.NULL
                : Json.of(
                        DateTimeFormatter.ISO_INSTANT.format(
                                instant.truncatedTo(ChronoUnit.SECONDS)));
    }

    private static JsonObject unknown(String message) {
        return JsonObject.of(
                "terminated",
                JsonObject.builder()
                        .put("exitCode", 137)
                        .put("reason", "ContainerStatusUnknown")
                        .put("message", message)
                        .put("startedAt", JsonNull.NULL)
                        .put("finishedAt", JsonNull.NULL)
                        .build());
    }
}
