// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.PodFacts.Failure;
import dev.coracle.core.kubelet.PodFacts.Stage;
import dev.coracle.core.kubelet.PodFacts.Waiting;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The life of one pod on this node, from its first sync to the removal of its last trace.
///
/// Works in rounds: look at the runtime if something may have changed there, publish the status,
/// [PodActions#decide], take the steps one after the other, and again, until nothing is to be done.
/// At most one round is under way. A round that waits for an image gives way to the pod's end.
final class PodMachine {
    /// How long a state that explains itself stays visible before a back-off covers it.
    private static final Duration FOLLOW_UP = Duration.ofSeconds(1);

    /// How soon something that failed and has no back-off of its own is tried again.
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final Surroundings around;
    private final KubeletConfig config;
    private final Outbox outbox;
    private final Restarts restarts;
    private final Pulls pulls;
    private final Probes probes;
    private final boolean known;

    private Pod pod;
    private JsonObject status;
    private RuntimeReply.RuntimePod observed;
    private Stage stage = Stage.LIVE;
    private Instant killAt = Instant.MAX;
    private @Nullable Failure failure;
    private @Nullable Map<String, String> volumes;
    private boolean volumesAsked;
    private boolean endShown;
    private boolean settled;
    private boolean deletionAsked;
    private boolean removed;
    private boolean gone;

    private boolean busy;
    private boolean acted;
    private boolean stale;
    private @Nullable Runnable abandonable;
    private @Nullable ContainerStops stops;
    private Instant pausedUntil = Instant.MIN;
    private final Agenda agenda;
    private final Agenda.Next next;
    private final Agenda.Next nextProbe;
    private final Holds holds = new Holds();
    private final Map<String, String> killed = new HashMap<>();
    private final Set<String> hooked = new HashSet<>();

    /// `known`: the API has (or had) this pod; false for what is found at start and only cleaned.
    PodMachine(Pod pod, RuntimeReply.RuntimePod observed, boolean known, Surroundings around) {
        this.pod = pod;
        this.status = pod.status();
        this.observed = observed;
        this.known = known;
        this.around = around;
        this.config = around.config();
        this.outbox = around.outbox();
        this.restarts = new Restarts(config.restarts());
        this.pulls = new Pulls(config.pulls());
        this.probes = new Probes(this, outbox);
        this.agenda = new Agenda(pod.uid(), outbox);
        this.next = agenda.next(this::run);
        this.nextProbe = agenda.next(this::askProbes);
    }

    /// Takes the next steps after anything may have changed.
    void start() {
        if (pod.finished()) {
            settled = true;
            end(pod.terminationGrace());
        }
        noticeDeletion();
        if (!observed.containers().isEmpty()) {
            beginProbes(); // it is adopted: its volumes are there, its containers may run
        }
        probe();
        run();
    }

    void changed(Pod newer) {
        pod = newer;
        status = PodStatus.withForeignParts(status, newer.status());
        if (newer.finished() && stage == Stage.LIVE) {
            status = newer.status();
            end(newer.terminationGrace());
        }
        noticeDeletion();
        run();
    }

    /// The API has let go of the pod: nothing more is published. Without notice it was forced.
    void deleted() {
        removed = true;
        var grace = known ? Duration.ZERO : pod.terminationGrace();
        end(pod.deletionGrace() == null ? grace : pod.deletionGrace());
        run();
    }

    void runtimeChanged() {
        stale = true;
        run();
    }

    void volumesPrepared(Map<String, String> hostPaths) {
        volumes = hostPaths;
        beginProbes();
        run();
    }

    void volumesFailed(String message) {
        volumesAsked = false;
        event("", "Warning", "FailedMount", message);
        pause(RETRY);
        run();
    }

    void tick() {
        agenda.tick();
    }

    /// Runs `what` after `delay`, unless nothing is left of the pod by then.
    void later(Duration delay, Runnable what) {
        agenda.at(outbox.now().plus(delay), what);
    }

    private void beginProbes() {
        probes.begin(pod.allContainers(), around::spread);
    }

    /// A probe was answered; `changed`: what it says of its container is another thing now.
    void probed(boolean changed) {
        if (changed && stage != Stage.ENDED) {
            publish();
        }
        askProbes();
        if (changed) {
            run();
        }
    }

