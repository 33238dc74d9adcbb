// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import java.io.IOException;
import java.util.Arrays;

/// Answers `pods/NAME/exec`, `attach` and `portforward`: finds the container, asks the runtime for
/// a way in, and ties the client's connection to it.
///
/// Differs from upstream: port-forwarding by SPDY within a WebSocket is refused, upon which clients
/// ask for SPDY itself.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#operations>
final class PodCommands {
    private static final String SPDY_IN_WEBSOCKET = "SPDY/3.1+portforward.k8s.io";
    private static final int MOST_PORT = 0xffff;

    private final Registry registry;
    private final PodAccess pods;

    PodCommands(Registry registry, PodAccess pods) {
        this.registry = registry;
        this.pods = pods;
    }

    void exec(Exchange exchange, ResourceType type, ObjectKey key) throws IOException {
        var query = exchange.query();
        var command = query.all("command");
        var streams = streams(query);
        if (command.isEmpty()) {
            throw ApiException.badRequest(
                    "you must specify at least one command for the container");
        }
        verify(streams);
        var pod = registry.get(type, key);
        var container = running(pod, exchange.query().text("container"));
        Tunnel.open(exchange, pods.exec(pod, container, command, streams));
    }

    void attach(Exchange exchange, ResourceType type, ObjectKey key) throws IOException {
        var wanted = streams(exchange.query());
        verify(wanted);
        var pod = registry.get(type, key);
        var container = running(pod, exchange.query().text("container"));
        // A process has a terminal or not from its start on, whatever the client thinks.
        boolean tty = new PodContainers(pod).hasTerminal(container);
        var streams =
                new PodAccess.Streams(
                        wanted.stdin(), wanted.stdout(), wanted.stderr() && !tty, tty);
        Tunnel.open(exchange, pods.attach(pod, container, streams));
    }

    void portForward(Exchange exchange, ResourceType type, ObjectKey key) throws IOException {
        var ports =
                exchange.query().all("ports").stream()
                        .flatMap(list -> Arrays.stream(list.split(",")))
                        .map(PodCommands::port)
                        .toList();
        var pod = registry.get(type, key);
        verifyAssigned(pod);
        if (exchange.header("Sec-WebSocket-Protocol").contains(SPDY_IN_WEBSOCKET)) {
            throw ApiException.badRequest(
                    "unable to upgrade: the subprotocol %s is not supported"
                            .formatted(SPDY_IN_WEBSOCKET));
        }
        Tunnel.open(exchange, pods.portForward(pod, ports));
    }

    private static int port(String text) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > MOST_PORT) {
            throw ApiException.badRequest("port \"%s\" is not one".formatted(text));
        }
        return Integer.parseInt(text);
    }

    private static PodAccess.Streams streams(Query query) {
        return new PodAccess.Streams(
                query.flag("stdin"),
                query.flag("stdout"),
                query.flag("stderr") && !query.flag("tty"),
                query.flag("tty"));
    }

    private static void verify(PodAccess.Streams streams) {
        if (!streams.stdin() && !streams.stdout() && !streams.stderr()) {
            throw ApiException.badRequest("you must specify at least one of stdin, stdout, stderr");
        }
    }

    private static void verifyAssigned(JsonObject pod) {
        if (pod.object("spec").string("nodeName").isEmpty()) {
            throw ApiException.badRequest(
                    "pod %s does not have a host assigned"
                            .formatted(pod.object("metadata").string("name")));
        }
    }

    private static String running(JsonObject pod, String asked) {
        var containers = new PodContainers(pod);
        var container = containers.choose(asked);
        verifyAssigned(pod);
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
