// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Picks the container that a request for logs or a command means, with upstream's words for the
/// reasons why it cannot be had.
record PodContainers(JsonObject pod) {
    private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

    private List<String> names(String field) {
        return pod.object("spec").array(field).objects().stream()
                .map(container -> container.string("name"))
                .toList();
    }

    /// `asked`, or the only container when empty.
    String choose(String asked) {
        var containers = names("containers");
        var init = names("initContainers");
        var ephemeral = names("ephemeralContainers");
        if (asked.isEmpty()) {
            if (containers.size() == 1) {
                return containers.getFirst();
            }
            var annotated = pod.object("metadata").object("annotations").string(DEFAULT_CONTAINER);
            if (containers.contains(annotated)) {
                return annotated;
            }
            throw ApiException.badRequest(mustChoose(containers, init, ephemeral));
        }
        if (containers.contains(asked) || init.contains(asked) || ephemeral.contains(asked)) {
            return asked;
        }
        throw ApiException.badRequest(
                "container %s is not valid for pod %s".formatted(asked, podName()));
    }

    private String mustChoose(List<String> containers, List<String> init, List<String> ephemeral) {
        var message =
                new StringBuilder(
                        "a container name must be specified for pod %s, choose one of: [%s]"
                                .formatted(podName(), String.join(" ", containers)));
        if (!init.isEmpty()) {
            message.append(
                    " or one of the init containers: [%s]".formatted(String.join(" ", init)));
        }
        if (!ephemeral.isEmpty()) {
            message.append(
                    " or one of the ephemeral containers: [%s]"
                            .formatted(String.join(" ", ephemeral)));
        }
        return message.toString();
    }

    /// Whether the processes of `container` are started at a terminal.
    boolean hasTerminal(String container) {
        return Stream.of("containers", "initContainers", "ephemeralContainers")
                .flatMap(field -> pod.object("spec").array(field).objects().stream())
                .filter(each -> each.string("name").equals(container))
                .anyMatch(each -> each.bool("tty", false));
    }

    String podName() {
        return pod.object("metadata").string("name");
    }

    /// Its entry in the pod's status, null when there is none yet.
    @Nullable JsonObject status(String container) {
        var all = new ArrayList<JsonObject>();
        for (var field :
                List.of(
                        "containerStatuses",
                        "initContainerStatuses",
                        "ephemeralContainerStatuses")) {
            all.addAll(pod.object("status").array(field).objects());
        }
        return all.stream()
                .filter(status -> status.string("name").equals(container))
                .findFirst()
                .orElse(null);
    }

    /// The id of the instance whose log is wanted: the present or last one, or the one before.
    ///
    /// @throws ApiException 400 if there is no such instance
    String instance(String container, boolean previous) {
        var status = status(container);
        if (status == null) {
            throw ApiException.badRequest(
                    "container \"%s\" in pod \"%s\" is not available"
                            .formatted(container, podName()));
        }
        var last = status.object("lastState").object("terminated").string("containerID");
        if (previous) {
            if (last.isEmpty()) {
                throw ApiException.badRequest(
                        "previous terminated container \"%s\" in pod \"%s\" not found"
                                .formatted(container, podName()));
            }
            return last;
        }
        var state = status.object("state");
        if (state.has("running")) {
            return status.string("containerID");
        }
        var ended = state.object("terminated").string("containerID");
        if (!ended.isEmpty()) {
            return ended;
        }
        if (!last.isEmpty()) {
            return last; // waits for its next start: the log of the run before is the newest
        }
        throw ApiException.badRequest(waiting(container, state));
    }

    private String waiting(String container, JsonObject state) {
        var reason = state.object("waiting").string("reason");
        return switch (reason) {
            case "ErrImagePull" ->
                    "container \"%s\" in pod \"%s\" is waiting to start: image can't be pulled"
                            .formatted(container, podName());
            case "ImagePullBackOff" ->
                    ("container \"%s\" in pod \"%s\" is waiting to start: trying and failing to"
                                    + " pull image")
                            .formatted(container, podName());
            default ->
                    "container \"%s\" in pod \"%s\" is waiting to start: %s"
                            .formatted(container, podName(), reason);
        };
    }

    /// Whether the instance still runs.
    boolean isRunning(String container, String containerId) {
        var status = status(container);
        return status != null
                && status.object("state").has("running")
                && status.string("containerID").equals(containerId);
    }
}