    private void probe() {
        if (stage == Stage.LIVE) {
            probes.follow(facts());
            askProbes();
        }
    }

    private void askProbes() {
        var due = stage == Stage.ENDED ? null : probes.run(stage == Stage.ENDING);
        if (due != null) {
            nextProbe.at(due);
        }
    }

    String podIp() {
        if (pod.hostNetwork()) {
            return config.nodeIp();
        }
        var sandbox = facts().sandbox();
        return sandbox == null || sandbox.ips().isEmpty() ? "" : sandbox.ips().getFirst();
    }

    Pod pod() {
        return pod;
    }

    boolean live() {
        return stage == Stage.LIVE;
    }

    private void noticeDeletion() {
        var grace = pod.deletionGrace();
        if (grace != null) {
            end(grace);
            if (stage == Stage.ENDED) {
                deleteFromApi();
            }
        }
    }

    /// Begins the pod's end, or shortens the time it has.
    private void end(Duration grace) {
        var until = outbox.now().plus(grace);
        if (stage == Stage.LIVE) {
            stage = Stage.ENDING;
            killAt = until;
            holds.clear();
            pausedUntil = Instant.MIN;
            letGo();
        } else if (stage == Stage.ENDING && until.isBefore(killAt)) {
            killAt = until;
            if (stops != null) {
                stops.hurry(killAt);
            }
        }
    }

    /// Of what is under way, this need not be waited for when the pod is to end.
    private void letGo() {
        if (abandonable != null) {
            abandonable.run();
            busy = false;
        }
        if (stops != null) {
            stops.abandon();
            busy = false;
        }
        abandonable = null;
        stops = null;
    }

    private void run() {
        if (busy || gone || isPaused()) {
            return;
        }
        if (stale) {
            inspect();
            return;
        }
        if (stage == Stage.ENDED) {
            if (removed) {
                clean();
            }
            return;
        }
        checkDeadline();
        var actions = new ArrayList<PodAction>(PodActions.decide(snapshot()));
        if (stage == Stage.LIVE || !endShown) {
            publish();
            endShown = stage == Stage.ENDING; // from now on only the outcome is shown
        }
        if (stage == Stage.LIVE) {
            outdated().forEach(id -> actions.addFirst(new PodAction.RemoveContainer(id)));
            if (needsVolumes(actions)) {
                return;
            }
        }
        if (!actions.isEmpty()) {
            busy = true;
            acted = !actions.stream().allMatch(PodAction.BackOff.class::isInstance);
            perform(new ArrayDeque<>(actions));
        }
    }

    private boolean isPaused() {
        boolean paused = outbox.now().isBefore(pausedUntil);
        if (paused) {
            wake(pausedUntil);
        }
        return paused;
    }

    void pause(Duration time) {
        pausedUntil = outbox.now().plus(time);
        wake(pausedUntil);
    }

    void wake(Instant at) {
        next.at(at);
    }

    private void inspect() {
        busy = true;
        stale = false;
        outbox.call(
                new RuntimeCall.InspectPod(pod.uid()),
                reply -> {
                    busy = false;
                    switch (reply) {
                        case RuntimeReply.Pod(var found) -> {
                            observed = found;
                            probe();
                        }
                        case RuntimeReply.Failed failed -> {
                            stale = true;
                            pause(FOLLOW_UP);
                        }
                        default -> throw unexpected("InspectPod", reply);
                    }
                    run();
                });
    }

