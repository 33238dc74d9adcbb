// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import dev.coracle.core.kubelet.SandboxSpec;
import dev.coracle.sim.script.ContainerScript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The sandboxes and containers of a pretended machine: what is there, without calls and faults.
final class Node {
    private static final Duration START = Duration.ofMillis(49);

    private final World world;
    private final Consumer<String> onChange;
    private final Consumer<Happening> observer;
    private final Map<String, PretendedSandbox> sandboxes = new LinkedHashMap<>();
    private final Map<String, PretendedContainer> containers = new LinkedHashMap<>();
    private int made;

    Node(World world, Consumer<String> onChange, Consumer<Happening> observer) {
        this.world = world;
        this.onChange = onChange;
        this.observer = observer;
    }

    RuntimeReply runSandbox(SandboxSpec spec) {
        for (var other : sandboxes.values()) {
            if (other.spec.uid().equals(spec.uid()) && other.spec.attempt() == spec.attempt()) {
                return reserved(spec.name() + "_" + spec.attempt(), other.id);
            }
        }
        made++;
        var ip = "10.0.%d.%d".formatted(made / 250, made % 250 + 2);
        var sandbox = new PretendedSandbox("sandbox-" + made, spec, world.instant(), ip, observer);
        sandboxes.put(sandbox.id, sandbox);
        onChange.accept(spec.uid());
        return new RuntimeReply.SandboxRunning(sandbox.id, sandbox.ips());
    }

    private static Failed reserved(String name, String id) {
        return new Failed(
                Failed.Kind.ALREADY_EXISTS,
                "failed to reserve name \"%s\": it is reserved for \"%s\"".formatted(name, id));
    }

    private static Failed notFound(String what, String id) {
        return new Failed(Failed.Kind.NOT_FOUND, "%s \"%s\": not found".formatted(what, id));
    }

    RuntimeReply stopSandbox(String id) {
        var sandbox = sandboxes.get(id);
        if (sandbox != null) {
            kill(sandbox);
        }
        return new RuntimeReply.Done();
    }

    private void kill(PretendedSandbox sandbox) {
        boolean lived = sandbox.die();
        List.copyOf(containers.values()).stream()
                .filter(container -> container.sandbox.id.equals(sandbox.id))
                .forEach(container -> end(container, 137, "Error"));
        if (lived) {
            onChange.accept(sandbox.spec.uid());
        }
    }

    void killSandboxes(String podUid) {
        List.copyOf(sandboxes.values()).stream()
                .filter(sandbox -> sandbox.spec.uid().equals(podUid))
                .forEach(this::kill);
    }

    RuntimeReply removeSandbox(String id) {
        var sandbox = sandboxes.get(id);
        if (sandbox != null) {
            kill(sandbox);
            containers.values().removeIf(container -> container.sandbox.id.equals(id));
            sandboxes.remove(id);
            onChange.accept(sandbox.spec.uid());
        }
        return new RuntimeReply.Done();
    }

    RuntimeReply create(String sandboxId, ContainerSpec spec, ContainerScript script) {
        var sandbox = sandboxes.get(sandboxId);
        if (sandbox == null) {
            return notFound("sandbox", sandboxId);
        }
        if (!sandbox.ready()) {
            return new Failed(
                    Failed.Kind.REFUSED, "sandbox \"%s\" is not ready".formatted(sandboxId));
        }
        for (var other : containers.values()) {
            if (other.sandbox.spec.uid().equals(sandbox.spec.uid())
                    && other.spec.name().equals(spec.name())
                    && other.spec.attempt() == spec.attempt()) {
                return reserved(spec.name() + "_" + spec.attempt(), other.id);
            }
        }
        var container = new PretendedContainer("container-" + ++made, sandbox, spec, script, world);
        containers.put(container.id, container);
        onChange.accept(sandbox.spec.uid());
        return new RuntimeReply.ContainerCreated(container.id);
    }

    Duration startDelay(String id) {
        var container = containers.get(id);
        return container == null ? START : START.plus(container.script.startDelay());
    }

    RuntimeReply start(String id) {
        var container = containers.get(id);
        if (container == null) {
            return notFound("container", id);
        }
        if (container.state() != State.CREATED) {
            return new Failed(
                    Failed.Kind.REFUSED,
                    "container \"%s\" is in state %s".formatted(id, container.state()));
        }
        if (!container.sandbox.ready()) {
            return new Failed(Failed.Kind.REFUSED, "its sandbox is not ready");
        }
        if (container.script.ending() instanceof ContainerScript.Ending.StartFails(var message)) {
            container.failedToStart(message);
            onChange.accept(container.sandbox.spec.uid());
            container.ended();
            return new Failed(Failed.Kind.REFUSED, message);
        }
        requireAlone(container);
        container.start();
        planEnd(container);
        onChange.accept(container.sandbox.spec.uid());
        return new RuntimeReply.Done();
    }

