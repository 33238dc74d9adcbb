// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.view.Container;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a probe or a hook does.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>,
/// "LifecycleHandler"
sealed interface Handler {

    /// Runs a command in the container.
    record Exec(List<String> command) implements Handler {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /// Asks over HTTP; an empty `host` is the pod's address. `port` is a number or a name.
    record HttpGet(JsonObject tree) implements Handler {}

    /// Opens a connection.
    record TcpSocket(JsonObject tree) implements Handler {}

    /// Asks the gRPC health service.
    record Grpc(int port, String service) implements Handler {}

    /// Lets time pass: hooks only.
    record Sleep(Duration time) implements Handler {}

    /// Reads the one handler that `parent`, a probe or a hook, has.
    static Handler of(JsonObject parent) {
        if (parent.has("exec")) {
            return new Exec(parent.object("exec").array("command").strings());
        }
        if (parent.has("httpGet")) {
            return new HttpGet(parent.object("httpGet"));
        }
        if (parent.has("tcpSocket")) {
            return new TcpSocket(parent.object("tcpSocket"));
        }
        if (parent.has("grpc")) {
            var grpc = parent.object("grpc");
            return new Grpc((int) grpc.number("port", 0), grpc.string("service"));
        }
        return new Sleep(Duration.ofSeconds(parent.object("sleep").number("seconds", 0)));
    }

    /// Who asks: upstream's name and version of Kubernetes, as servers see it in `User-Agent`.
    enum Asker {
        PROBE("kube-probe/1.36"),
        HOOK("kube-lifecycle/1.36");

        private final String userAgent;

        Asker(String userAgent) {
            this.userAgent = userAgent;
        }
    }

    /// The question that a handler puts over the network.
    ///
    /// @throws ConfigException if its port has a name that the container does not declare
    /// @throws IllegalStateException if it puts none
    static ProbeCall call(
            Handler handler, Container container, String podIp, Asker asker, Duration timeout)
            throws ConfigException {
        return switch (handler) {
            case HttpGet(var tree) ->
                    new ProbeCall.HttpGet(
                            tree.string("scheme").equalsIgnoreCase("HTTPS")
                                    ? ProbeCall.Scheme.HTTPS
                                    : ProbeCall.Scheme.HTTP,
                            host(tree, podIp),
                            port(tree.get("port"), container),
                            tree.string("path"),
                            headers(tree, asker),
                            timeout);
            case TcpSocket(var tree) ->
                    new ProbeCall.TcpConnect(
                            host(tree, podIp), port(tree.get("port"), container), timeout);
            case Grpc(int port, var service) ->
                    new ProbeCall.GrpcCheck(podIp, port, service, timeout);
            case Exec _, Sleep _ -> throw new IllegalStateException(handler + " asks nobody");
        };
    }

    private static String host(JsonObject tree, String podIp) {
        return tree.string("host").isEmpty() ? podIp : tree.string("host");
    }

    /// A name that is none of the container's ports may still be a number.
    private static int port(@Nullable Json port, Container container) throws ConfigException {
        long number =
                switch (port) {
                    case JsonNumber literal when literal.isLong() -> literal.longValue();
                    case JsonString(var name) -> named(name, container);
                    case null, default -> 0;
                };
        if (number < 1 || number > 65_535) {
            throw new ConfigException("invalid port number: " + number);
        }
        return (int) number;
    }

    private static long named(String name, Container container) throws ConfigException {
        for (var port : container.tree().array("ports").objects()) {
            if (port.string("name").equals(name)) {
                return port.number("containerPort", 0);
            }
        }
        if (!name.matches("\\d{1,9}")) {
            throw new ConfigException(
                    "strconv.Atoi: parsing " + Json.of(name).text() + ": invalid syntax");
        }
        return Long.parseLong(name);
    }

    /// An empty `Accept` header is left out; `User-Agent` and `Accept` are added when missing.
    ///
    /// Upstream's page: that of [ProbeSpec], "HTTP probes".
    private static List<ProbeCall.Header> headers(JsonObject tree, Asker asker) {
        var headers = new ArrayList<ProbeCall.Header>();
        var given = new LinkedHashMap<String, String>();
        for (var header : tree.array("httpHeaders").objects()) {
            var name = header.string("name");
            given.putIfAbsent(name.toLowerCase(java.util.Locale.ROOT), header.string("value"));
            headers.add(new ProbeCall.Header(name, header.string("value")));
        }
        if (!given.containsKey("user-agent")) {
            headers.add(new ProbeCall.Header("User-Agent", asker.userAgent));
        }
        if (!given.containsKey("accept")) {
            headers.add(new ProbeCall.Header("Accept", "*/*"));
        } else if ("".equals(given.get("accept"))) {
            headers.removeIf(header -> header.name().equalsIgnoreCase("Accept"));
        }
        return headers;
    }
}
