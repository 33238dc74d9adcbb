// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.RuntimeCall.RegistryCredential;
import dev.coracle.core.kubelet.SandboxSpec;
import dev.coracle.core.kubelet.SandboxSpec.SeccompProfile;
import dev.coracle.cri.proto.AuthConfig;
import dev.coracle.cri.proto.Capability;
import dev.coracle.cri.proto.ContainerConfig;
import dev.coracle.cri.proto.ContainerMetadata;
import dev.coracle.cri.proto.DNSConfig;
import dev.coracle.cri.proto.ImageSpec;
import dev.coracle.cri.proto.Int64Value;
import dev.coracle.cri.proto.KeyValue;
import dev.coracle.cri.proto.LinuxContainerConfig;
import dev.coracle.cri.proto.LinuxContainerResources;
import dev.coracle.cri.proto.LinuxContainerSecurityContext;
import dev.coracle.cri.proto.LinuxPodSandboxConfig;
import dev.coracle.cri.proto.LinuxSandboxSecurityContext;
import dev.coracle.cri.proto.Mount;
import dev.coracle.cri.proto.MountPropagation;
import dev.coracle.cri.proto.NamespaceMode;
import dev.coracle.cri.proto.NamespaceOption;
import dev.coracle.cri.proto.PodSandboxConfig;
import dev.coracle.cri.proto.PodSandboxMetadata;
import dev.coracle.cri.proto.PortMapping;
import dev.coracle.cri.proto.Protocol;
import dev.coracle.cri.proto.SecurityProfile;
import dev.coracle.cri.proto.Signal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Says specifications in the words of CRI.
final class CriMessages {
    /// Hidden from containers that are not privileged: they tell too much of the machine.
    private static final List<String> MASKED_PATHS =
            List.of(
                    "/proc/asound",
                    "/proc/acpi",
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/latency_stats",
                    "/proc/timer_list",
                    "/proc/timer_stats",
                    "/proc/sched_debug",
                    "/proc/scsi",
                    "/sys/firmware",
                    "/sys/devices/virtual/powercap");

    /// Not to be written by containers that are not privileged.
    private static final List<String> READ_ONLY_PATHS =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private CriMessages() {}

    /// `cgroupParent` is for sandboxes that name none.
    static PodSandboxConfig sandbox(SandboxSpec spec, String cgroupParent) {
        var config =
                PodSandboxConfig.newBuilder()
                        .setMetadata(
                                PodSandboxMetadata.newBuilder()
                                        .setName(spec.name())
                                        .setNamespace(spec.namespace())
                                        .setUid(spec.uid())
                                        .setAttempt(spec.attempt()))
                        .setHostname(spec.hostname())
                        .setLogDirectory(spec.logDirectory())
                        .setDnsConfig(
                                DNSConfig.newBuilder()
                                        .addAllServers(spec.dns().servers())
                                        .addAllSearches(spec.dns().searches())
                                        .addAllOptions(spec.dns().options()))
                        .putAllLabels(labels(spec, spec.labels()))
                        .putAllAnnotations(spec.annotations())
                        .setLinux(
                                LinuxPodSandboxConfig.newBuilder()
                                        .setCgroupParent(
                                                spec.cgroupParent().isEmpty()
                                                        ? cgroupParent
                                                        : spec.cgroupParent())
                                        .setSecurityContext(security(spec))
                                        .putAllSysctls(spec.sysctls()));
        for (var mapping : spec.portMappings()) {
            config.addPortMappings(
                    PortMapping.newBuilder()
                            .setProtocol(protocol(mapping.protocol()))
                            .setContainerPort(mapping.containerPort())
                            .setHostPort(mapping.hostPort())
                            .setHostIp(mapping.hostIp()));
        }
        return config.build();
    }

    private static Protocol protocol(String name) {
        return switch (name) {
            case "TCP" -> Protocol.TCP;
            case "UDP" -> Protocol.UDP;
            case "SCTP" -> Protocol.SCTP;
            default ->
                    throw new IllegalArgumentException(
                            "port mapping: protocol \"" + name + "\" is not TCP, UDP or SCTP");
        };
    }

    private static LinuxSandboxSecurityContext security(SandboxSpec spec) {
        var context =
                LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(namespaces(spec.namespaces()))
                        .setPrivileged(spec.privileged())
                        .addAllSupplementalGroups(spec.supplementalGroups())
                        .setSeccomp(seccomp(spec.seccompProfile()));
        var user = spec.runAsUser();
        if (user != null) {
            context.setRunAsUser(Int64Value.newBuilder().setValue(user));
        }
        var group = spec.runAsGroup();
        // A group without a user is refused by the runtimes; the containers carry both themselves.
        if (group != null && user != null) {
            context.setRunAsGroup(Int64Value.newBuilder().setValue(group));
        }
        return context.build();
    }

    private static NamespaceOption namespaces(SandboxSpec.Namespaces namespaces) {
        return NamespaceOption.newBuilder()
                .setNetwork(namespaces.hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD)
                .setIpc(namespaces.hostIpc() ? NamespaceMode.NODE : NamespaceMode.POD)
                .setPid(pid(namespaces))
                .build();
    }

    private static NamespaceMode pid(SandboxSpec.Namespaces namespaces) {
        if (namespaces.hostPid()) {
            return NamespaceMode.NODE;
        }
        return namespaces.sharedPid() ? NamespaceMode.POD : NamespaceMode.CONTAINER;
    }

