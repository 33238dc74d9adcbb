// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import dev.coracle.core.view.Container.Role;
import dev.coracle.core.view.Pod;
import dev.coracle.core.view.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What to do next for one pod, from all that is known of it.
///
/// Level-triggered: asked again after every change, it needs no memory of what it said before.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>
public final class PodActions {
    /// Even a forced deletion lets a container hear SIGTERM.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-forced>
    static final Duration MINIMUM_GRACE = Duration.ofSeconds(2);

    private PodActions() {}

    /// All that the decision depends on. `sandbox` is the newest one, null when there is none;
    /// `containers` has the newest instance of each container by name, if there is any; `restartAt`
    /// the instant until which a container's restart is put off; `ending` is null until the pod is
    /// to be ended.
    public record Snapshot(
            Pod pod,
            @Nullable Sandbox sandbox,
            Map<String, Instance> containers,
            Map<String, Instant> restartAt,
            @Nullable Ending ending,
            Instant now) {
        public Snapshot {
            containers = Map.copyOf(containers);
            restartAt = Map.copyOf(restartAt);
        }
    }

    /// The newest sandbox: `ready` while containers can run in it.
    public record Sandbox(String id, boolean ready, int attempt) {}

    /// The newest instance of a container. `attempt` counts from 0.
    public record Instance(String id, String sandboxId, int attempt, State state) {}

    /// What an instance does.
    public sealed interface State {
        /// Created, never started: what a crash between two calls leaves.
        record Created() implements State {}

        /// `started`: its startup probe, if any, has succeeded; `kill`: it is to be replaced, null
        /// if not.
        record Running(boolean started, @Nullable Kill kill) implements State {}

        record Exited(int exitCode) implements State {}
    }

    /// Why the pod ends does not matter here, only until when its containers may take their time.
    public record Ending(Instant killAt) {}

    /// The steps to take, in order.
    public static List<PodAction> decide(Snapshot snapshot) {
        if (snapshot.ending() != null) {
            return end(snapshot, snapshot.ending());
        }
        var sandbox = snapshot.sandbox();
        if (sandbox == null || !sandbox.ready()) {
            return withoutSandbox(snapshot);
        }
        if (restartsAll(snapshot)) {
            return startOver(snapshot);
        }
        var actions = new ArrayList<PodAction>();
        if (hasBeenInitialized(snapshot)) {
            keepSidecars(snapshot, actions);
        } else if (!initialize(snapshot, actions)) {
            return List.copyOf(actions);
        }
        return containers(snapshot, actions);
    }

    /// The sandbox is missing or dead: everything in it starts again, init containers included.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#pod-restart-reasons>
    private static List<PodAction> withoutSandbox(Snapshot snapshot) {
        var old = snapshot.sandbox();
        boolean anythingToRun =
                snapshot.containers().isEmpty()
                        || snapshot.pod().containers().stream()
                                .anyMatch(container -> isToRun(snapshot, container));
        if (!anythingToRun) {
            return List.of(new PodAction.EndPod());
        }
        if (old == null) {
            return List.of(new PodAction.CreateSandbox(0));
        }
        var actions = new ArrayList<PodAction>();
        actions.add(new PodAction.StopSandbox(old.id()));
        actions.add(new PodAction.CreateSandbox(old.attempt() + 1));
        return List.copyOf(actions);
    }

    private static boolean isToRun(Snapshot snapshot, Container container) {
        var instance = snapshot.containers().get(container.name());
        return switch (instance == null ? null : instance.state()) {
            case null -> true;
            case State.Created _ -> true;
            // it died with its sandbox, but is not known to have ended well
            case State.Running _ -> container.restartPolicy() != RestartPolicy.NEVER;
            case State.Exited(int exitCode) -> container.restarts(exitCode);
        };
    }

    /// Whether a container has ended in a way that calls for a new start of all.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-all-containers>
    private static boolean restartsAll(Snapshot snapshot) {
        return snapshot.pod().allContainers().stream()
                .anyMatch(container -> callsForAll(snapshot, container));
    }

