// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.view.StopSignals;
import dev.coracle.cri.proto.containerd.KillRequest;
import dev.coracle.cri.proto.containerd.WaitRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/// Asks containers to end by a signal of their own. CRI's call to stop one names no signal, and
/// only recent runtimes remember the one that the container was made with, so containerd is told
/// through its own API.
///
/// <https://kep.k8s.io/4960>
final class ContainerStops {
    private static final Duration PROMPTLY = Duration.ofSeconds(10);

    private final CriConnection connection;

    ContainerStops(CriConnection connection) {
        this.connection = connection;
    }

    /// What is left to do for CRI's call: `grace` is all of it where the runtime has to send the
    /// signal and none where it was sent. Whether the container has `ended`, as far as is known.
    record Asked(Duration grace, boolean ended) {}

    /// Sends `signal`, when there is one, and waits up to `grace` for the end.
    Asked ask(String containerId, Duration grace, String signal) {
        if (signal.isEmpty() || grace.isZero()) {
            return new Asked(grace, false);
        }
        try {
            send(containerId, StopSignals.number(signal));
            awaitEnd(containerId, grace);
        } catch (StatusRuntimeException e) {
            return switch (e.getStatus().getCode()) {
                case UNIMPLEMENTED ->
                        new Asked(grace, false); // not containerd: it knows the signal
                case NOT_FOUND -> new Asked(Duration.ZERO, true);
                case DEADLINE_EXCEEDED -> new Asked(Duration.ZERO, false); // does not heed it
                default -> throw e;
            };
        }
        return new Asked(Duration.ZERO, true);
    }

    private void send(String containerId, int signal) {
        connection.callContainerd(
                CriMethods.KILL,
                KillRequest.newBuilder().setContainerId(containerId).setSignal(signal).build(),
                PROMPTLY);
    }

    private void awaitEnd(String containerId, Duration grace) {
        connection.callContainerdWithPatience(
                CriMethods.WAIT,
                WaitRequest.newBuilder().setContainerId(containerId).build(),
                grace.plus(PROMPTLY),
                grace);
    }
}
