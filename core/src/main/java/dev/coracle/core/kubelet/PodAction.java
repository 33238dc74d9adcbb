// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import java.time.Duration;
import java.time.Instant;

/// One step that [PodActions] wants taken for a pod.
public sealed interface PodAction {

    /// Runs a new sandbox; `attempt` counts from 0.
    record CreateSandbox(int attempt) implements PodAction {}

    /// Stops the sandbox, and with it whatever still runs in it.
    record StopSandbox(String sandboxId) implements PodAction {}

    /// Pulls the image as the policy says, creates and starts the container.
    record StartContainer(Container container, int attempt) implements PodAction {}

    /// Stops a running container and waits for its end.
    record StopContainer(String name, String containerId, Duration grace) implements PodAction {}

    /// Removes an ended container that nobody needs any more.
    record RemoveContainer(String containerId) implements PodAction {}

    /// The container is to be started again, but not before `until`.
    record BackOff(Container container, Instant until) implements PodAction {}

    /// Nothing is left to run: the pod is to be ended, what still runs in it included.
    record EndPod() implements PodAction {}

    /// Everything of an ending pod has stopped.
    record Finish() implements PodAction {}
}
