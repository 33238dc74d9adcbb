// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.disk.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// A private containerd in directories of its own, with the stand-in images, for one test class.
final class Bench {
    static final String SANDBOX_IMAGE = "registry.k8s.io/pause:3.10";
    static final String TOOLBOX = "docker.io/library/busybox:latest";
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(5);
    private static final AtomicInteger NETWORKS = new AtomicInteger();

    private final Path directory;
    private final Installation installation;
    private final ContainerdConfig config;
    private PrivateContainerd containerd;

    private Bench(
            Path directory,
            Installation installation,
            ContainerdConfig config,
            PrivateContainerd containerd) {
        this.directory = directory;
        this.installation = installation;
        this.config = config;
        this.containerd = containerd;
    }

    static Bench start() throws Exception {
        return start(null);
    }

    static Bench start(@Nullable URI mirror) throws Exception {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "containers need root");
        var installation = installationOrSkip();
        // Sockets have short paths: not below target/.
        var directory = Files.createTempDirectory(Path.of("/tmp"), "coracle-cri-");
        int network = NETWORKS.getAndIncrement();
        var config =
                new ContainerdConfig(
                        directory.resolve("data"),
                        directory.resolve("run"),
                        "test",
                        "10." + (180 + network) + ".0.0/16",
                        "10.113." + network + ".0/24",
                        SANDBOX_IMAGE,
                        mirror);
        var containerd = PrivateContainerd.start(config, installation);
        var bench = new Bench(directory, installation, config, containerd);
        containerd.provideStandIns(List.of(TOOLBOX));
        return bench;
    }

    private static Installation installationOrSkip() {
        try {
            return Installation.find(System.getenv("PATH"));
        } catch (IOException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    PrivateContainerd containerd() {
        return containerd;
    }

    CriRuntime runtime() {
        return containerd.runtime();
    }

    ContainerdConfig config() {
        return config;
    }

    Path directory() {
        return directory;
    }

    Path logs(String pod) throws IOException {
        return Files.createDirectories(directory.resolve("logs").resolve(pod));
    }

    /// Lets go of containerd and takes it over again, as a Coracle does that was killed.
    void startAnew() throws Exception {
        containerd.close();
        containerd = PrivateContainerd.start(config, installation);
    }

    /// Performs the call, which must be answered so.
    static <T extends RuntimeReply> T expect(
            CriRuntime runtime, Class<T> expected, RuntimeCall call) {
        var reply = runtime.perform(call);
        if (!expected.isInstance(reply)) {
            throw new AssertionError(call + " was answered " + reply);
        }
        return expected.cast(reply);
    }

    /// A pod with one container in it, started.
    record Pod(String uid, String sandboxId, String containerId) {}

    Pod run(String name, String script) throws IOException {
        var sandbox = Specs.sandbox(name, logs(name));
        var sandboxId =
                expect(
                                runtime(),
                                RuntimeReply.SandboxRunning.class,
                                new RuntimeCall.RunPodSandbox(sandbox))
                        .sandboxId();
        var containerId =
                expect(
                                runtime(),
                                RuntimeReply.ContainerCreated.class,
                                new RuntimeCall.CreateContainer(
                                        sandboxId, sandbox, Specs.shell("main", TOOLBOX, script)))
                        .containerId();
        expect(runtime(), RuntimeReply.Done.class, new RuntimeCall.StartContainer(containerId));
        return new Pod(sandbox.uid(), sandboxId, containerId);
    }

    RuntimeReply.RuntimePod inspect(Pod pod) {
        return expect(runtime(), RuntimeReply.Pod.class, new RuntimeCall.InspectPod(pod.uid()))
                .pod();
    }

    void remove(Pod pod) {
        runtime().removePod(pod.sandboxId());
    }

    /// Waits until `condition` holds.
    static void await(String what, Callable<Boolean> condition) throws Exception {
        for (long waited = 0; !condition.call(); waited += POLL.toMillis()) {
            if (waited > PATIENCE.toMillis()) {
                throw new AssertionError("waited in vain: " + what);
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    void close() throws Exception {
        containerd.tearDown();
        Trees.delete(directory);
    }
}
