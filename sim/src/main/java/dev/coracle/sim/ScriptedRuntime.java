// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import dev.coracle.core.kubelet.SandboxSpec;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.ImageScript;
import dev.coracle.sim.script.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
    private final List<Script.Part> parts = new ArrayList<>();
    private final Map<String, ImageScript> imageScripts = new LinkedHashMap<>();
    private final Map<String, Integer> failedPulls = new LinkedHashMap<>();
    private final Set<String> pulled = new LinkedHashSet<>();
    private final Set<String> assumptions = new LinkedHashSet<>();
    private Faults faults = Faults.NONE;
    private boolean steady;
    private Consumer<Happening> observer = _ -> {};
    private Function<ObjectKey, JsonObject> pods = _ -> JsonObject.EMPTY;

    public ScriptedRuntime(World world) {
        this.world = world;
        this.random = world.random();
        this.node = new Node(world, this::notice, happening -> observer.accept(happening));
    }

    /// How the runs of containers called `name` go, in every pod; the last script repeats.
    public void container(String name, ContainerScript... runs) {
        parts.removeIf(part -> part.pod().equals("*") && part.container().equals(name));
        parts.add(new Script.Part("*", name, new ContainerScript.Runs(List.of(runs))));
    }

    /// What containers and images do. A container follows the part that names its pod most exactly.
    public void script(Script script) {
        parts.addAll(script.containers());
        imageScripts.putAll(script.images());
    }

    /// Tells `watcher` what happens in the containers; `lookup` finds a pod by its name, an empty
    /// object when there is none, so that it can be said which probe a command is of.
    public void observe(Consumer<Happening> watcher, Function<ObjectKey, JsonObject> lookup) {
        observer = watcher;
        pods = lookup;
    }

    /// From now on every call takes exactly its usual time.
    public void steady() {
        steady = true;
    }

    /// What was taken as given because no script says otherwise, in the order in which it mattered.
    public List<String> assumptions() {
        return List.copyOf(assumptions);
    }

    void assume(String what) {
        assumptions.add(what);
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
        var delay = jitter(duration(call)).plus(faults.lateness(random));
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

    private Duration jitter(Duration usual) {
        if (steady) {
            return usual;
        }
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
            case RuntimeCall.CreateContainer(var sandbox, var pod, var spec) ->
                    reply.accept(
                            node.create(sandbox, spec, script(pod, spec.name(), spec.attempt())));
            case RuntimeCall.StartContainer(var id) -> reply.accept(node.start(id));
            case RuntimeCall.StopContainer(var id, var grace, _) ->
                    node.stop(id, grace, () -> reply.accept(new RuntimeReply.Done()));
            case RuntimeCall.RemoveContainer(var id) -> reply.accept(node.remove(id));
            case RuntimeCall.InspectPod(var uid) ->
                    reply.accept(new RuntimeReply.Pod(node.inspect(uid)));
            case RuntimeCall.ListPods() -> reply.accept(new RuntimeReply.Pods(node.list()));
            case RuntimeCall.ExecSync exec -> exec(exec, reply);
        }
    }

    private ContainerScript script(SandboxSpec pod, String container, int attempt) {
        Script.@Nullable Part best = null;
        for (var part : parts) {
            if (part.covers(pod.name(), container)
                    && (best == null || exactness(part) > exactness(best))) {
                best = part;
            }
        }
        if (best == null) {
            var key = new ObjectKey(pod.namespace(), pod.name());
            assume(Happening.name(key) + "/" + container + " runs until it is stopped");
            return ContainerScript.runs();
        }
        return best.runs().run(attempt);
    }

    private static int exactness(Script.Part part) {
        boolean whole = !part.pod().contains("*");
        return whole ? Integer.MAX_VALUE : part.pod().length();
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

    /// Runs a command, for `timeout` at most; zero is for ever. The words are containerd's.
    private void exec(RuntimeCall.ExecSync exec, Consumer<RuntimeReply> reply) {
        var container = node.container(exec.containerId());
        if (container == null || !container.running()) {
            reply.accept(new Failed(Failed.Kind.NOT_FOUND, "container is not running"));
            return;
        }
        var answer = new Answer(exec, container, reply);
        var shell = shell(container);
        if (!exec.timeout().isZero()) {
            world.in(exec.timeout(), () -> answer.timedOut(shell));
        }
        shell.run(
                exec.command(),
                result ->
                        answer.give(
                                new RuntimeReply.ExecResult(result.exitCode(), result.output())));
    }

    private Shell shell(PretendedContainer container) {
        return new Shell(
                world,
                container,
                command -> assume("%s \"%s\" exits with 0".formatted(container.run(), command)));
    }

    /// The one answer that a command gets.
    private final class Answer {
        private final RuntimeCall.ExecSync exec;
        private final PretendedContainer container;
        private final Consumer<RuntimeReply> reply;
        private boolean given;

        Answer(
                RuntimeCall.ExecSync exec,
                PretendedContainer container,
                Consumer<RuntimeReply> reply) {
            this.exec = exec;
            this.container = container;
            this.reply = reply;
        }

        void give(RuntimeReply result) {
            if (given) {
                return;
            }
            given = true;
            var pod = container.sandbox.pod();
            var name = container.spec.name();
            observer.accept(
                    new Happening.Answered(
                            world.instant(),
                            pod,
                            name,
                            Questions.purpose(pods.apply(pod), name, exec.command()),
                            "exec " + String.join(" ", exec.command()),
                            Brief.said(result)));
            reply.accept(result);
        }

        void timedOut(Shell shell) {
            if (!given) {
                shell.abandon();
                give(
                        new Failed(
                                Failed.Kind.TIMEOUT,
                                "rpc error: code = DeadlineExceeded desc = failed to exec in"
                                        + " container: timeout "
                                        + exec.timeout().toSeconds()
                                        + "s exceeded: context deadline exceeded"));
            }
        }
    }

    // ---- from outside

    /// As `kubectl exec`: `then` is told what came of it, at once unless the command takes time.
    void exec(ObjectKey pod, String name, List<String> command, Consumer<Shell.Result> then) {
        node.find(pod, name)
                .ifPresentOrElse(
                        container -> shell(container).run(command, then),
                        () -> then.accept(new Shell.Result(1, "container is not running")));
    }

    /// Ends a container as if it had done so by itself. Returns whether one runs.
    boolean endByItself(ObjectKey pod, String name, int exitCode) {
        return node.endByItself(pod, name, exitCode);
    }

    Node node() {
        return node;
    }

    private void notice(String podUid) {
        int times = chance(faults.twice()) ? 2 : 1;
        for (int i = 0; i < times; i++) {
            var delay = Duration.ofMillis(1).plus(faults.lateness(random));
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