    private static boolean callsForAll(Snapshot snapshot, Container container) {
        var instance = inSandbox(snapshot, container);
        return instance != null
                && instance.state() instanceof State.Exited(int exitCode)
                && container.restartsAll(exitCode);
    }

    /// Everything that runs is killed at once, then everything is removed, those that called for it
    /// last, so that the call is not forgotten half-way. What was removed begins anew, init
    /// containers first; sandbox and volumes stay.
    private static List<PodAction> startOver(Snapshot snapshot) {
        var actions = new ArrayList<PodAction>();
        var removed = new ArrayList<String>();
        var callers = new ArrayList<String>();
        for (var container : snapshot.pod().allContainers()) {
            var instance = snapshot.containers().get(container.name());
            if (instance == null) {
                continue;
            }
            if (instance.state() instanceof State.Running) {
                actions.add(
                        new PodAction.StopContainer(
                                container.name(),
                                instance.id(),
                                Duration.ZERO,
                                stopping(container),
                                List.of(),
                                true));
            }
            (callsForAll(snapshot, container) ? callers : removed).add(container.name());
        }
        if (actions.isEmpty()) {
            removed.addAll(callers);
            actions.add(new PodAction.ResetContainers(removed));
        }
        return List.copyOf(actions);
    }

    private static String stopping(Container container) {
        return "Stopping container " + container.name();
    }

    /// Once an app container was created in this sandbox, init containers have had their turn.
    private static boolean hasBeenInitialized(Snapshot snapshot) {
        return snapshot.pod().containers().stream()
                .anyMatch(container -> inSandbox(snapshot, container) != null);
    }

    /// The newest instance, unless it belongs to an earlier sandbox.
    private static @Nullable Instance inSandbox(Snapshot snapshot, Container container) {
        var instance = snapshot.containers().get(container.name());
        var sandbox = snapshot.sandbox();
        return instance != null && sandbox != null && instance.sandboxId().equals(sandbox.id())
                ? instance
                : null;
    }

