// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.SandboxSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A runtime in virtual time without a kubelet: a test starts containers and asks them.
final class Play {
    final World world = new World(1);
    final ScriptedRuntime runtime = new ScriptedRuntime(world);
    final ScriptedProber prober = new ScriptedProber(world, runtime, "192.168.0.10");
    private String sandbox = "";
    private String ip = "";

    /// Starts the container `name` of the pod `web`; returns its id.
    String start(String name) {
        if (sandbox.isEmpty()) {
            var running =
                    (RuntimeReply.SandboxRunning)
                            call(new RuntimeCall.RunPodSandbox(sandboxSpec(0)));
            sandbox = running.sandboxId();
            ip = running.ips().getFirst();
        }
        var created =
                (RuntimeReply.ContainerCreated)
                        call(
                                new RuntimeCall.CreateContainer(
                                        sandbox, sandboxSpec(0), containerSpec(name, 0)));
        call(new RuntimeCall.StartContainer(created.containerId()));
        return created.containerId();
    }

    /// The address of the pod.
    String ip() {
        return ip;
    }

    RuntimeReply exec(String id, Duration timeout, String... command) {
        return call(new RuntimeCall.ExecSync(id, List.of(command), timeout));
    }

    /// Waits for the answer in virtual time, a millisecond at a time.
    RuntimeReply call(RuntimeCall call) {
        var replies = new ArrayList<RuntimeReply>();
        runtime.perform(call, replies::add);
        for (int i = 0; i < 200_000 && replies.isEmpty(); i++) {
            world.advance(Duration.ofMillis(1));
        }
        if (replies.size() != 1) {
            throw new AssertionError(call + " was answered by " + replies);
        }
        return replies.getFirst();
    }

    static SandboxSpec sandboxSpec(int attempt) {
        return new SandboxSpec(
                "web",
                "default",
                "uid",
                attempt,
                "web",
                "/var/log/pods/web",
                new SandboxSpec.Dns(List.of(), List.of(), List.of()),
                List.of(),
                Map.of(),
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

    static ContainerSpec containerSpec(String name, int attempt) {
        return new ContainerSpec(
                name,
                attempt,
                name + ":1",
                "sha256:1",
                List.of(),
                List.of(),
                "",
                Map.of(),
                List.of(),
                Map.of(),
                Map.of(),
                name + ".log",
                false,
                false,
                false,
                new ContainerSpec.Resources(0, 0, 0, 64 << 20, 0),
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
}
