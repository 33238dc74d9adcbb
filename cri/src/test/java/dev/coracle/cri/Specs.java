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
                        SandboxSpec.SeccompProfile.UNCONFINED),
                "");
    }

    static ContainerSpec withMount(ContainerSpec spec, ContainerSpec.Mount mount) {
        var mounts = new ArrayList<>(spec.mounts());
        mounts.add(mount);
        return copy(spec, spec.command(), mounts, spec.annotations(), spec.resources());
    }

    static ContainerSpec withAnnotations(ContainerSpec spec, Map<String, String> annotations) {
        return copy(spec, spec.command(), spec.mounts(), annotations, spec.resources());
    }

    static ContainerSpec withMemory(ContainerSpec spec, long bytes) {
        var resources = new ContainerSpec.Resources(102, 0, 100_000, bytes, 1000);
        return copy(spec, spec.command(), spec.mounts(), spec.annotations(), resources);
    }

    static ContainerSpec withCommand(ContainerSpec spec, List<String> command) {
        return copy(spec, command, spec.mounts(), spec.annotations(), spec.resources());
    }

    private static ContainerSpec copy(
            ContainerSpec spec,
            List<String> command,
            List<ContainerSpec.Mount> mounts,
            Map<String, String> annotations,
            ContainerSpec.Resources resources) {
        return new ContainerSpec(
                spec.name(),
                spec.attempt(),
                spec.image(),
                spec.imageRef(),
                command,
                spec.args(),
                spec.workingDir(),
                spec.env(),
                mounts,
                spec.labels(),
                annotations,
                spec.logPath(),
                spec.stdin(),
                spec.stdinOnce(),
                spec.tty(),
                resources,
                spec.security(),
                spec.stopSignal());
    }
}