    static IllegalStateException unexpected(String call, RuntimeReply reply) {
        return new IllegalStateException(call + " was answered by " + reply);
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-active-deadline>
    private void checkDeadline() {
        var deadline = pod.activeDeadline();
        if (deadline == null || stage != Stage.LIVE) {
            return;
        }
        var started = status.stringOrNull("startTime");
        var over = (started == null ? outbox.now() : Instant.parse(started)).plus(deadline);
        if (outbox.now().isBefore(over)) {
            wake(over);
            return;
        }
        failure =
                new Failure(
                        "DeadlineExceeded",
                        "Pod was active on the node longer than the specified deadline");
        event("", "Normal", failure.reason(), failure.message());
        end(pod.terminationGrace());
    }

    // ---- status

    void publish() {
        if (removed || settled || !known) {
            return;
        }
        var next = PodStatus.of(facts());
        if (!next.equals(status)) {
            status = next;
            outbox.add(new KubeletOutput.WriteStatus(pod.key(), pod.uid(), next));
        }
    }

    private PodFacts facts() {
        return new PodFacts(
                pod,
                observed,
                status,
                holds.reasons(),
                probes,
                stage,
                failure,
                config.nodeIp(),
                outbox.now());
    }

    void event(String fieldPath, String type, String reason, String message) {
        if (known) {
            outbox.add(
                    new KubeletOutput.RecordEvent(
                            pod.key(),
                            pod.uid(),
                            pod.metadata().string("resourceVersion"),
                            fieldPath,
                            type,
                            reason,
                            message));
        }
    }

    // ---- what is decided from

    private PodActions.Snapshot snapshot() {
        var containers = new HashMap<String, PodActions.Instance>();
        var restartAt = holds.retries();
        var facts = facts();
        for (var container : pod.allContainers()) {
            var newest = facts.newest(container.name());
            if (newest == null) {
                continue;
            }
            containers.put(container.name(), instance(container, newest));
            if (newest.state() == RuntimeReply.ContainerStatus.State.EXITED) {
                var notBefore =
                        restarts.notBefore(
                                container, newest, facts.before(container.name()), outbox.now());
                if (notBefore != null) {
                    restartAt.merge(container.name(), notBefore, (a, b) -> a.isAfter(b) ? a : b);
                }
            }
        }
        var sandbox = facts.sandbox();
        return new PodActions.Snapshot(
                pod,
                sandbox == null
                        ? null
                        : new PodActions.Sandbox(sandbox.id(), sandbox.ready(), sandbox.attempt()),
                containers,
                restartAt,
                stage == Stage.LIVE ? null : new PodActions.Ending(killAt),
                outbox.now());
    }

    private PodActions.Instance instance(Container container, RuntimeReply.ContainerStatus status) {
        var state =
                switch (status.state()) {
                    case CREATED -> new PodActions.State.Created();
                    case RUNNING ->
                            new PodActions.State.Running(
                                    probes.started(container, status), kill(container, status));
                    case EXITED -> new PodActions.State.Exited(status.exitCode());
                    // the runtime has lost it: as good as killed
                    case UNKNOWN -> new PodActions.State.Exited(137);
                };
        return new PodActions.Instance(status.id(), status.sandboxId(), status.attempt(), state);
    }

    private @Nullable Kill kill(Container container, RuntimeReply.ContainerStatus status) {
        if (container.role() != Container.Role.INIT
                && ContainerSpecs.isOutdated(container, status)) {
            return Kill.changed(container, pod.terminationGrace());
        }
        var failed = probes.failed(container.name(), status.id());
        return failed == null ? null : Kill.failed(failed, container, pod.terminationGrace());
    }

    /// Instances before the last two of a container: `kubectl logs --previous` wants one back.
    private List<String> outdated() {
        var ids = new ArrayList<String>();
        for (var container : pod.allContainers()) {
            observed.containers().stream()
                    .filter(instance -> instance.name().equals(container.name()))
                    .sorted((a, b) -> Integer.compare(b.attempt(), a.attempt()))
                    .skip(2)
                    .map(RuntimeReply.ContainerStatus::id)
                    .forEach(ids::add);
        }
        return ids;
    }

    private boolean needsVolumes(List<PodAction> actions) {
        boolean starts =
                actions.stream()
                        .anyMatch(
                                action ->
                                        action instanceof PodAction.CreateSandbox
                                                || action instanceof PodAction.StartContainer);
        if (!starts || volumes != null) {
            return false;
        }
        if (!volumesAsked) {
            volumesAsked = true;
            outbox.add(new KubeletOutput.PrepareVolumes(pod.uid(), pod.tree()));
        }
        return true;
    }

    // ---- what is done

    private void perform(Deque<PodAction> actions) {
        abandonable = null;
        var action = actions.poll();
        switch (action) {
            case null -> {
                busy = false;
                if (acted) {
                    run();
                }
            }
            case PodAction.CreateSandbox(int attempt) -> createSandbox(attempt);
            case PodAction.StopSandbox(var id) -> stopSandbox(id, actions);
            case PodAction.StartContainer(var container, int attempt) -> {
                if (stage == Stage.LIVE) {
                    startContainer(
                            container, attemptOf(container, attempt), () -> perform(actions));
                } else {
                    perform(actions);
                }
            }
            case PodAction.StopContainer stop -> stopContainers(stop, actions);
            case PodAction.RemoveContainer(var id) -> remove(List.of(id), actions);
            case PodAction.ResetContainers(var names) -> remove(instancesOf(names), actions);
            case PodAction.BackOff(var container, var until) -> {
                if (stage == Stage.LIVE) {
                    backOff(container, until);
                }
                perform(actions);
            }
            case PodAction.EndPod() -> {
                end(pod.terminationGrace());
                perform(actions);
            }
            case PodAction.Finish() -> finish();
        }
    }

    private List<String> instancesOf(List<String> names) {
        return names.stream()
                .flatMap(
                        name ->
                                observed.containers().stream()
                                        .filter(instance -> instance.name().equals(name)))
                .map(RuntimeReply.ContainerStatus::id)
                .toList();
    }

    private void remove(List<String> ids, Deque<PodAction> rest) {
        stale = true;
        if (ids.isEmpty()) {
            perform(rest);
            return;
        }
        call(
                new RuntimeCall.RemoveContainer(ids.getFirst()),
                _ -> remove(ids.subList(1, ids.size()), rest));
    }

    /// Makes a call that must have worked; otherwise the round ends and another begins soon.
    private void call(RuntimeCall call, Consumer<RuntimeReply> then) {
        outbox.call(
                call,
                reply -> {
                    if (reply instanceof RuntimeReply.Failed) {
                        stale = true;
                        busy = false;
                        pause(FOLLOW_UP);
                    } else {
                        then.accept(reply);
                    }
                });
    }

    private void createSandbox(int attempt) {
        if (stage != Stage.LIVE) {
            busy = false;
            run();
            return;
        }
        var missingDns = PodDns.missing(pod, config);
        if (missingDns != null) {
            event("", "Warning", "MissingClusterDNS", missingDns);
        }
        outbox.call(
                new RuntimeCall.RunPodSandbox(SandboxSpecs.of(pod, attempt, config)),
                reply -> {
                    busy = false;
                    switch (reply) {
                        case RuntimeReply.SandboxRunning(var id, var ips) -> {
                            observed =
                                    observed.with(
                                            pod.key(),
                                            new RuntimeReply.SandboxStatus(
                                                    id,
                                                    true,
                                                    attempt,
                                                    outbox.now(),
                                                    ips,
                                                    Map.of(),
                                                    Map.of()));
                            publish();
                        }
                        case RuntimeReply.Failed failed -> {
                            event(
                                    "",
                                    "Warning",
                                    "FailedCreatePodSandBox",
                                    "Failed to create pod sandbox: " + failed.message());
                            stale = true;
                            pause(RETRY);
                        }
                        default -> throw unexpected("RunPodSandbox", reply);
                    }
                    run();
                });
    }

    private void stopSandbox(String id, Deque<PodAction> rest) {
        if (stage == Stage.LIVE) {
            event(
                    "",
                    "Normal",
                    "SandboxChanged",
                    "Pod sandbox changed, it will be killed and re-created.");
        }
        call(
                new RuntimeCall.StopPodSandbox(id),
                _ -> {
                    stale = true;
                    perform(rest);
                });
    }

    /// Where the runtime lost a container, counting goes on from what the status says.
    private int attemptOf(Container container, int attempt) {
        return facts().newest(container.name()) == null
                ? (int) ContainerStatuses.entry(status, container.name()).number("restartCount", 0)
                : attempt;
    }

    private void startContainer(Container container, int attempt, Runnable next) {
        var sandbox = observed.sandboxes().getFirst();
        var paths = volumes;
        if (paths == null) {
            throw new IllegalStateException("pod " + pod.key() + ": no volumes yet");
        }
        var newest = facts().newest(container.name());
        if (newest != null) {
            restarts.count(container, newest, facts().before(container.name()), outbox.now());
        }
        new ContainerStart(this, around, container, attempt, sandbox, paths, next).begin();
    }

    Pulls pulls() {
        return pulls;
    }

    /// The call that the round waits for may be let go if the pod is to end.
    void mayAbandon(Runnable letGo) {
        abandonable = letGo;
    }

    void mayNotAbandon() {
        abandonable = null;
    }

    void started(String name) {
        holds.started(name);
        stale = true;
    }

    /// The container could not be started because of `reason`; it is tried again at `retry`.
    void notStarted(String name, String reason, String message, Instant retry) {
        holds.hold(name, new Waiting(reason, message), retry);
        wake(retry);
    }

    /// Something may have been left half done in the runtime.
    void suspect() {
        stale = true;
    }

    Instant soon() {
        return outbox.now().plus(FOLLOW_UP);
    }

    Instant later() {
        return outbox.now().plus(RETRY);
    }

    /// Says that a restart is put off; the state that led to it stays visible for a moment first.
    private void backOff(Container container, Instant until) {
        wake(until);
        var name = container.name();
        if (holds.isHeld(name, outbox.now())) {
            return; // its reason is known already
        }
        switch (holds.announce(name, FOLLOW_UP, outbox.now())) {
            case NEW -> {
                event(
                        container.fieldPath(),
                        "Warning",
                        "BackOff",
                        "Back-off restarting failed container "
                                + name
                                + " in pod "
                                + ContainerSpecs.podName(pod));
                wake(soon());
            }
            case RECENT -> wake(holds.announcedAt(name).plus(FOLLOW_UP));
            case OLD -> {
                var message =
                        "back-off "
                                + GoDuration.text(restarts.delay(container))
                                + " restarting failed container="
                                + name
                                + " pod="
                                + ContainerSpecs.podName(pod);
                holds.explain(name, new Waiting("CrashLoopBackOff", message));
                publish();
            }
        }
    }

    private void stopContainers(PodAction.StopContainer first, Deque<PodAction> rest) {
        var together = new ArrayList<PodAction.StopContainer>();
        together.add(first);
        while (rest.peek() instanceof PodAction.StopContainer next) {
            together.add(next);
            rest.poll();
        }
        if (stage == Stage.LIVE) {
            together.forEach(stop -> restarts.replacing(stop.name(), stop.containerId()));
        }
        stop(
                together,
                failed -> {
                    if (failed) {
                        pause(FOLLOW_UP);
                    }
                    perform(rest);
                });
    }

    /// Stops containers together; `then` is told whether something went wrong.
    void stop(List<PodAction.StopContainer> together, Consumer<Boolean> then) {
        var byName = new HashMap<String, Container>();
        pod.allContainers().forEach(container -> byName.put(container.name(), container));
        var begun =
                new ContainerStops(
                        this,
                        outbox,
                        failed -> {
                            stops = null;
                            stale = true;
                            then.accept(failed);
                        });
        stops = begun;
        begun.begin(byName, together);
    }

    void stopped(String containerId) {
        probes.rest(containerId);
    }

    /// Whether the preStop hook of this instance is still to be run: once, however often its end is
    /// begun anew.
    boolean firstStop(String containerId) {
        return hooked.add(containerId);
    }

    /// Said once for each instance, however often it has to be tried.
    void killing(Container container, String containerId, String message) {
        if (!containerId.equals(killed.put(container.name(), containerId))) {
            event(container.fieldPath(), "Normal", "Killing", message);
        }
    }

    private void finish() {
        busy = false;
        stage = Stage.ENDED;
        publish();
        settled = true;
        if (pod.deleting()) {
            deleteFromApi();
        }
        run();
    }

    private void deleteFromApi() {
        if (!removed && known && !deletionAsked) {
            deletionAsked = true;
            outbox.add(new KubeletOutput.DeletePod(pod.key(), pod.uid()));
        }
    }

    /// Removes what the runtime and the disk still hold.
    private void clean() {
        busy = true;
        var calls = new ArrayDeque<RuntimeCall>();
        observed.containers().forEach(c -> calls.add(new RuntimeCall.RemoveContainer(c.id())));
        observed.sandboxes().forEach(s -> calls.add(new RuntimeCall.RemovePodSandbox(s.id())));
        cleanNext(calls);
    }

    private void cleanNext(Deque<RuntimeCall> calls) {
        var next = calls.poll();
        if (next != null) {
            call(next, _ -> cleanNext(calls));
            return;
        }
        gone = true;
        agenda.clear();
        around.forget().accept(pod.uid());
        outbox.add(new KubeletOutput.RemovePodDirectory(pod.key(), pod.uid()));
    }
}
