// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// A container runtime whose containers follow scripts, in virtual time.
///
/// Calls take about as long as containerd's. What is not scripted is on the node, starts and runs
/// until it is stopped. Names are reserved as containerd does it: a sandbox or container of the
/// same name and attempt cannot be made twice while the first is there.
public final class ScriptedRuntime implements ContainerRuntime {
    /// After which a lost call is given up, as the kubelet's `runtimeRequestTimeout`.
    /// <https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/>
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final World world;
    private final SplittableRandom random;
    private final Node node;
    private final List<Consumer<RuntimeEvent>> sinks = new ArrayList<>();
    private final Map<String, ContainerScript.Runs> containerScripts = new LinkedHashMap<>();
    private final Map<String, ImageScript> imageScripts = new LinkedHashMap<>();
    private final Map<String, Integer> failedPulls = new LinkedHashMap<>();
    private final Set<String> pulled = new LinkedHashSet<>();
    private Faults faults = Faults.NONE;

    public ScriptedRuntime(World world) {
        this.world = world;
        this.random = world.random();
        this.node = new Node(world, this::notice);
    }

    /// How the runs of containers called `name` go, in every pod; the last script repeats.
    public void container(String name, ContainerScript... runs) {
        containerScripts.put(name, new ContainerScript.Runs(List.of(runs)));
    }

    public void image(String name, ImageScript script) {
        imageScripts.put(name, script);
    }

    public void faults(Faults newFaults) {
        faults = newFaults;
    }

    /// The sandbox of a pod dies, and everything in it.
    public void killSandbox(String podUid) {
        node.killSandboxes(podUid);
    }

    /// Names of the containers that run, as `podName/containerName`, sorted.
    public List<String> running() {
        return node.running();
    }

    /// How many sandboxes and containers there are, running or not.
    public int held() {
        return node.held();
    }

    @Override
    public void perform(RuntimeCall call, Consumer<RuntimeReply> reply) {
        boolean lost = chance(faults.lost());
        boolean takesEffect = !lost || random.nextBoolean();
        boolean refused = chance(faults.refused());
        var delay = jitter(duration(call)).plus(lateness());
        if (refused) {
            world.in(
                    delay,
                    () -> answer(call, new Failed(Failed.Kind.UNAVAILABLE, "unavailable"), reply));
        } else if (lost) {
            if (takesEffect) {
                world.in(delay, () -> act(call, _ -> {}));
            }
            var timeout = new Failed(Failed.Kind.TIMEOUT, "context deadline exceeded");
            world.in(TIMEOUT, () -> answer(call, timeout, reply));
        } else {
            world.in(delay, () -> act(call, result -> answer(call, result, reply)));
        }
    }

    private void answer(RuntimeCall call, RuntimeReply result, Consumer<RuntimeReply> reply) {
        world.note("runtime " + Brief.of(call) + " -> " + Brief.of(result));
        reply.accept(result);
    }

    private boolean chance(double rate) {
        return random.nextDouble() < rate;
    }

    private Duration lateness() {
        boolean late = chance(faults.late());
        double share = random.nextDouble();
        return late
                ? Duration.ofNanos((long) (faults.maxDelay().toNanos() * share))
                : Duration.ZERO;
    }

    private Duration jitter(Duration usual) {
        return Duration.ofNanos((long) (usual.toNanos() * (0.75 + random.nextDouble() / 2)));
    }

    private Duration duration(RuntimeCall call) {
        return switch (call) {
            case RuntimeCall.RunPodSandbox _ -> Duration.ofMillis(82);
            case RuntimeCall.StopPodSandbox _ -> Duration.ofMillis(96);
            case RuntimeCall.RemovePodSandbox _ -> Duration.ofMillis(10);
            case RuntimeCall.ImageStatus _ -> Duration.ofMillis(1);
            case RuntimeCall.PullImage(var image, _, _) -> script(image).pullTime();
            case RuntimeCall.CreateContainer _ -> Duration.ofMillis(7);
            case RuntimeCall.StartContainer(var id) -> node.startDelay(id);
            case RuntimeCall.StopContainer _ -> Duration.ofMillis(5);
            case RuntimeCall.RemoveContainer _ -> Duration.ofMillis(10);
            case RuntimeCall.InspectPod _, RuntimeCall.ListPods _ -> Duration.ofMillis(2);
            case RuntimeCall.ExecSync _ -> Duration.ofMillis(32);
        };
    }