    private static SecurityProfile seccomp(SeccompProfile profile) {
        var message = SecurityProfile.newBuilder();
        switch (profile.type()) {
            case "RuntimeDefault" ->
                    message.setProfileType(SecurityProfile.ProfileType.RuntimeDefault);
            case "Unconfined" -> message.setProfileType(SecurityProfile.ProfileType.Unconfined);
            case "Localhost" ->
                    message.setProfileType(SecurityProfile.ProfileType.Localhost)
                            .setLocalhostRef(profile.localhostProfile());
            default ->
                    throw new IllegalArgumentException(
                            "seccompProfile: type \""
                                    + profile.type()
                                    + "\" is not RuntimeDefault, Unconfined or Localhost");
        }
        return message.build();
    }

    static ContainerConfig container(SandboxSpec sandbox, ContainerSpec spec) {
        var config =
                ContainerConfig.newBuilder()
                        .setMetadata(
                                ContainerMetadata.newBuilder()
                                        .setName(spec.name())
                                        .setAttempt(spec.attempt()))
                        .setImage(
                                ImageSpec.newBuilder()
                                        .setImage(spec.imageRef())
                                        .setUserSpecifiedImage(spec.image()))
                        .addAllCommand(spec.command())
                        .addAllArgs(spec.args())
                        .setWorkingDir(spec.workingDir())
                        .putAllLabels(labels(sandbox, spec))
                        .putAllAnnotations(spec.annotations())
                        .setLogPath(spec.logPath())
                        .setStdin(spec.stdin())
                        .setStdinOnce(spec.stdinOnce())
                        .setTty(spec.tty())
                        .setStopSignal(signal(spec.stopSignal()))
                        .setLinux(
                                LinuxContainerConfig.newBuilder()
                                        .setResources(resources(spec.resources()))
                                        .setSecurityContext(security(sandbox, spec.security())));
        spec.env()
                .forEach(
                        (key, value) ->
                                config.addEnvs(KeyValue.newBuilder().setKey(key).setValue(value)));
        for (var mount : spec.mounts()) {
            config.addMounts(
                    Mount.newBuilder()
                            .setContainerPath(mount.containerPath())
                            .setHostPath(mount.hostPath())
                            .setReadonly(mount.readOnly())
                            .setPropagation(propagation(mount.propagation())));
        }
        return config.build();
    }

    /// Older runtimes do not know the field and skip it; see [ContainerStops].
    private static Signal signal(String name) {
        return name.isEmpty()
                ? Signal.SIGNAL_RUNTIME_DEFAULT
                : Signal.valueOf("SIGNAL_" + name.replace("+", "PLUS").replace("-", "MINUS"));
    }

    private static MountPropagation propagation(String name) {
        return switch (name) {
            case "None" -> MountPropagation.PROPAGATION_PRIVATE;
            case "HostToContainer" -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
            case "Bidirectional" -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
            default ->
                    throw new IllegalArgumentException(
                            "mountPropagation \""
                                    + name
                                    + "\" is not None, HostToContainer or Bidirectional");
        };
    }

    private static LinuxContainerResources resources(ContainerSpec.Resources resources) {
        return LinuxContainerResources.newBuilder()
                .setCpuShares(resources.cpuShares())
                .setCpuQuota(resources.cpuQuotaMicros())
                .setCpuPeriod(resources.cpuPeriodMicros())
                .setMemoryLimitInBytes(resources.memoryLimitBytes())
                .setOomScoreAdj(resources.oomScoreAdj())
                .build();
    }

    private static LinuxContainerSecurityContext security(
            SandboxSpec sandbox, ContainerSpec.Security security) {
        var context =
                LinuxContainerSecurityContext.newBuilder()
                        .setCapabilities(
                                Capability.newBuilder()
                                        .addAllAddCapabilities(security.addCapabilities())
                                        .addAllDropCapabilities(security.dropCapabilities()))
                        .setPrivileged(security.privileged())
                        .setNamespaceOptions(namespaces(sandbox.namespaces()))
                        .setRunAsUsername(security.runAsUserName())
                        .setReadonlyRootfs(security.readOnlyRootFilesystem())
                        .addAllSupplementalGroups(security.supplementalGroups())
                        .setNoNewPrivs(security.noNewPrivileges())
                        .setSeccomp(seccomp(security.seccompProfile()));
        var user = security.runAsUser();
        if (user != null) {
            context.setRunAsUser(Int64Value.newBuilder().setValue(user));
        }
        var group = security.runAsGroup();
        if (group != null) {
            context.setRunAsGroup(Int64Value.newBuilder().setValue(group));
        }
        if (!security.privileged()) {
            context.addAllMaskedPaths(MASKED_PATHS).addAllReadonlyPaths(READ_ONLY_PATHS);
        }
        return context.build();
    }

    private static Map<String, String> labels(SandboxSpec sandbox, ContainerSpec container) {
        var labels = labels(sandbox, container.labels());
        labels.put(PodLabels.CONTAINER_NAME, container.name());
        return labels;
    }

    private static Map<String, String> labels(SandboxSpec sandbox, Map<String, String> given) {
        var labels = new LinkedHashMap<>(given);
        labels.put(PodLabels.POD_NAME, sandbox.name());
        labels.put(PodLabels.POD_NAMESPACE, sandbox.namespace());
        labels.put(PodLabels.POD_UID, sandbox.uid());
        return labels;
    }

    static AuthConfig credential(RegistryCredential credential) {
        var auth = AuthConfig.newBuilder();
        ifGiven(credential.username(), auth::setUsername);
        ifGiven(credential.password(), auth::setPassword);
        ifGiven(credential.auth(), auth::setAuth);
        ifGiven(credential.identityToken(), auth::setIdentityToken);
        ifGiven(credential.serverAddress(), auth::setServerAddress);
        return auth.build();
    }

    private static void ifGiven(@Nullable String value, Consumer<String> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }
}