    /// Takes init containers one step further, in order; true when all have done their part.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#detailed-behavior>
    private static boolean initialize(Snapshot snapshot, List<PodAction> actions) {
        for (var container : snapshot.pod().initContainers()) {
            var instance = inSandbox(snapshot, container);
            boolean sidecar = container.role() == Role.SIDECAR;
            switch (instance == null ? null : instance.state()) {
                case null -> {
                    startAgain(snapshot, container, actions);
                    return false;
                }
                case State.Created _ -> {
                    startAgain(snapshot, container, actions);
                    return false;
                }
                case State.Running(boolean started, var kill) -> {
                    if (kill != null && instance != null) {
                        actions.add(stop(container, instance, kill));
                        return false;
                    }
                    if (!sidecar || !started) {
                        return false;
                    }
                }
                case State.Exited(int exitCode) -> {
                    if (sidecar) {
                        startAgain(snapshot, container, actions);
                        return false;
                    }
                    if (exitCode != 0) {
                        if (container.restarts(exitCode)) {
                            startAgain(snapshot, container, actions);
                        } else {
                            actions.add(new PodAction.EndPod());
                        }
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private static void keepSidecars(Snapshot snapshot, List<PodAction> actions) {
        boolean appsDone =
                snapshot.pod().containers().stream().allMatch(app -> isDone(snapshot, app));
        if (appsDone) {
            return; // they are about to be stopped
        }
        for (var container : snapshot.pod().initContainers()) {
            if (container.role() == Role.SIDECAR) {
                keepRunning(snapshot, container, actions);
            }
        }
    }

    private static List<PodAction> containers(Snapshot snapshot, List<PodAction> actions) {
        var containers = snapshot.pod().containers();
        if (containers.stream().allMatch(container -> isDone(snapshot, container))) {
            return List.of(new PodAction.EndPod());
        }
        for (var container : containers) {
            keepRunning(snapshot, container, actions);
        }
        return List.copyOf(actions);
    }

    /// Whether a container has ended for good.
    private static boolean isDone(Snapshot snapshot, Container container) {
        var instance = snapshot.containers().get(container.name());
        return instance != null
                && instance.state() instanceof State.Exited(int exitCode)
                && !container.restarts(exitCode);
    }

    private static void keepRunning(
            Snapshot snapshot, Container container, List<PodAction> actions) {
        var instance = snapshot.containers().get(container.name());
        switch (instance == null ? null : instance.state()) {
            case null -> startAgain(snapshot, container, actions);
            case State.Created _ -> startAgain(snapshot, container, actions);
            case State.Running(_, var kill) -> {
                if (kill != null && instance != null) {
                    actions.add(stop(container, instance, kill));
                }
            }
            case State.Exited(int exitCode) -> {
                if (container.restarts(exitCode)) {
                    startAgain(snapshot, container, actions);
                }
            }
        }
    }

    private static void startAgain(
            Snapshot snapshot, Container container, List<PodAction> actions) {
        var restartAt = snapshot.restartAt().get(container.name());
        if (restartAt != null && snapshot.now().isBefore(restartAt)) {
            actions.add(new PodAction.BackOff(container, restartAt));
            return;
        }
        var instance = snapshot.containers().get(container.name());
        if (instance == null) {
            actions.add(new PodAction.StartContainer(container, 0));
        } else if (instance.state() instanceof State.Created) {
            actions.add(new PodAction.RemoveContainer(instance.id()));
            actions.add(new PodAction.StartContainer(container, instance.attempt()));
        } else {
            actions.add(new PodAction.StartContainer(container, instance.attempt() + 1));
        }
    }

    /// Everything is told to stop at once, but a sidecar gets its signal only when all apps and the
    /// sidecars after it have ended; then the sandbox goes.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>,
    /// "Termination with sidecars"
    private static List<PodAction> end(Snapshot snapshot, Ending ending) {
        var actions = new ArrayList<PodAction>();
        var running = new ArrayList<String>();
        for (var container : snapshot.pod().containers()) {
            stopIfRunning(snapshot, ending, container, List.of(), actions);
        }
        actions.forEach(action -> running.add(((PodAction.StopContainer) action).name()));
        for (var container : snapshot.pod().initContainers().reversed()) {
            boolean sidecar = container.role() == Role.SIDECAR;
            var after = sidecar ? List.copyOf(running) : List.<String>of();
            boolean stops = stopIfRunning(snapshot, ending, container, after, actions);
            if (stops && sidecar) {
                running.add(container.name());
            }
        }
        if (!actions.isEmpty()) {
            return List.copyOf(actions);
        }
        var sandbox = snapshot.sandbox();
        return List.of(
                sandbox != null && sandbox.ready()
                        ? new PodAction.StopSandbox(sandbox.id())
                        : new PodAction.Finish());
    }

    private static PodAction stop(Container container, Instance instance, Kill kill) {
        return new PodAction.StopContainer(
                container.name(), instance.id(), kill.grace(), kill.message(), List.of(), false);
    }

    private static boolean stopIfRunning(
            Snapshot snapshot,
            Ending ending,
            Container container,
            List<String> after,
            List<PodAction> actions) {
        var instance = snapshot.containers().get(container.name());
        if (instance == null || !(instance.state() instanceof State.Running)) {
            return false;
        }
        var left = Duration.between(snapshot.now(), ending.killAt());
        actions.add(
                new PodAction.StopContainer(
                        container.name(),
                        instance.id(),
                        left.isNegative() ? Duration.ZERO : left,
                        stopping(container),
                        after,
                        false));
        return true;
    }

    /// What a container gets between its stop signal and its end, whatever else was asked for.
    static Duration atLeastMinimum(Duration grace) {
        return grace.compareTo(MINIMUM_GRACE) < 0 ? MINIMUM_GRACE : grace;
    }
}
