// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonBoolean;
import dev.coracle.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The state of a pod in one line: phase, conditions with their reasons, and of each container its
/// state, readiness and restarts. What recordings of other clusters are written in.
final class PodLine {

    private PodLine() {}

    static String of(JsonObject pod) {
        var status = pod.object("status");
        var metadata = pod.object("metadata");
        var line = new StringBuilder("phase=").append(status.string("phase"));
        if (metadata.has("deletionTimestamp")) {
            line.append(
                    " deleting(grace=%d)"
                            .formatted(metadata.number("deletionGracePeriodSeconds", 0)));
        }
        for (var name : List.of("reason", "message")) {
            if (!status.string(name).isEmpty()) {
                line.append(" %s=%s".formatted(name, status.string(name)));
            }
        }
        line.append(
                status.array("conditions").objects().stream()
                        .map(PodLine::condition)
                        .collect(Collectors.joining(" ", " [", "]")));
        containers(status.array("initContainerStatuses"), "init:", line);
        containers(status.array("containerStatuses"), "", line);
        return line.toString();
    }

    /// What the containers' states say of themselves, such as why one waits.
    static Set<String> messages(JsonObject pod) {
        var messages = new LinkedHashSet<String>();
        var status = pod.object("status");
        for (var list : List.of("initContainerStatuses", "containerStatuses")) {
            for (var entry : status.array(list).objects()) {
                var state = entry.object("state");
                for (var kind : state.names()) {
                    var message = state.object(kind).string("message");
                    if (!message.isEmpty()) {
                        messages.add(
                                "%s/%s %s: %s"
                                        .formatted(
                                                Happening.name(ObjectKey.of(pod)),
                                                entry.string("name"),
                                                kind,
                                                message));
                    }
                }
            }
        }
        return messages;
    }

    private static String condition(JsonObject condition) {
        var reason = condition.string("reason");
        return condition.string("type")
                + "="
                + condition.string("status")
                + (reason.isEmpty() ? "" : "(" + reason + ")");
    }

    private static void containers(JsonArray entries, String prefix, StringBuilder line) {
        for (var entry : entries.objects()) {
            line.append(
                    " %s%s=%s ready=%s started=%s restarts=%d"
                            .formatted(
                                    prefix,
                                    entry.string("name"),
                                    state(entry.object("state")),
                                    truth(entry.get("ready")),
                                    truth(entry.get("started")),
                                    entry.number("restartCount", 0)));
            var last = entry.object("lastState").object("terminated");
            if (!last.isEmpty()) {
                line.append(
                        " last=terminated(%s,exit=%d)"
                                .formatted(last.string("reason"), last.number("exitCode", 0)));
            }
        }
    }

    private static String truth(@Nullable Json value) {
        return value == null ? "None" : value.equals(JsonBoolean.TRUE) ? "True" : "False";
    }

    private static String state(JsonObject state) {
        if (state.isEmpty()) {
            return "none";
        }
        var kind = state.names().getFirst();
        var detail = state.object(kind);
        if (!detail.has("reason") && !detail.has("exitCode")) {
            return kind;
        }
        var exit = detail.has("exitCode") ? ",exit=" + detail.number("exitCode", 0) : "";
        var signal = detail.has("signal") ? ",signal=" + detail.number("signal", 0) : "";
        return "%s(%s%s%s)".formatted(kind, detail.string("reason"), exit, signal);
    }
}