    /// Two containers of one name must never run in one pod: they would share its volumes.
    private void requireAlone(PretendedContainer starting) {
        for (var other : containers.values()) {
            if (other.running()
                    && other.sandbox.spec.uid().equals(starting.sandbox.spec.uid())
                    && other.spec.name().equals(starting.spec.name())) {
                throw new BrokenInvariant("%s starts while %s runs".formatted(starting, other));
            }
        }
    }

    private void planEnd(PretendedContainer container) {
        long limit = container.spec.resources().memoryLimitBytes();
        switch (container.script.endingWithin(limit)) {
            case ContainerScript.Ending.Exits(int code, var after) ->
                    world.foresee(after, () -> end(container, code, reason(code)));
            case ContainerScript.Ending.OutOfMemory(var after) ->
                    world.foresee(after, () -> end(container, 137, "OOMKilled"));
            case ContainerScript.Ending.Never(), ContainerScript.Ending.StartFails _ -> {}
        }
    }

    private static String reason(int exitCode) {
        return exitCode == 0 ? "Completed" : "Error";
    }

    /// Does nothing to a container that has ended already.
    private void end(PretendedContainer container, int exitCode, String reason) {
        if (containers.containsKey(container.id) && container.end(exitCode, reason)) {
            onChange.accept(container.sandbox.spec.uid());
            container.ended();
        }
    }

    /// Ends a container that runs, as if it had done so by itself. Returns whether one did.
    boolean endByItself(ObjectKey pod, String name, int exitCode) {
        var container = find(pod, name);
        container.ifPresent(running -> end(running, exitCode, reason(exitCode)));
        return container.isPresent();
    }

    /// Calls `done` when the container has ended, also when it is gone.
    void stop(String id, Duration grace, Runnable done) {
        var container = containers.get(id);
        if (container == null || container.state() == State.EXITED) {
            done.run();
            return;
        }
        container.onEnd(done);
        if (container.state() == State.CREATED) {
            end(container, 0, "Completed");
            return;
        }
        if (container.script.onTerm()
                instanceof ContainerScript.OnTerm.Exits(int code, var after)) {
            world.foresee(after, () -> end(container, code, reason(code)));
        }
        world.in(grace, () -> end(container, 137, "Error"));
    }

    RuntimeReply remove(String id) {
        var container = containers.get(id);
        if (container != null) {
            end(container, 137, "Error");
            containers.remove(id);
            onChange.accept(container.sandbox.spec.uid());
        }
        return new RuntimeReply.Done();
    }

    /// Null when there is none.
    @Nullable PretendedContainer container(String id) {
        return containers.get(id);
    }

    /// The running container of that name.
    Optional<PretendedContainer> find(ObjectKey pod, String name) {
        return containers.values().stream()
                .filter(PretendedContainer::running)
                .filter(c -> c.sandbox.pod().equals(pod) && c.spec.name().equals(name))
                .findFirst();
    }

    /// The sandboxes whose containers listen on an address.
    List<PretendedSandbox> sandboxesAt(String host, String nodeIp) {
        return sandboxes.values().stream().filter(s -> s.answersAt(host, nodeIp)).toList();
    }

    Stream<PretendedContainer> runningIn(PretendedSandbox sandbox) {
        return containers.values().stream()
                .filter(c -> c.running() && c.sandbox.id.equals(sandbox.id));
    }

    /// Those that have ended, too.
    Stream<PretendedContainer> allIn(PretendedSandbox sandbox) {
        return containers.values().stream().filter(c -> c.sandbox.id.equals(sandbox.id));
    }

    RuntimeReply.RuntimePod inspect(String uid) {
        var ofPod = sandboxes.values().stream().filter(s -> s.spec.uid().equals(uid)).toList();
        return new RuntimeReply.RuntimePod(
                uid,
                ofPod.isEmpty() ? "" : ofPod.getFirst().spec.namespace(),
                ofPod.isEmpty() ? "" : ofPod.getFirst().spec.name(),
                ofPod.reversed().stream().map(PretendedSandbox::status).toList(),
                new ArrayList<>(containers.values())
                        .reversed().stream()
                                .filter(c -> c.sandbox.spec.uid().equals(uid))
                                .map(PretendedContainer::status)
                                .toList());
    }

    List<RuntimeReply.RuntimePod> list() {
        return sandboxes.values().stream()
                .map(sandbox -> sandbox.spec.uid())
                .distinct()
                .map(this::inspect)
                .toList();
    }

    List<String> running() {
        return containers.values().stream()
                .filter(PretendedContainer::running)
                .map(c -> c.sandbox.spec.name() + "/" + c.spec.name())
                .sorted()
                .toList();
    }

    int held() {
        return sandboxes.size() + containers.size();
    }
}
