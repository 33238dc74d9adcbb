// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.SandboxSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A plain pod and plain containers, to be changed by one call per difference.
final class Specs {
    private Specs() {}

    static SandboxSpec sandbox(String name, Path logs) {
        return new SandboxSpec(
                name,
                "default",
                "uid-" + name,
                0,
                name,
                logs.toString(),
                new SandboxSpec.Dns(List.of("192.0.2.53"), List.of("example.test"), List.of()),
                List.of(),
                Map.of("app", name),
                Map.of(),
                "",
                new SandboxSpec.Namespaces(false, false, false, false),
                Map.of(),
                null,
                null,
                List.of(),
                SandboxSpec.SeccompProfile.UNCONFINED,
                false);
    }

    static SandboxSpec withHostPort(SandboxSpec spec, int port) {
        return new SandboxSpec(
                spec.name(),
                spec.namespace(),
                spec.uid(),
                spec.attempt(),
                spec.hostname(),
                spec.logDirectory(),
                spec.dns(),
                List.of(new SandboxSpec.PortMapping("TCP", port, port, "")),
                spec.labels(),
                spec.annotations(),
                spec.cgroupParent(),
                spec.namespaces(),
                spec.sysctls(),
                spec.runAsUser(),
                spec.runAsGroup(),
                spec.supplementalGroups(),
                spec.seccompProfile(),
                spec.privileged());
    }

    static ContainerSpec shell(String name, String image, String script) {
        return new ContainerSpec(
                name,
                0,
                image,
                image,
                List.of("sh", "-c", script),
                List.of(),
                "",
                Map.of("GREETING", "hello"),
                List.of(),
                Map.of(),
                Map.of(),
                name + ".log",
                false,
                false,
                false,
                new ContainerSpec.Resources(102, 0, 100_000, 0, 1000),
                new ContainerSpec.Security(
                        false,
                        null,
                        null,
                        "",
                        List.of(),
                        false,
                        false,
                        List.of(),
                        List.of(),
                        SandboxSpec.SeccompProfile.UNCONFINED));
    }

    static ContainerSpec withMount(ContainerSpec spec, ContainerSpec.Mount mount) {
        var mounts = new ArrayList<>(spec.mounts());
        mounts.add(mount);
        return new ContainerSpec(
                spec.name(),
                spec.attempt(),
                spec.image(),
                spec.imageRef(),
                spec.command(),
                spec.args(),
                spec.workingDir(),
                spec.env(),
                mounts,
                spec.labels(),
                spec.annotations(),
                spec.logPath(),
                spec.stdin(),
                spec.stdinOnce(),
                spec.tty(),
                spec.resources(),
                spec.security());
    }

    static ContainerSpec withAnnotations(ContainerSpec spec, Map<String, String> annotations) {
        return new ContainerSpec(
                spec.name(),
                spec.attempt(),
                spec.image(),
                spec.imageRef(),
                spec.command(),
                spec.args(),
                spec.workingDir(),
                spec.env(),
                spec.mounts(),
                spec.labels(),
                annotations,
                spec.logPath(),
                spec.stdin(),
                spec.stdinOnce(),
                spec.tty(),
                spec.resources(),
                spec.security());
    }

    static ContainerSpec withMemory(ContainerSpec spec, long bytes) {
        return new ContainerSpec(
                spec.name(),
                spec.attempt(),
                spec.image(),
                spec.imageRef(),
                spec.command(),
                spec.args(),
                spec.workingDir(),
                spec.env(),
                spec.mounts(),
                spec.labels(),
                spec.annotations(),
                spec.logPath(),
                spec.stdin(),
                spec.stdinOnce(),
                spec.tty(),
                new ContainerSpec.Resources(102, 0, 100_000, bytes, 1000),
                spec.security());
    }

    static ContainerSpec withCommand(ContainerSpec spec, List<String> command) {
        return new ContainerSpec(
                spec.name(),
                spec.attempt(),
                spec.image(),
                spec.imageRef(),
                command,
                spec.args(),
                spec.workingDir(),
                spec.env(),
                spec.mounts(),
                spec.labels(),
                spec.annotations(),
                spec.logPath(),
                spec.stdin(),
                spec.stdinOnce(),
                spec.tty(),
                spec.resources(),
                spec.security());
    }
}
