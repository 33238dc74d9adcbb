// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// One pod of a real node, as its API shows it. What is asked of it here costs no process, so it
/// may be asked often.
record WatchedPod(NodeClient client, String namespace, String name) {

    private String pods() {
        return "/api/v1/namespaces/" + namespace + "/pods/" + name;
    }

    JsonObject read() {
        return client.look(pods()).ok();
    }

    JsonObject status() {
        return read().object("status");
    }

    String uid() {
        return read().object("metadata").string("uid");
    }

    /// The status of a container or init container; empty while there is none.
    JsonObject container(String container) {
        return container(status(), container);
    }

    private static JsonObject container(JsonObject status, String container) {
        return List.of("containerStatuses", "initContainerStatuses").stream()
                .flatMap(list -> status.array(list).objects().stream())
                .filter(each -> each.string("name").equals(container))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }

    JsonObject await(String what, Predicate<JsonObject> condition) {
        return Kubectl.await(name + ": " + what, this::status, condition);
    }

    JsonObject awaitContainer(String container, String what, Predicate<JsonObject> condition) {
        return container(
                await(
                        container + " " + what,
                        status -> condition.test(container(status, container))),
                container);
    }

    JsonObject awaitRunning(String container) {
        return awaitContainer(container, "runs", status -> status.object("state").has("running"));
    }

    JsonObject awaitReady(String container) {
        return awaitContainer(container, "is ready", status -> status.bool("ready", false));
    }

    /// Waits until the container runs after that many restarts.
    JsonObject awaitRestart(String container, long restarts) {
        return awaitContainer(
                container,
                "runs again",
                status ->
                        status.number("restartCount", 0) >= restarts
                                && status.object("state").has("running"));
    }

    void awaitGone() {
        Kubectl.await(name + " is gone", () -> client.look(pods()).code(), code -> code == 404);
    }

    /// The events about this pod.
    List<JsonObject> events() {
        return client
                .look("/api/v1/namespaces/" + namespace + "/events")
                .ok()
                .array("items")
                .objects()
                .stream()
                .filter(event -> event.object("involvedObject").string("name").equals(name))
                .toList();
    }

    /// Waits for an event whose message begins so.
    JsonObject awaitEvent(String reason, String message) {
        return Kubectl.await(
                        name + ": event " + reason + " " + message,
                        () -> event(reason, message),
                        Optional::isPresent)
                .orElseThrow();
    }

    private Optional<JsonObject> event(String reason, String message) {
        return events(reason, message).findFirst();
    }

    private Stream<JsonObject> events(String reason, String message) {
        return events().stream()
                .filter(event -> event.string("reason").equals(reason))
                .filter(event -> event.string("message").startsWith(message));
    }

    /// How often that was said, in events whose message begins so.
    long count(String reason, String message) {
        return events(reason, message).mapToLong(event -> event.number("count", 0)).sum();
    }

    /// Waits until that was said so often or more.
    void awaitCount(String reason, String message, long times) {
        Kubectl.await(
                name + ": " + times + " x " + reason + " " + message,
                () -> count(reason, message),
                count -> count >= times);
    }

    /// Messages of the events that have this reason.
    List<String> messages(String reason) {
        return events(reason, "").map(event -> event.string("message")).toList();
    }
}
