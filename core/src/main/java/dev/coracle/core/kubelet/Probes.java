// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.kubelet.ProbeSpec.Kind;
import dev.coracle.core.kubelet.ProbeState.Verdict;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus;
import dev.coracle.core.view.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Runs the probes of a pod's containers, and knows what they have found out.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
final class Probes implements PodFacts.Health {
    /// How often a probe that does not even work is tried before that is said.
    private static final int TRIES = 3;

    private final PodMachine machine;
    private final Outbox outbox;
    private final List<ProbeWorker> workers = new ArrayList<>();
    private boolean begun;

    Probes(PodMachine machine, Outbox outbox) {
        this.machine = machine;
        this.outbox = outbox;
    }

    /// Begins to tick; `spread` says for a period how long the first tick is put off.
    void begin(List<Container> containers, UnaryOperator<Duration> spread) {
        if (begun) {
            return;
        }
        begun = true;
        for (var container : containers) {
            for (var kind : Kind.values()) {
                var spec = ProbeSpec.of(container, kind);
                if (spec != null) {
                    var first = outbox.now().plus(spread.apply(spec.period()));
                    workers.add(new ProbeWorker(container, spec, first));
                }
            }
        }
    }

    /// Follows what runs now: new instances are asked anew, ended ones no more.
    void follow(PodFacts facts) {
        for (var worker : workers) {
            var newest = facts.newest(worker.container.name());
            if (newest == null || newest.state() != ContainerStatus.State.RUNNING) {
                worker.rest();
            } else if (!worker.isOf(newest.id())) {
                var started = newest.startedAt();
                worker.follow(
                        newest.id(),
                        started == null ? facts.now() : started,
                        known(worker, newest, facts),
                        facts.now());
            }
        }
    }

    /// What was known of an adopted container before the kubelet was restarted is still so.
    private static ProbeState known(ProbeWorker worker, ContainerStatus instance, PodFacts facts) {
        var kind = worker.spec.kind();
        var entry = ContainerStatuses.entry(facts.previous(), worker.container.name());
        boolean same = entry.string("containerID").endsWith("/" + instance.id());
        return same
                        && kind != Kind.LIVENESS
                        && entry.bool(kind == Kind.STARTUP ? "started" : "ready", false)
                ? ProbeState.passed()
                : ProbeState.first(kind);
    }

    /// Asks what is due; returns when the next one is, null when none is waited for. While a pod
    /// ends, only readiness is of interest.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
    @Nullable Instant run(boolean ending) {
        @Nullable Instant next = null;
        for (var worker : workers) {
            if (!isWanted(worker, ending)) {
                continue;
            }
            var due = worker.due(outbox.now());
            if (due == null) {
                continue;
            }
            if (due.isAfter(outbox.now())) {
                next = next == null || due.isBefore(next) ? due : next;
            } else {
                worker.ask(outbox.now());
                ask(worker, worker.containerId(), 1);
            }
        }
        return next;
    }

    /// A startup probe runs until it has succeeded, the others from then on.
    private boolean isWanted(ProbeWorker worker, boolean ending) {
        return switch (worker.spec.kind()) {
            case STARTUP -> !ending;
            case LIVENESS -> !ending && hasStarted(worker);
            case READINESS -> hasStarted(worker);
        };
    }

    private boolean hasStarted(ProbeWorker worker) {
        var startup = find(worker.container.name(), Kind.STARTUP);
        return startup == null || startup.verdict() == Verdict.SUCCESS;
    }

    private @Nullable ProbeWorker find(String container, Kind kind) {
        for (var worker : workers) {
            if (worker.spec.kind() == kind && worker.container.name().equals(container)) {
                return worker;
            }
        }
        return null;
    }

