// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// One step that [PodActions] wants taken for a pod.
public sealed interface PodAction {

    /// Runs a new sandbox; `attempt` counts from 0.
    record CreateSandbox(int attempt) implements PodAction {}

    /// Stops the sandbox, and with it whatever still runs in it.
    record StopSandbox(String sandboxId) implements PodAction {}

    /// Pulls the image as the policy says, creates and starts the container.
    record StartContainer(Container container, int attempt) implements PodAction {}

    /// Stops a running container and waits for its end. `message` is what the event says; it gets
    /// the stop signal when those called `after` have ended, or its time is over. `hurried`:
    /// without hook and without the least grace that everyone else gets.
    record StopContainer(
            String name,
            String containerId,
            Duration grace,
            String message,
            List<String> after,
            boolean hurried)
            implements PodAction {
        public StopContainer {
            after = List.copyOf(after);
        }
    }

    /// Removes an ended container that nobody needs any more.
    record RemoveContainer(String containerId) implements PodAction {}

    /// Removes every instance of these containers, in this order, so that they begin anew.
    record ResetContainers(List<String> names) implements PodAction {
        public ResetContainers {
            names = List.copyOf(names);
        }
    }

    /// The container is to be started again, but not before `until`.
    record BackOff(Container container, Instant until) implements PodAction {}

    /// Nothing is left to run: the pod is to be ended, what still runs in it included.
    record EndPod() implements PodAction {}

    /// Everything of an ending pod has stopped.
    record Finish() implements PodAction {}
}
