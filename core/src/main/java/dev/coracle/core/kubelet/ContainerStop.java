// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import java.time.Duration;
import java.util.function.Consumer;

/// The end of one container: its preStop command, then the stop signal, then the kill, all within
/// one grace period.
///
/// <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
final class ContainerStop {
    private final PodMachine machine;
    private final Outbox outbox;
    private final Container container;
    private final PodAction.StopContainer stop;
    private final Consumer<RuntimeReply> then;

    ContainerStop(
            PodMachine machine,
            Outbox outbox,
            Container container,
            PodAction.StopContainer stop,
            Consumer<RuntimeReply> then) {
        this.machine = machine;
        this.outbox = outbox;
        this.container = container;
        this.stop = stop;
        this.then = then;
    }

    void begin() {
        var hook = container.tree().object("lifecycle").object("preStop");
        if (!hook.has("exec")) {
            stop(stop.grace());
            return;
        }
        var begun = outbox.now();
        outbox.call(
                new RuntimeCall.ExecSync(
                        stop.containerId(),
                        hook.object("exec").array("command").strings(),
                        stop.grace()),
                reply -> {
                    if (!(reply instanceof RuntimeReply.ExecResult(int exitCode, _))
                            || exitCode != 0) {
                        machine.event(
                                container.fieldPath(),
                                "Warning",
                                "FailedPreStopHook",
                                "PreStopHook failed");
                    }
                    stop(stop.grace().minus(Duration.between(begun, outbox.now())));
                });
    }

    private void stop(Duration grace) {
        var left = grace.compareTo(PodActions.MINIMUM_GRACE) < 0 ? PodActions.MINIMUM_GRACE : grace;
        outbox.call(new RuntimeCall.StopContainer(stop.containerId(), left), then);
    }
}
