// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a pod sandbox is made from: CRI's `PodSandboxConfig` in our words.
///
/// `attempt` counts sandboxes of this pod from 0; `hostname` is empty for the node's, and
/// `cgroupParent` for the runtime's own
/// default.
public record SandboxSpec(
        String name,
        String namespace,
        String uid,
        int attempt,
        String hostname,
        String logDirectory,
        Dns dns,
        List<PortMapping> portMappings,
        Map<String, String> labels,
        Map<String, String> annotations,
        String cgroupParent,
        Namespaces namespaces,
        Map<String, String> sysctls,
        @Nullable Long runAsUser,
        @Nullable Long runAsGroup,
        List<Long> supplementalGroups,
        SeccompProfile seccompProfile,
        boolean privileged) {
    public SandboxSpec {
        portMappings = List.copyOf(portMappings);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        sysctls = Map.copyOf(sysctls);
        supplementalGroups = List.copyOf(supplementalGroups);
    }

    /// What goes into resolv.conf.
    public record Dns(List<String> servers, List<String> searches, List<String> options) {
        public Dns {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /// `protocol` is TCP, UDP or SCTP; `hostIp` is empty for all addresses.
    public record PortMapping(String protocol, int containerPort, int hostPort, String hostIp) {}

    /// Which of the node's namespaces the pod shares; `sharedPid`: its containers see each other's
    /// processes.
    public record Namespaces(
            boolean hostNetwork, boolean hostPid, boolean hostIpc, boolean sharedPid) {}

    /// `type` is RuntimeDefault, Unconfined or Localhost (then `localhostProfile` is its path).
    public record SeccompProfile(String type, String localhostProfile) {
        public static final SeccompProfile UNCONFINED = new SeccompProfile("Unconfined", "");
    }
}
