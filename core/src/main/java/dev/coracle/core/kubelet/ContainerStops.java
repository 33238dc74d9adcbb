// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Containers of one pod that are being stopped together, each in its own time: first its preStop
/// hook, then it waits for those that are to end before it, then it gets the stop signal. All of
/// that happens within its grace period; when that is over, what is left is killed.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
final class ContainerStops {
    private final PodMachine machine;
    private final Outbox outbox;
    private final Consumer<Boolean> then;
    private final Map<String, Stop> stops = new LinkedHashMap<>();
    private boolean abandoned;
    private boolean failed;

    /// `then` is told once all have ended whether something went wrong.
    ContainerStops(PodMachine machine, Outbox outbox, Consumer<Boolean> then) {
        this.machine = machine;
        this.outbox = outbox;
        this.then = then;
    }

    private enum Step {
        HOOK,
        TURN,
        SIGNAL,
        ENDED
    }

    private final class Stop {
        private final Container container;
        private final PodAction.StopContainer action;
        private Step step = Step.HOOK;
        private Instant killAt;

        Stop(Container container, PodAction.StopContainer action) {
            this.container = container;
            this.action = action;
            this.killAt = outbox.now().plus(action.grace());
        }

        void begin() {
            machine.killing(container, action.containerId(), action.message());
            var preStop = container.tree().object("lifecycle").object("preStop");
            if (preStop.isEmpty()
                    || action.hurried()
                    || action.grace().isZero()
                    || !machine.firstStop(action.containerId())) {
                takeTurn();
                return;
            }
            machine.later(action.grace(), this::goOn);
            new Hook(machine, outbox, container, action.containerId(), this::hookEnded)
                    .run(Handler.of(preStop));
        }

        private void hookEnded(String failure) {
            if (!failure.isEmpty()) {
                machine.event(
                        container.fieldPath(),
                        "Warning",
                        "FailedPreStopHook",
                        "PreStopHook failed");
            }
            if (step == Step.HOOK) {
                takeTurn();
            }
        }

        private void takeTurn() {
            step = Step.TURN;
            goOn();
            if (step == Step.TURN) {
                machine.later(left(), this::goOn);
            }
        }

        /// After its time is over it waits neither for its hook nor for others.
        void goOn() {
            if (abandoned || step == Step.SIGNAL || step == Step.ENDED) {
                return;
            }
            boolean over = !outbox.now().isBefore(killAt);
            boolean turn = action.after().stream().noneMatch(ContainerStops.this::isLeft);
            if (over || (step == Step.TURN && turn)) {
                signal();
            }
        }

        private Duration left() {
            return Duration.between(outbox.now(), killAt);
        }

        private void signal() {
            step = Step.SIGNAL;
            outbox.call(call(), this::ended);
        }

        private RuntimeCall.StopContainer call() {
            var grace = action.hurried() ? action.grace() : PodActions.atLeastMinimum(left());
            return new RuntimeCall.StopContainer(
                    action.containerId(), grace, container.stopSignal());
        }

        private void ended(RuntimeReply reply) {
            step = Step.ENDED;
            failed |= reply instanceof RuntimeReply.Failed;
            machine.stopped(action.containerId());
            if (abandoned) {
                return;
            }
            stops.values().forEach(Stop::goOn);
            if (stops.values().stream().allMatch(stop -> stop.step == Step.ENDED)) {
                abandoned = true;
                then.accept(failed);
            }
        }

        void hurry(Instant until) {
            if (step == Step.ENDED || !until.isBefore(killAt)) {
                return;
            }
            killAt = until;
            if (step == Step.SIGNAL) {
                outbox.call(call(), _ -> {});
            } else {
                machine.later(left(), this::goOn);
                goOn();
            }
        }
    }

    private boolean isLeft(String name) {
        var stop = stops.get(name);
        return stop != null && stop.step != Step.ENDED;
    }

    void begin(Map<String, Container> containers, List<PodAction.StopContainer> actions) {
        for (var action : actions) {
            var container = containers.get(action.name());
            if (container == null) {
                throw new IllegalArgumentException("no container is called " + action.name());
            }
            stops.put(action.name(), new Stop(container, action));
        }
        List.copyOf(stops.values()).forEach(Stop::begin);
    }

    /// There is less time than was thought.
    void hurry(Instant killAt) {
        List.copyOf(stops.values()).forEach(stop -> stop.hurry(killAt));
    }

    /// Somebody else sees to the end of these containers; signals that were sent stay sent.
    void abandon() {
        abandoned = true;
    }
}
