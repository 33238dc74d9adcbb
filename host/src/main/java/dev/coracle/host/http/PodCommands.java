// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import java.io.IOException;

/// Answers `pods/NAME/exec`: finds the container, asks the runtime for a way in, and ties the
/// client's connection to it.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#operations>
final class PodCommands {
    private final Registry registry;
    private final PodAccess pods;

    PodCommands(Registry registry, PodAccess pods) {
        this.registry = registry;
        this.pods = pods;
    }

    void exec(Exchange exchange, ResourceType type, ObjectKey key) throws IOException {
        var query = exchange.query();
        var command = query.all("command");
        var streams =
                new PodAccess.Streams(
                        query.flag("stdin"),
                        query.flag("stdout"),
                        query.flag("stderr") && !query.flag("tty"),
                        query.flag("tty"));
        if (command.isEmpty()) {
            throw ApiException.badRequest(
                    "you must specify at least one command for the container");
        }
        if (!streams.stdin() && !streams.stdout() && !streams.stderr()) {
            throw ApiException.badRequest("you must specify at least one of stdin, stdout, stderr");
        }
        var pod = registry.get(type, key);
        var container = running(pod, exchange.query().text("container"));
        Tunnel.open(exchange, pods.exec(pod, container, command, streams));
    }

    private static String running(JsonObject pod, String asked) {
        var containers = new PodContainers(pod);
        var container = containers.choose(asked);
        if (pod.object("spec").string("nodeName").isEmpty()) {
            throw ApiException.badRequest(
                    "pod %s does not have a host assigned".formatted(containers.podName()));
        }
        var phase = pod.object("status").string("phase");
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            throw ApiException.badRequest(
                    "cannot exec into a container in a completed pod; current phase is " + phase);
        }
        var status = containers.status(container);
        if (status == null || !status.object("state").has("running")) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.INTERNAL_ERROR,
                            "unable to upgrade connection: container not found (\"%s\")"
                                    .formatted(container)));
        }
        return container;
    }
}
