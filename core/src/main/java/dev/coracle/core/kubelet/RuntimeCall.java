// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One call to the container runtime, in CRI's terms. Beside each: the reply when it goes well.
///
/// <https://github.com/kubernetes/cri-api>
public sealed interface RuntimeCall {

    /// [RuntimeReply.SandboxRunning]
    record RunPodSandbox(SandboxSpec spec) implements RuntimeCall {}

    /// Kills what runs in it and gives back its network. [RuntimeReply.Done], also when gone.
    record StopPodSandbox(String sandboxId) implements RuntimeCall {}

    /// [RuntimeReply.Done], also when gone.
    record RemovePodSandbox(String sandboxId) implements RuntimeCall {}

    /// [RuntimeReply.Image]
    record ImageStatus(String image) implements RuntimeCall {}

    /// Tries each credential in order, then none. [RuntimeReply.Image]
    record PullImage(String image, List<RegistryCredential> credentials, SandboxSpec sandbox)
            implements RuntimeCall {
        public PullImage {
            credentials = List.copyOf(credentials);
        }
    }

    /// [RuntimeReply.ContainerCreated]
    record CreateContainer(String sandboxId, SandboxSpec sandbox, ContainerSpec container)
            implements RuntimeCall {}

    /// [RuntimeReply.Done]
    record StartContainer(String containerId) implements RuntimeCall {}

    /// `stopSignal` (empty: the image's, else SIGTERM), SIGKILL after `grace`; SIGKILL at once when
    /// that is zero. [RuntimeReply.Done] when it has ended, also when gone.
    record StopContainer(String containerId, Duration grace, String stopSignal)
            implements RuntimeCall {
        /// Stops with the signal that the image names.
        public StopContainer(String containerId, Duration grace) {
            this(containerId, grace, "");
        }
    }

    /// [RuntimeReply.Done], also when gone.
    record RemoveContainer(String containerId) implements RuntimeCall {}

    /// [RuntimeReply.Pod]: every sandbox and container that carries this pod's uid.
    record InspectPod(String podUid) implements RuntimeCall {}

    /// [RuntimeReply.Pods]: every pod that has a sandbox or container, for adoption and cleaning.
    record ListPods() implements RuntimeCall {}

    /// Runs a command in a container and waits for it. [RuntimeReply.ExecResult]
    record ExecSync(String containerId, List<String> command, Duration timeout)
            implements RuntimeCall {
        public ExecSync {
            command = List.copyOf(command);
        }
    }

    /// What to present to a registry. Null: not given.
    record RegistryCredential(
            @Nullable String username,
            @Nullable String password,
            @Nullable String auth,
            @Nullable String identityToken,
            @Nullable String serverAddress) {}
}
