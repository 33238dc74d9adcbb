// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All that a pod's status is made of.
///
/// `previous` is the status published before; `waiting` says by container name why it could not be
/// started; `failure` is
/// set when the kubelet itself fails the pod.
record PodFacts(
        Pod pod,
        RuntimeReply.RuntimePod observed,
        JsonObject previous,
        Map<String, Waiting> waiting,
        Health health,
        Stage stage,
        @Nullable Failure failure,
        String nodeIp,
        Instant now) {

    /// Why a container does not run.
    record Waiting(String reason, String message) {}

    /// Why the kubelet ends a pod with phase Failed.
    record Failure(String reason, String message) {}

    /// How far the pod's life has come.
    enum Stage {
        LIVE,
        /// Containers are being stopped: a final phase is not shown before they have.
        ENDING,
        ENDED
    }

    /// What probes have found out about running containers.
    interface Health {
        boolean started(Container container, RuntimeReply.ContainerStatus instance);

        boolean ready(Container container, RuntimeReply.ContainerStatus instance);
    }

    /// The newest sandbox, null when there is none.
    RuntimeReply.@Nullable SandboxStatus sandbox() {
        return observed.sandboxes().isEmpty() ? null : observed.sandboxes().getFirst();
    }

    boolean sandboxReady() {
        var sandbox = sandbox();
        return sandbox != null && sandbox.ready();
    }

    /// The newest instance of a container, null when there is none.
    RuntimeReply.@Nullable ContainerStatus newest(String name) {
        return instance(name, 0);
    }

    /// The instance before the newest one, null when there is none.
    RuntimeReply.@Nullable ContainerStatus before(String name) {
        return instance(name, 1);
    }

    private RuntimeReply.@Nullable ContainerStatus instance(String name, int age) {
        return observed.containers().stream()
                .filter(instance -> instance.name().equals(name))
                .sorted(Comparator.comparingInt(RuntimeReply.ContainerStatus::attempt).reversed())
                .skip(age)
                .findFirst()
                .orElse(null);
    }
}
