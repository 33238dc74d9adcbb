// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a container is made from: CRI's `ContainerConfig` in our words, everything resolved.
///
/// `attempt` is the restart count; `image` what the pod says and `imageRef` what is on the node;
/// `logPath` is relative to the sandbox's log directory; `stopSignal` is empty where the image
/// decides.
public record ContainerSpec(
        String name,
        int attempt,
        String image,
        String imageRef,
        List<String> command,
        List<String> args,
        String workingDir,
        Map<String, String> env,
        List<Mount> mounts,
        Map<String, String> labels,
        Map<String, String> annotations,
        String logPath,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        Resources resources,
        Security security,
        String stopSignal) {
    public ContainerSpec {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(env));
        mounts = List.copyOf(mounts);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /// `propagation` is None, HostToContainer or Bidirectional.
    public record Mount(
            String containerPath, String hostPath, boolean readOnly, String propagation) {}

    /// CFS and memory limits; 0 means unlimited or the runtime's default.
    public record Resources(
            long cpuShares,
            long cpuQuotaMicros,
            long cpuPeriodMicros,
            long memoryLimitBytes,
            int oomScoreAdj) {}

    /// Null: not said, the image or the runtime decides.
    public record Security(
            boolean privileged,
            @Nullable Long runAsUser,
            @Nullable Long runAsGroup,
            String runAsUserName,
            List<Long> supplementalGroups,
            boolean readOnlyRootFilesystem,
            boolean noNewPrivileges,
            List<String> addCapabilities,
            List<String> dropCapabilities,
            SandboxSpec.SeccompProfile seccompProfile) {
        public Security {
            supplementalGroups = List.copyOf(supplementalGroups);
            addCapabilities = List.copyOf(addCapabilities);
            dropCapabilities = List.copyOf(dropCapabilities);
        }
    }
}
