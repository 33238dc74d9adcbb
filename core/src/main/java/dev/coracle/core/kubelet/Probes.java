// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs the probes of a pod's containers that are commands, and knows what they have found out.
///
/// Differs from upstream: httpGet, tcpSocket and grpc probes are not run yet; a Warning event names
/// them, and their containers count as started and ready.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
final class Probes implements PodFacts.Health {
    private enum Kind {
        STARTUP("startupProbe", "Startup"),
        READINESS("readinessProbe", "Readiness"),
        LIVENESS("livenessProbe", "Liveness");

        private final String field;
        private final String word;

        Kind(String field, String word) {
            this.field = field;
            this.word = word;
        }
    }

    private record Key(String containerId, Kind kind) {}

    /// One probe of one running container. `verdict` is null until a threshold is reached.
    private static final class Worker {
        private final Container container;
        private final JsonObject probe;
        private Instant dueAt;
        private boolean asked;
        private long inRow;
        private @Nullable Boolean last;
        private @Nullable Boolean verdict;

        Worker(Container container, JsonObject probe, Instant dueAt) {
            this.container = container;
            this.probe = probe;
            this.dueAt = dueAt;
        }
    }

    private final PodMachine machine;
    private final Outbox outbox;
    private final Map<Key, Worker> workers = new LinkedHashMap<>();

    Probes(PodMachine machine, Outbox outbox) {
        this.machine = machine;
        this.outbox = outbox;
    }

    /// Follows what runs now: new containers get their probes, ended ones lose them.
    void follow(PodFacts facts) {
        var current = new HashSet<Key>();
        for (var container : facts.pod().allContainers()) {
            var newest = facts.newest(container.name());
            if (newest == null || newest.state() != RuntimeReply.ContainerStatus.State.RUNNING) {
                continue;
            }
            for (var kind : Kind.values()) {
                var probe = container.tree().object(kind.field);
                if (probe.has("exec")) {
                    var key = new Key(newest.id(), kind);
                    current.add(key);
                    workers.computeIfAbsent(key, _ -> begin(container, kind, newest, facts));
                }
            }
        }
        workers.keySet().retainAll(current);
    }

    /// What was known of an adopted container before the kubelet was restarted is still so.
    private static Worker begin(
            Container container, Kind kind, RuntimeReply.ContainerStatus instance, PodFacts facts) {
        var probe = container.tree().object(kind.field);
        var started = instance.startedAt() == null ? facts.now() : instance.startedAt();
        var worker =
                new Worker(
                        container, probe, started.plus(seconds(probe, "initialDelaySeconds", 0)));
        var entry = ContainerStatuses.entry(facts.previous(), container.name());
        boolean same = entry.string("containerID").endsWith("/" + instance.id());
        if (same
                && kind != Kind.LIVENESS
                && entry.bool(kind == Kind.STARTUP ? "started" : "ready", false)) {
            worker.verdict = true;
        }
        return worker;
    }

    /// Asks what is due; returns when the next one is, null when none is waited for.
    @Nullable Instant run() {
        @Nullable Instant next = null;
        for (var entry : List.copyOf(workers.entrySet())) {
            var worker = entry.getValue();
            if (worker.asked || !isWanted(entry.getKey(), worker)) {
                continue;
            }
            if (outbox.now().isBefore(worker.dueAt)) {
                next = next == null || worker.dueAt.isBefore(next) ? worker.dueAt : next;
            } else {
                ask(entry.getKey(), worker);
            }
        }
        return next;
    }

    /// A startup probe runs until it has succeeded, the others from then on.
    private boolean isWanted(Key key, Worker worker) {
        if (key.kind() == Kind.STARTUP) {
            return worker.verdict == null;
        }
        return hasStarted(key.containerId())
                && (key.kind() == Kind.READINESS || !Boolean.FALSE.equals(worker.verdict));
    }

    private boolean hasStarted(String containerId) {
        var startup = workers.get(new Key(containerId, Kind.STARTUP));
        return startup == null || Boolean.TRUE.equals(startup.verdict);
    }

