// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/// The floor under pod latency: the CRI calls that a pod needs and nothing else, made by the
/// simplest client, against the same runtime. Likewise for what it takes to see a container's end.
final class CriFloor {
    /// A pause after each question leaves the runtime time for what it is asked about.
    private static final long ASK_NANOS = 1_000_000;

    private final ContainerRuntime runtime;
    private final String image;
    private final Path logs;

    CriFloor(ContainerRuntime runtime, String image, Path logs) {
        this.runtime = runtime;
        this.image = image;
        this.logs = logs;
    }

    /// `count` pods at once, each: sandbox, `initContainers` containers that are run to their end,
    /// one that stays. Then all are stopped and removed, which is not timed.
    PodLatency.Result run(String prefix, int count, int initContainers)
            throws IOException, InterruptedException {
        var toRunning = new Samples();
        var toGone = new Samples();
        var sandboxes = new ArrayList<String>();
        long begin = System.nanoTime();
        atOnce(
                count,
                i -> {
                    long since = System.nanoTime();
                    var sandbox = startPod(sandbox(prefix + "-" + i), initContainers);
                    toRunning.add(Duration.ofNanos(System.nanoTime() - since));
                    synchronized (sandboxes) {
                        sandboxes.add(sandbox);
                    }
                });
        var wall = Duration.ofNanos(System.nanoTime() - begin);
        atOnce(
                count,
                i -> {
                    long since = System.nanoTime();
                    call(new RuntimeCall.StopPodSandbox(sandboxes.get(i)), RuntimeReply.Done.class);
                    toGone.add(Duration.ofNanos(System.nanoTime() - since));
                    call(
                            new RuntimeCall.RemovePodSandbox(sandboxes.get(i)),
                            RuntimeReply.Done.class);
                });
        return new PodLatency.Result(toRunning, toGone, wall);
    }

    /// Starts `pods` sandboxes with `each` containers that stay, and returns the containers' ids.
    List<String> start(String prefix, int pods, int each) throws IOException, InterruptedException {
        var ids = new ArrayList<String>();
        for (int i = 0; i < pods; i++) {
            var spec = sandbox(prefix + "-" + i);
            var sandbox = startSandbox(spec);
            for (int j = 0; j < each; j++) {
                ids.add(start(sandbox, spec, container("app" + j, List.of("sleep", "3600"))));
            }
        }
        return ids;
    }

    /// How long it takes from the end of a container's process, which is brought about from
    /// outside, until the runtime says so to whoever asks all the time.
    Duration end(String name) throws IOException, InterruptedException {
        var spec = sandbox(name);
        var sandbox = startSandbox(spec);
        var id = start(sandbox, spec, container("app", List.of("sleep", "3600")));
        var process = ContainerProcess.of(id);
        long killed = System.nanoTime();
        process.destroyForcibly();
        while (isRunning(spec.uid(), id)) {
            LockSupport.parkNanos(ASK_NANOS);
        }
        var took = Duration.ofNanos(System.nanoTime() - killed);
        call(new RuntimeCall.StopPodSandbox(sandbox), RuntimeReply.Done.class);
        call(new RuntimeCall.RemovePodSandbox(sandbox), RuntimeReply.Done.class);
        return took;
    }

    private String startSandbox(SandboxSpec spec) throws IOException, InterruptedException {
        return call(new RuntimeCall.RunPodSandbox(spec), RuntimeReply.SandboxRunning.class)
                .sandboxId();
    }

    private String startPod(SandboxSpec spec, int initContainers)
            throws IOException, InterruptedException {
        var sandbox = startSandbox(spec);
        for (int i = 0; i < initContainers; i++) {
            var id = start(sandbox, spec, container("init" + i, List.of("true")));
            while (isRunning(spec.uid(), id)) {
                Thread.onSpinWait();
            }
        }
        start(sandbox, spec, container("app", List.of("sleep", "3600")));
        return sandbox;
    }

    private boolean isRunning(String uid, String containerId)
            throws IOException, InterruptedException {
        var pod = call(new RuntimeCall.InspectPod(uid), RuntimeReply.Pod.class).pod();
        return pod.containers().stream()
                .anyMatch(
                        container ->
                                container.id().equals(containerId)
                                        && container.state()
                                                != RuntimeReply.ContainerStatus.State.EXITED);
    }

    private String start(String sandbox, SandboxSpec spec, ContainerSpec container)
            throws IOException, InterruptedException {
        var id =
                call(
                                new RuntimeCall.CreateContainer(sandbox, spec, container),
                                RuntimeReply.ContainerCreated.class)
                        .containerId();
        call(new RuntimeCall.StartContainer(id), RuntimeReply.Done.class);
        return id;
    }

    private <R extends RuntimeReply> R call(RuntimeCall call, Class<R> expected)
            throws IOException, InterruptedException {
        var reply = new CompletableFuture<RuntimeReply>();
        runtime.perform(call, reply::complete);
        try {
            var got = reply.get();
            if (!expected.isInstance(got)) {
                throw new IOException("%s came to %s".formatted(call, got));
            }
            return expected.cast(got);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private interface Step {
        void run(int index) throws IOException, InterruptedException;
    }

    private static void atOnce(int count, Step step) throws IOException, InterruptedException {
        var steps = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < count; i++) {
            int index = i;
            steps.add(
                    () -> {
                        step.run(index);
                        return index;
                    });
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : threads.invokeAll(steps)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private SandboxSpec sandbox(String name) {
        return new SandboxSpec(
                name,
                "floor",
                name,
                0,
                name,
                logs.resolve(name).toString(),
                new SandboxSpec.Dns(List.of(), List.of(), List.of()),
                List.of(),
                Map.of("io.kubernetes.pod.uid", name, "io.kubernetes.pod.name", name),
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

    private ContainerSpec container(String name, List<String> command) {
        return new ContainerSpec(
                name,
                0,
                image,
                image,
                command,
                List.of(),
                "",
                Map.of(),
                List.of(),
                Map.of("io.kubernetes.container.name", name),
                Map.of(),
                name + ".log",
                false,
                false,
                false,
                new ContainerSpec.Resources(0, 0, 0, 0, 0),
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