    private void ask(ProbeWorker worker, String id, int attempt) {
        Consumer<ProbeAnswer> then = answer -> answered(worker, id, answer, attempt);
        var spec = worker.spec;
        if (spec.handler() instanceof Handler.Exec(var words)) {
            var command = staticallyExpanded(worker.container, words);
            outbox.call(
                    new RuntimeCall.ExecSync(id, command, spec.timeout()),
                    reply -> then.accept(ProbeAnswer.of(reply, command, spec.timeout())));
            return;
        }
        try {
            var call =
                    Handler.call(
                            spec.handler(),
                            worker.container,
                            machine.podIp(),
                            Handler.Asker.PROBE,
                            spec.timeout());
            outbox.probe(call, reply -> then.accept(ProbeAnswer.of(reply)));
        } catch (ConfigException e) {
            answered(worker, id, new ProbeAnswer.Unknown(e.reason()), TRIES);
        }
    }

    /// Of the container's variables, those with a value of their own are known.
    private static List<String> staticallyExpanded(Container container, List<String> words) {
        var env = container.tree().array("env").objects();
        return words.stream()
                .map(
                        word ->
                                Expansion.expand(
                                        word,
                                        name ->
                                                env.stream()
                                                        .filter(v -> v.string("name").equals(name))
                                                        .map(v -> v.stringOrNull("value"))
                                                        .findFirst()
                                                        .orElse(null)))
                .toList();
    }

    private void answered(ProbeWorker worker, String id, ProbeAnswer answer, int attempt) {
        if (!worker.isOf(id)) {
            return; // it has ended meanwhile
        }
        if (!machine.live() && worker.spec.kind() != Kind.READINESS) {
            worker.unanswered();
            return; // nobody wants to know any more
        }
        if (answer instanceof ProbeAnswer.Unknown && attempt < TRIES) {
            ask(worker, id, attempt + 1);
            return;
        }
        var word = worker.spec.kind().word();
        boolean changed =
                switch (answer) {
                    case ProbeAnswer.Success() -> worker.answered(true);
                    case ProbeAnswer.Warning(var message) -> {
                        event(worker, "ProbeWarning", word + " probe warning: " + message);
                        yield worker.answered(true);
                    }
                    case ProbeAnswer.Failure(var message) -> {
                        event(worker, "Unhealthy", word + " probe failed: " + message);
                        yield worker.answered(false);
                    }
                    case ProbeAnswer.Unknown(var message) -> {
                        event(
                                worker,
                                "Unhealthy",
                                word + " probe errored and resulted in unknown state: " + message);
                        worker.unanswered();
                        yield false;
                    }
                };
        if (changed) {
            react(worker);
        }
        machine.probed(changed);
    }

    private void event(ProbeWorker worker, String reason, String message) {
        machine.event(worker.container.fieldPath(), "Warning", reason, message);
    }

    /// Once the startup probe has succeeded, it is the others' turn. What is just found unready is
    /// asked at once again.
    private void react(ProbeWorker changed) {
        switch (changed.spec.kind()) {
            case STARTUP ->
                    workers.stream()
                            .filter(worker -> worker.container.equals(changed.container))
                            .forEach(worker -> worker.begin(outbox.now()));
            case READINESS -> {
                if (changed.verdict() == Verdict.FAILURE) {
                    changed.trigger();
                }
            }
            case LIVENESS -> {}
        }
    }

    /// An instance that has been stopped is asked no more, whatever else of the pod still runs.
    void rest(String instanceId) {
        workers.stream().filter(worker -> worker.isOf(instanceId)).forEach(ProbeWorker::rest);
    }

    @Override
    public boolean started(Container container, ContainerStatus instance) {
        return has(container, instance, Kind.STARTUP);
    }

    @Override
    public boolean ready(Container container, ContainerStatus instance) {
        return has(container, instance, Kind.READINESS);
    }

    private boolean has(Container container, ContainerStatus instance, Kind kind) {
        if (!kind.isIn(container)) {
            return true;
        }
        var worker = find(container.name(), kind);
        return worker != null && worker.isOf(instance.id()) && worker.verdict() == Verdict.SUCCESS;
    }

    /// The probe that an instance has failed and must be replaced for, null when there is none.
    @Nullable ProbeSpec failed(String container, String instanceId) {
        for (var kind : List.of(Kind.LIVENESS, Kind.STARTUP)) {
            var worker = find(container, kind);
            if (worker != null && worker.isOf(instanceId) && worker.verdict() == Verdict.FAILURE) {
                return worker.spec;
            }
        }
        return null;
    }
}