    private void ask(Key key, Worker worker) {
        worker.asked = true;
        var begun = outbox.now();
        outbox.call(
                new RuntimeCall.ExecSync(
                        key.containerId(),
                        worker.probe.object("exec").array("command").strings(),
                        seconds(worker.probe, "timeoutSeconds", 1)),
                reply -> {
                    worker.asked = false;
                    worker.dueAt = begun.plus(seconds(worker.probe, "periodSeconds", 10));
                    if (workers.get(key) == worker) {
                        answered(key.kind(), worker, reply);
                        machine.probed();
                    }
                });
    }

    private void answered(Kind kind, Worker worker, RuntimeReply reply) {
        switch (reply) {
            case RuntimeReply.ExecResult(int exitCode, _) when exitCode == 0 ->
                    count(worker, true, "successThreshold", 1);
            case RuntimeReply.ExecResult(_, var output) -> failed(kind, worker, output);
            case RuntimeReply.Failed(var why, var message)
                    when why == RuntimeReply.Failed.Kind.TIMEOUT ->
                    failed(kind, worker, message);
            case RuntimeReply.Failed(_, var message) ->
                    unhealthy(
                            worker,
                            kind.word + " probe errored and resulted in unknown state: " + message);
            default -> throw PodMachine.unexpected("ExecSync", reply);
        }
    }

    private void failed(Kind kind, Worker worker, String output) {
        unhealthy(worker, kind.word + " probe failed: " + output);
        count(worker, false, "failureThreshold", 3);
    }

    private void unhealthy(Worker worker, String message) {
        machine.event(worker.container.fieldPath(), "Warning", "Unhealthy", message);
    }

    private static void count(Worker worker, boolean result, String threshold, long otherwise) {
        worker.inRow = Boolean.valueOf(result).equals(worker.last) ? worker.inRow + 1 : 1;
        worker.last = result;
        if (worker.inRow >= worker.probe.number(threshold, otherwise)) {
            worker.verdict = result;
        }
    }

    private static Duration seconds(JsonObject probe, String name, long otherwise) {
        return Duration.ofSeconds(probe.number(name, otherwise));
    }

    @Override
    public boolean started(Container container, RuntimeReply.ContainerStatus instance) {
        return !container.tree().object(Kind.STARTUP.field).has("exec")
                || isTrue(instance, Kind.STARTUP);
    }

    @Override
    public boolean ready(Container container, RuntimeReply.ContainerStatus instance) {
        return !container.tree().object(Kind.READINESS.field).has("exec")
                || isTrue(instance, Kind.READINESS);
    }

    private boolean isTrue(RuntimeReply.ContainerStatus instance, Kind kind) {
        var worker = workers.get(new Key(instance.id(), kind));
        return worker != null && Boolean.TRUE.equals(worker.verdict);
    }

    /// How a container is to be killed that has failed its liveness or startup probe.
    record Kill(Duration grace, String message) {}

    /// Null while the container may run on.
    @Nullable Kill kill(Container container, String containerId, Duration podGrace) {
        for (var kind : List.of(Kind.STARTUP, Kind.LIVENESS)) {
            var worker = workers.get(new Key(containerId, kind));
            if (worker != null && Boolean.FALSE.equals(worker.verdict)) {
                return new Kill(
                        seconds(
                                worker.probe,
                                "terminationGracePeriodSeconds",
                                podGrace.toSeconds()),
                        "Container "
                                + container.name()
                                + " failed "
                                + (kind == Kind.STARTUP ? "startup" : "liveness")
                                + " probe, will be restarted");
            }
        }
        return null;
    }

    /// The container's fields about health and hooks that have no effect.
    static List<String> unsupported(Container container) {
        var fields = new ArrayList<String>();
        for (var name : container.probes()) {
            if (!container.tree().object(name).has("exec")) {
                fields.add(name);
            }
        }
        var lifecycle = container.tree().object("lifecycle");
        for (var hook : lifecycle.names()) {
            if (!lifecycle.object(hook).has("exec")) {
                fields.add("lifecycle." + hook);
            }
        }
        return fields;
    }
}