    private void act(RuntimeCall call, Consumer<RuntimeReply> reply) {
        switch (call) {
            case RuntimeCall.RunPodSandbox(var spec) -> reply.accept(node.runSandbox(spec));
            case RuntimeCall.StopPodSandbox(var id) -> reply.accept(node.stopSandbox(id));
            case RuntimeCall.RemovePodSandbox(var id) -> reply.accept(node.removeSandbox(id));
            case RuntimeCall.ImageStatus(var image) -> reply.accept(imageStatus(image));
            case RuntimeCall.PullImage(var image, _, _) -> reply.accept(pull(image));
            case RuntimeCall.CreateContainer(var sandbox, _, var spec) ->
                    reply.accept(node.create(sandbox, spec, script(spec.name(), spec.attempt())));
            case RuntimeCall.StartContainer(var id) -> reply.accept(node.start(id));
            case RuntimeCall.StopContainer(var id, var grace) ->
                    node.stop(id, grace, () -> reply.accept(new RuntimeReply.Done()));
            case RuntimeCall.RemoveContainer(var id) -> reply.accept(node.remove(id));
            case RuntimeCall.InspectPod(var uid) ->
                    reply.accept(new RuntimeReply.Pod(node.inspect(uid)));
            case RuntimeCall.ListPods() -> reply.accept(new RuntimeReply.Pods(node.list()));
            case RuntimeCall.ExecSync(var id, _, _) -> reply.accept(exec(id));
        }
    }

    private ContainerScript script(String container, int attempt) {
        var runs = containerScripts.get(container);
        return runs == null ? ContainerScript.runs() : runs.run(attempt);
    }

    private ImageScript script(String image) {
        return imageScripts.getOrDefault(image, ImageScript.onTheNode());
    }

    private RuntimeReply imageStatus(String image) {
        return script(image).present() || pulled.contains(image)
                ? present(image)
                : new RuntimeReply.ImageAbsent();
    }

    private RuntimeReply pull(String image) {
        var script = script(image);
        int failed = failedPulls.getOrDefault(image, 0);
        if (script.failures() < 0 || failed < script.failures()) {
            failedPulls.put(image, failed + 1);
            return new Failed(Failed.Kind.REFUSED, script.failure());
        }
        pulled.add(image);
        return present(image);
    }

    private static RuntimeReply present(String image) {
        return new RuntimeReply.Image(
                "sha256:" + Integer.toHexString(image.hashCode()),
                image + "@sha256:" + Integer.toHexString(image.hashCode()),
                1_000_000,
                new RuntimeReply.ImageUser(null, ""),
                "");
    }

    private RuntimeReply exec(String containerId) {
        return node.stateOf(containerId) == State.RUNNING
                ? new RuntimeReply.ExecResult(0, "")
                : new Failed(Failed.Kind.NOT_FOUND, "container is not running");
    }

    private void notice(String podUid) {
        int times = chance(faults.twice()) ? 2 : 1;
        for (int i = 0; i < times; i++) {
            var delay = Duration.ofMillis(1).plus(lateness());
            world.in(delay, () -> sinks.forEach(sink -> sink.accept(new RuntimeEvent(podUid))));
        }
    }

    @Override
    public AutoCloseable watch(Consumer<RuntimeEvent> sink) {
        sinks.add(sink);
        return () -> sinks.remove(sink);
    }

    @Override
    public void close() {
        sinks.clear();
    }
}
