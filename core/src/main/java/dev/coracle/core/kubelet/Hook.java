// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.Json;
import dev.coracle.core.view.Container;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// One run of a postStart or preStop hook.
///
/// <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
final class Hook {
    /// Upstream sets hooks no limit of their own; a day is as good.
    private static final Duration LIMIT = Duration.ofDays(1);

    /// How Go's HTTP client says that a server does not speak TLS.
    private static final String NOT_TLS = "server gave HTTP response to HTTPS client";

    private final PodMachine machine;
    private final Outbox outbox;
    private final Container container;
    private final String containerId;
    private final Consumer<String> then;
    private boolean over;

    /// `then` is told once what the status is to say of a failure, an empty text if it went well.
    Hook(
            PodMachine machine,
            Outbox outbox,
            Container container,
            String containerId,
            Consumer<String> then) {
        this.machine = machine;
        this.outbox = outbox;
        this.container = container;
        this.containerId = containerId;
        this.then = then;
    }

    void run(Handler handler) {
        switch (handler) {
            case Handler.Exec(var command) ->
                    outbox.call(
                            new RuntimeCall.ExecSync(containerId, command, LIMIT),
                            reply -> executed(command, reply));
            case Handler.HttpGet get -> ask(get);
            case Handler.Sleep(var time) -> machine.later(time, () -> end(""));
            // as upstream: accepted by the API, and fails when it is run
            case Handler.TcpSocket _, Handler.Grpc _ ->
                    end("Cannot run handler: invalid handler: tcpSocket");
        }
    }

    /// What comes of it is nobody's concern any more.
    void cancel() {
        over = true;
    }

    private void end(String failure) {
        if (!over) {
            over = true;
            then.accept(failure);
        }
    }

    private void executed(List<String> command, RuntimeReply reply) {
        var what = String.join(" ", command);
        switch (reply) {
            case RuntimeReply.ExecResult(int exitCode, _) when exitCode == 0 -> end("");
            case RuntimeReply.ExecResult(int exitCode, var output) ->
                    end(
                            failed(
                                    "Exec lifecycle hook ([" + what + "])",
                                    "command '"
                                            + what
                                            + "' exited with "
                                            + exitCode
                                            + ": , message: "
                                            + Json.of(output).text()));
            case RuntimeReply.Failed(_, var message) ->
                    end(failed("Exec lifecycle hook ([" + what + "])", message));
            default -> throw PodMachine.unexpected("ExecSync", reply);
        }
    }

    /// Any answer will do, whatever its status code.
    private void ask(Handler.HttpGet get) {
        var name = "HTTP lifecycle hook (" + get.tree().string("path") + ")";
        try {
            var call = Handler.call(get, container, machine.podIp(), Handler.Asker.HOOK, LIMIT);
            outbox.probe(
                    call,
                    reply -> {
                        if (!(reply instanceof ProbeReply.Failed(var message))) {
                            end("");
                        } else if (message.contains(NOT_TLS)
                                && call instanceof ProbeCall.HttpGet https) {
                            withoutTls(https, failed(name, message));
                        } else {
                            end(failed(name, message));
                        }
                    });
        } catch (ConfigException e) {
            end(failed(name, e.reason()));
        }
    }

    /// A server that speaks no TLS is asked without, but gets no credentials then.
    ///
    /// <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
    private void withoutTls(ProbeCall.HttpGet https, String failure) {
        var headers = new ArrayList<>(https.headers());
        headers.removeIf(header -> header.name().equalsIgnoreCase("Authorization"));
        var call =
                new ProbeCall.HttpGet(
                        ProbeCall.Scheme.HTTP,
                        https.host(),
                        https.port(),
                        https.path(),
                        headers,
                        https.timeout());
        outbox.probe(
                call,
                reply -> {
                    if (reply instanceof ProbeReply.Failed) {
                        end(failure);
                        return;
                    }
                    machine.event(
                            "",
                            "Warning",
                            "LifecycleHTTPFallback",
                            "request to HTTPS lifecycle hook "
                                    + https.host()
                                    + ":"
                                    + https.port()
                                    + " got HTTP response, retry with HTTP succeeded");
                    end("");
                });
    }

    private String failed(String hook, String error) {
        return hook
                + " for Container \""
                + container.name()
                + "\" in Pod \""
                + ContainerSpecs.podName(machine.pod())
                + "\" failed - error: "
                + error;
    }
}
