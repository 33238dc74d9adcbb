// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.view.StopSignals;
import java.util.List;

/// Probes and hooks of containers.
///
/// <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>
/// <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
final class HandlerRules {
    private static final List<String> PROBE = List.of("exec", "httpGet", "tcpSocket", "grpc");
    private static final List<String> HOOK = List.of("exec", "httpGet", "tcpSocket", "sleep");
    private static final List<String> COUNTS =
            List.of(
                    "initialDelaySeconds",
                    "timeoutSeconds",
                    "periodSeconds",
                    "successThreshold",
                    "failureThreshold");

    private HandlerRules() {}

    static void probes(JsonObject container, String path, long grace, Causes causes) {
        for (var name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (!(container.get(name) instanceof JsonObject probe)) {
                continue;
            }
            var at = path + "." + name;
            probe(probe, at, grace, causes);
            if (name.equals("readinessProbe")) {
                if (Numbers.has(probe, "terminationGracePeriodSeconds")) {
                    causes.invalid(
                            at + ".terminationGracePeriodSeconds",
                            probe.number("terminationGracePeriodSeconds", 0),
                            "must not be set for readinessProbes");
                }
            } else if (probe.number("successThreshold", 1) != 1) {
                causes.invalid(
                        at + ".successThreshold", probe.number("successThreshold", 1), "must be 1");
            }
        }
    }

    private static void probe(JsonObject probe, String path, long grace, Causes causes) {
        handler(probe, PROBE, path, grace, causes);
        for (var count : COUNTS) {
            Numbers.notNegative(probe, count, path, causes);
        }
        long own = probe.number("terminationGracePeriodSeconds", 1);
        if (own <= 0) {
            causes.invalid(path + ".terminationGracePeriodSeconds", own, "must be greater than 0");
        }
    }

    static void lifecycle(JsonObject container, String path, long grace, String os, Causes causes) {
        var lifecycle = container.object("lifecycle");
        for (var name : List.of("postStart", "preStop")) {
            if (lifecycle.get(name) instanceof JsonObject hook) {
                handler(hook, HOOK, path + ".lifecycle." + name, grace, causes);
            }
        }
        stopSignal(lifecycle, path + ".lifecycle.stopSignal", os, causes);
    }

    /// Which signals there are depends on the operating system, so the pod has to name one.
    ///
    /// Differs from upstream: `lifecycle.stopSignal` takes effect, as it does there once the gate
    /// `ContainerStopSignals` is opened.
    private static void stopSignal(JsonObject lifecycle, String path, String os, Causes causes) {
        if (!(lifecycle.get("stopSignal") instanceof JsonString(var signal))) {
            return;
        }
        if (os.isEmpty()) {
            causes.forbidden(path, "may not be set for containers with empty `spec.os.name`");
            return;
        }
        var supported = StopSignals.of(os);
        if (!supported.isEmpty() && !supported.contains(signal)) {
            causes.unsupported(path, signal, supported);
        }
    }

    private static void handler(
            JsonObject handler, List<String> types, String path, long grace, Causes causes) {
        boolean found = false;
        for (var type : types) {
            if (!(handler.get(type) instanceof JsonObject action)) {
                continue;
            }
            var at = path + "." + type;
            if (found) {
                causes.forbidden(at, "may not specify more than 1 handler type");
                continue;
            }
            found = true;
            action(type, action, at, grace, causes);
        }
        if (!found) {
            causes.required(path, "must specify a handler type");
        }
    }

    private static void action(
            String type, JsonObject action, String path, long grace, Causes causes) {
        switch (type) {
            case "exec" -> {
                if (action.array("command").isEmpty()) {
                    causes.required(path + ".command");
                }
            }
            case "httpGet" -> httpGet(action, path, causes);
            case "sleep" -> {
                long seconds = action.number("seconds", 0);
                if (seconds < 0 || seconds > grace) {
                    causes.invalid(
                            path,
                            seconds,
                            "must be non-negative and less than terminationGracePeriodSeconds (%d)"
                                    .formatted(grace));
                }
            }
            default -> Numbers.port(action, "port", path, causes);
        }
    }

    private static void httpGet(JsonObject action, String path, Causes causes) {
        if (action.string("path").isEmpty()) {
            causes.required(path + ".path");
        }
        Numbers.port(action, "port", path, causes);
        var scheme = action.string("scheme");
        var schemes = List.of("HTTP", "HTTPS");
        if (!schemes.contains(scheme)) {
            causes.unsupported(path + ".scheme", scheme, schemes);
        }
        for (var header : action.array("httpHeaders").objects()) {
            var name = header.string("name");
            causes.invalidEach(path + ".httpHeaders", name, Names.header(name));
        }
    }
}
