// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Container.Role;
import dev.coracle.core.view.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What must hold of one pod's life whatever happens, checked as it goes along:
///
/// - no probe is asked before its initial delay, before the startup probe has succeeded, or (but
///   for readiness) of a pod that is being deleted;
/// - nothing is stopped and nothing started again without a reason;
/// - a restart is never sooner than the back-off allows;
/// - restart counts never shrink, and a final phase stays;
/// - everything ends within its grace period.
///
/// That no two instances of one container run at once is checked by the pretended node.
final class PodRules implements LonePod.Listener {
    private static final Duration FIRST_DELAY = Duration.ofSeconds(10);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);
    private static final Duration STABLE = Duration.ofMinutes(10);

    /// What a container gets after its signal however little is left, and one tick more.
    private static final Duration BEYOND_GRACE = Duration.ofSeconds(3);

    private final World world;
    private final RandomPod drawn;
    private final Map<String, Life> lives = new LinkedHashMap<>();
    private final Map<String, Long> restarts = new HashMap<>();
    private Pod pod;
    private @Nullable LonePod stage;
    private boolean faulty;
    private boolean sandboxDied;
    private Instant deletedAt = Instant.MAX;
    private Instant endBy = Instant.MAX;
    private Instant deadline = Instant.MAX;
    private String finalPhase = "";

    /// What is known of one container over all its instances.
    private static final class Life {
        @Nullable Instant startedAt;
        @Nullable Instant endedAt;
        @Nullable Instant endedBefore;
        int exitCode;
        boolean running;
        boolean replaced;
        boolean changed;
        boolean started;
        final Map<String, Integer> failures = new HashMap<>();
        @Nullable BackOff backOff;
    }

    /// The delay that was reached, and when the last restart was begun.
    private record BackOff(Duration delay, Instant since) {
        boolean isOver(Instant failedAt) {
            return Duration.between(since, failedAt).compareTo(STABLE) > 0;
        }
    }

    PodRules(World world, RandomPod drawn, JsonObject tree) {
        this.world = world;
        this.drawn = drawn;
        this.pod = Pod.of(tree);
        pod.allContainers().forEach(container -> lives.put(container.name(), new Life()));
    }

    void watch(LonePod lonePod) {
        stage = lonePod;
    }

    /// From now on calls are lost and late: of what then happens, only the gravest is checked.
    void faults() {
        faulty = true;
    }

    void deleted(long graceSeconds) {
        deletedAt = deletedAt.equals(Instant.MAX) ? world.instant() : deletedAt;
        var until = world.instant().plusSeconds(graceSeconds);
        endBy = until.isBefore(endBy) ? until : endBy;
    }

    void sandboxKilled() {
        sandboxDied = true;
    }

    void imageChanged(String container, Pod changed) {
        pod = changed;
        life(container).changed = true;
        life(container).backOff = null;
    }

    @Override
    public void kubeletRestarted() {
        // what it knew of back-offs and of what it was about to do is gone
        lives.values()
                .forEach(
                        life -> {
                            life.backOff = null;
                            life.replaced = false;
                        });
    }

    private Life life(String container) {
        return Objects.requireNonNull(lives.get(container));
    }

    private void require(boolean holds, String otherwise, Object... what) {
        if (!holds) {
            throw new BrokenInvariant(
                    Duration.between(World.START, world.instant())
                            + ": "
                            + otherwise.formatted(what));
        }
    }

    // ---- what the kubelet wants

    @Override
    public void wanted(KubeletOutput output) {
        switch (output) {
            case KubeletOutput.Probe(_, var call) -> asked(drawn.byPort(port(call)));
            case KubeletOutput.Call(_, RuntimeCall.ExecSync exec) -> {
                var probe = drawn.byCommand(exec.command());
                if (probe != null) {
                    asked(probe);
                }
            }
            case KubeletOutput.Call(_, RuntimeCall.StopContainer stop) -> stopped(stop);
            case KubeletOutput.WriteStatus(_, _, var status) -> shown(status);
            default -> {}
        }
    }

    private static int port(ProbeCall call) {
        return switch (call) {
            case ProbeCall.HttpGet get -> get.port();
            case ProbeCall.TcpConnect tcp -> tcp.port();
            case ProbeCall.GrpcCheck grpc -> grpc.port();
        };
    }

    private void asked(RandomPod.Probe probe) {
        var life = life(probe.container());
        var started = life.startedAt;
        if (started == null) {
            throw new BrokenInvariant(probe + " is asked before there is anyone to ask");
        }
        var age = Duration.between(started, world.instant());
        require(age.compareTo(probe.initialDelay()) >= 0, "%s is asked after %s", probe, age);
        boolean startup = probe.field().equals("startupProbe");
        var container = container(probe.container());
        boolean waits = !startup && container.tree().has("startupProbe");
        require(!waits || life.started, "%s is asked before the startup probe is done", probe);
        boolean readiness = probe.field().equals("readinessProbe");
        require(
                readiness || !world.instant().minusMillis(1).isAfter(deletedAt),
                "%s is asked of a pod that is being deleted",
                probe);
    }

    private String imageOf(String container) {
        return Objects.requireNonNull(stage)
                .runtime()
                .node()
                .find(LonePod.KEY, container)
                .map(instance -> instance.spec.image())
                .orElse("");
    }

    private Container container(String name) {
        return pod.allContainers().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void stopped(RuntimeCall.StopContainer stop) {
        var found = Objects.requireNonNull(stage).runtime().node();
        var instance = found.container(stop.containerId());
        if (instance == null || faulty) {
            return;
        }
        var name = instance.spec.name();
        var life = life(name);
        life.replaced = true;
        if (isEnding()) {
            return;
        }
        boolean unhealthy =
                List.of("livenessProbe", "startupProbe").stream()
                        .anyMatch(field -> hasFailed(name, field));
        require(unhealthy || life.changed, "%s is stopped for no reason", name);
    }

    private boolean hasFailed(String name, String field) {
        var tree = container(name).tree().object(field);
        return !tree.isEmpty()
                && life(name).failures.getOrDefault(field, 0) >= tree.number("failureThreshold", 3);
    }

    /// Deleted, out of time, or with nothing left to run but sidecars.
    private boolean isEnding() {
        boolean appsOver =
                pod.containers().stream()
                        .allMatch(app -> isOver(app) || life(app.name()).startedAt == null);
        boolean initFailed =
                pod.initContainers().stream()
                        .anyMatch(
                                init ->
                                        init.role() == Role.INIT
                                                && isOver(init)
                                                && life(init.name()).exitCode != 0);
        boolean anyAppRan =
                pod.containers().stream().anyMatch(app -> life(app.name()).startedAt != null);
        return !world.instant().isBefore(deletedAt)
                || !world.instant().isBefore(deadline)
                || (anyAppRan && appsOver)
                || initFailed
                || !finalPhase.isEmpty();
    }

    private boolean isOver(Container container) {
        var life = life(container.name());
        return !life.running && life.endedAt != null && !container.restarts(life.exitCode);
    }

    private void shown(JsonObject status) {
        var startTime = status.stringOrNull("startTime");
        var active = pod.activeDeadline();
        if (startTime != null && active != null) {
            deadline = Instant.parse(startTime).plus(active);
        }
        for (var list : List.of("initContainerStatuses", "containerStatuses")) {
            for (var entry : status.array(list).objects()) {
                long count = entry.number("restartCount", 0);
                var before = restarts.put(entry.string("name"), count);
                require(
                        before == null || count >= before,
                        "restartCount of %s goes from %d to %d",
                        entry.string("name"),
                        before,
                        count);
            }
        }
        var phase = status.string("phase");
        require(
                finalPhase.isEmpty() || phase.equals(finalPhase),
                "phase goes from %s to %s",
                finalPhase,
                phase);
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            finalPhase = phase;
            lives.forEach((name, life) -> require(!life.running, "%s while %s runs", phase, name));
        }
    }

    // ---- what happens in containers

    @Override
    public void happened(Happening happening) {
        switch (happening) {
            case Happening.Started(var at, var run) -> started(run, at);
            case Happening.Ended(var at, var run, int exitCode, _) -> ended(run, at, exitCode);
            case Happening.Answered answered -> answered(answered);
            default -> {}
        }
    }

    private void started(Happening.Run run, Instant at) {
        var container = container(run.container());
        var life = life(run.container());
        var end = life.endedAt;
        if (end != null) {
            boolean again = life.replaced || life.changed || container.restarts(life.exitCode);
            require(again || sandboxDied || faulty, "%s is started again for no reason", run);
            if (!faulty && imageOf(run.container()).equals(container.image())) {
                checkBackOff(run, life, end, at);
            }
        }
        life.startedAt = at;
        life.running = true;
        life.replaced = false;
        life.changed &= !imageOf(run.container()).equals(container.image());
        life.started = false;
        life.failures.clear();
    }

    /// The same rule as the kubelet's, said once more: an instance that ended by itself is followed
    /// after the delay; one that was replaced at once, if the end before is longer ago than that.
    private void checkBackOff(Happening.Run run, Life life, Instant end, Instant at) {
        var backOff = life.backOff;
        var before = life.endedBefore;
        var answered = life.replaced ? before : end;
        if (backOff != null && answered != null && !backOff.isOver(answered)) {
            var earliest = answered.plus(backOff.delay());
            require(
                    !at.isBefore(earliest),
                    "%s is started %s too soon",
                    run,
                    Duration.between(at, earliest));
        }
        if (answered == null) {
            return;
        }
        boolean anew = backOff == null || backOff.isOver(answered);
        var doubled = anew ? FIRST_DELAY : backOff.delay().multipliedBy(2);
        life.backOff =
                new BackOff(doubled.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : doubled, at);
    }

    private void ended(Happening.Run run, Instant at, int exitCode) {
        var life = life(run.container());
        if (!life.running) {
            return; // removed before it was started
        }
        life.running = false;
        life.endedBefore = life.endedAt;
        life.endedAt = at;
        life.exitCode = exitCode;
        require(
                faulty || !at.isAfter(latestEnd()),
                "%s ends %s after its time",
                run,
                Duration.between(endBy, at));
    }

    private Instant latestEnd() {
        return endBy.equals(Instant.MAX) ? Instant.MAX : endBy.plus(BEYOND_GRACE);
    }

    private void answered(Happening.Answered answered) {
        var life = life(answered.container());
        boolean success =
                Stream.of("200", "exit 0", "connected").anyMatch(answered.answer()::startsWith);
        for (var field : answered.purpose().split("\\|")) {
            life.failures.merge(field, 1, (count, _) -> success ? 0 : count + 1);
            if (success) {
                life.failures.put(field, 0);
                life.started |= field.equals("startupProbe");
            }
        }
    }

    // ---- the end

    /// After all trouble is over and time has passed, API and runtime say the same.
    void settled(LonePod lonePod) {
        var tree = lonePod.current();
        if (!deletedAt.equals(Instant.MAX)) {
            require(tree.isEmpty(), "deleted and still there: %s", tree.object("status"));
            require(lonePod.runtime().held() == 0, "deleted, and something is left");
            return;
        }
        var running = lonePod.runtime().running();
        for (var list : List.of("initContainerStatuses", "containerStatuses")) {
            for (var entry : tree.object("status").array(list).objects()) {
                var name = LonePod.KEY.name() + "/" + entry.string("name");
                require(
                        entry.object("state").has("running") == running.contains(name),
                        "%s and running are %s",
                        entry,
                        running);
            }
        }
    }
}
