// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.kubelet.ProbeCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Which probe or hook of a pod asks what: the calls that the kubelet makes do not say so.
final class Questions {
    private static final List<String> PROBES =
            List.of("startupProbe", "readinessProbe", "livenessProbe");
    private static final List<String> HOOKS = List.of("postStart", "preStop");

    private Questions() {}

    /// A container's fields that run that command, with `|` between them; empty: none does.
    static String purpose(JsonObject pod, String container, List<String> command) {
        return purpose(
                pod,
                container,
                handler -> handler.object("exec").array("command").strings().equals(command));
    }

    /// As above, for a question over the network.
    static String purpose(JsonObject pod, String container, ProbeCall call) {
        return purpose(pod, container, handler -> asks(pod, container, handler, call));
    }

    private static String purpose(JsonObject pod, String name, Predicate<JsonObject> asks) {
        var container = container(pod, name);
        var lifecycle = container.object("lifecycle");
        var probes = PROBES.stream().filter(field -> asks.test(container.object(field))).toList();
        var open = probes.stream().filter(field -> isOpen(pod, name, field, container)).toList();
        var fields = new ArrayList<>(open.isEmpty() ? probes : open);
        HOOKS.stream()
                .filter(field -> asks.test(lifecycle.object(field)))
                .map(field -> "lifecycle." + field)
                .forEach(fields::add);
        return String.join("|", fields);
    }

    /// The startup probe is asked until the container has started, the others from then on.
    private static boolean isOpen(JsonObject pod, String name, String field, JsonObject container) {
        if (!container.has("startupProbe")) {
            return true;
        }
        boolean started =
                Stream.of("containerStatuses", "initContainerStatuses")
                        .flatMap(list -> pod.object("status").array(list).objects().stream())
                        .filter(entry -> entry.string("name").equals(name))
                        .anyMatch(entry -> entry.bool("started", false));
        return started != field.equals("startupProbe");
    }

    /// The names of containers, in the pod's order, that have a probe or hook that asks so.
    static List<String> askers(JsonObject pod, ProbeCall call) {
        return all(pod).filter(
                        container ->
                                handlers(container)
                                        .anyMatch(
                                                handler ->
                                                        asks(
                                                                pod,
                                                                container.string("name"),
                                                                handler,
                                                                call)))
                .map(container -> container.string("name"))
                .toList();
    }

    private static Stream<JsonObject> handlers(JsonObject container) {
        var lifecycle = container.object("lifecycle");
        return Stream.concat(
                PROBES.stream().map(container::object), HOOKS.stream().map(lifecycle::object));
    }

    private static boolean asks(
            JsonObject pod, String container, JsonObject handler, ProbeCall call) {
        return switch (call) {
            case ProbeCall.HttpGet get -> {
                var field = handler.object("httpGet");
                var path = field.string("path");
                yield handler.has("httpGet")
                        && port(pod, container, field) == get.port()
                        && (path.isEmpty() ? "/" : path).equals(get.path());
            }
            case ProbeCall.TcpConnect tcp ->
                    handler.has("tcpSocket")
                            && port(pod, container, handler.object("tcpSocket")) == tcp.port();
            case ProbeCall.GrpcCheck grpc ->
                    handler.has("grpc")
                            && port(pod, container, handler.object("grpc")) == grpc.port();
        };
    }

    /// The number that a port field has or names; -1 when it names none.
    private static long port(JsonObject pod, String container, JsonObject field) {
        return switch (field.get("port")) {
            case JsonNumber number when number.isLong() -> number.longValue();
            case JsonString(var name) ->
                    container(pod, container).array("ports").objects().stream()
                            .filter(port -> port.string("name").equals(name))
                            .mapToLong(port -> port.number("containerPort", -1))
                            .findFirst()
                            .orElse(name.matches("\\d{1,5}") ? Long.parseLong(name) : -1);
            case null, default -> -1;
        };
    }

    private static JsonObject container(JsonObject pod, String name) {
        return all(pod).filter(container -> container.string("name").equals(name))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }

    private static Stream<JsonObject> all(JsonObject pod) {
        var spec = pod.object("spec");
        return Stream.of("initContainers", "containers")
                .flatMap(list -> spec.array(list).objects().stream());
    }
}
