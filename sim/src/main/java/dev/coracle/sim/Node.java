// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import dev.coracle.core.kubelet.SandboxSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The sandboxes and containers of a pretended machine: what is there, without calls and faults.
final class Node {
    private static final Duration START = Duration.ofMillis(49);

    private final World world;
    private final Consumer<String> onChange;
    private final Map<String, Sandbox> sandboxes = new LinkedHashMap<>();
    private final Map<String, Container> containers = new LinkedHashMap<>();
    private int made;

    private static final class Sandbox {
        final String id;
        final SandboxSpec spec;
        final Instant createdAt;
        final String ip;
        boolean ready = true;

        Sandbox(String id, SandboxSpec spec, Instant createdAt, String ip) {
            this.id = id;
            this.spec = spec;
            this.createdAt = createdAt;
            this.ip = ip;
        }
    }

    private static final class Container {
        final String id;
        final Sandbox sandbox;
        final ContainerSpec spec;
        final ContainerScript script;
        final Instant createdAt;
        final List<Runnable> onEnd = new ArrayList<>();
        State state = State.CREATED;
        @Nullable Instant startedAt;
        @Nullable Instant finishedAt;
        int exitCode;
        String reason = "";

        Container(
                String id,
                Sandbox sandbox,
                ContainerSpec spec,
                ContainerScript script,
                Instant createdAt) {
            this.id = id;
            this.sandbox = sandbox;
            this.spec = spec;
            this.script = script;
            this.createdAt = createdAt;
        }
    }

    Node(World world, Consumer<String> onChange) {
        this.world = world;
        this.onChange = onChange;
    }

    RuntimeReply runSandbox(SandboxSpec spec) {
        for (var other : sandboxes.values()) {
            if (other.spec.uid().equals(spec.uid()) && other.spec.attempt() == spec.attempt()) {
                return reserved(spec.name() + "_" + spec.attempt(), other.id);
            }
        }
        made++;
        var ip = "10.0.%d.%d".formatted(made / 250, made % 250 + 2);
        var sandbox = new Sandbox("sandbox-" + made, spec, world.instant(), ip);
        sandboxes.put(sandbox.id, sandbox);
        onChange.accept(spec.uid());
        return new RuntimeReply.SandboxRunning(sandbox.id, ips(sandbox));
    }

    private static List<String> ips(Sandbox sandbox) {
        return sandbox.spec.namespaces().hostNetwork() ? List.of() : List.of(sandbox.ip);
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

    private void kill(Sandbox sandbox) {
        boolean wasReady = sandbox.ready;
        sandbox.ready = false;
        List.copyOf(containers.values()).stream()
                .filter(container -> container.sandbox.id.equals(sandbox.id))
                .forEach(container -> end(container, 137, "Error"));
        if (wasReady) {
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
        if (!sandbox.ready) {
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
        var container =
                new Container("container-" + ++made, sandbox, spec, script, world.instant());
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
        if (container.state != State.CREATED) {
            return new Failed(
                    Failed.Kind.REFUSED,
                    "container \"%s\" is in state %s".formatted(id, container.state));
        }
        if (!container.sandbox.ready) {
            return new Failed(Failed.Kind.REFUSED, "its sandbox is not ready");
        }
        if (container.script.ending() instanceof ContainerScript.Ending.StartFails(var message)) {
            container.startedAt = world.instant();
            end(container, 128, "StartError");
            return new Failed(Failed.Kind.REFUSED, message);
        }
        requireAlone(container);
        container.state = State.RUNNING;
        container.startedAt = world.instant();
        world.note("started " + name(container));
        planEnd(container);
        onChange.accept(container.sandbox.spec.uid());
        return new RuntimeReply.Done();
    }

    /// Two containers of one name must never run in one pod: they would share its volumes.
    private void requireAlone(Container starting) {
        for (var other : containers.values()) {
            if (other.state == State.RUNNING
                    && other.sandbox.spec.uid().equals(starting.sandbox.spec.uid())
                    && other.spec.name().equals(starting.spec.name())) {
                throw new BrokenInvariant(
                        "%s starts while %s runs".formatted(name(starting), name(other)));
            }
        }
    }

    private void planEnd(Container container) {
        switch (container.script.ending()) {
            case ContainerScript.Ending.Exits(int code, var after) ->
                    world.in(after, () -> end(container, code, code == 0 ? "Completed" : "Error"));
            case ContainerScript.Ending.OutOfMemory(var after) ->
                    world.in(after, () -> end(container, 137, "OOMKilled"));
            case ContainerScript.Ending.Never(), ContainerScript.Ending.StartFails _ -> {}
        }
    }

    /// Does nothing to a container that has ended already.
    private void end(Container container, int exitCode, String reason) {
        if (container.state == State.EXITED || !containers.containsKey(container.id)) {
            return;
        }
        container.state = State.EXITED;
        container.finishedAt = world.instant();
        container.exitCode = exitCode;
        container.reason = reason;
        world.note("ended " + name(container) + " with " + exitCode + " " + reason);
        onChange.accept(container.sandbox.spec.uid());
        List.copyOf(container.onEnd).forEach(Runnable::run);
    }

    /// Calls `done` when the container has ended, also when it is gone.
    void stop(String id, Duration grace, Runnable done) {
        var container = containers.get(id);
        if (container == null || container.state == State.EXITED) {
            done.run();
            return;
        }
        container.onEnd.add(done);
        if (container.state == State.CREATED) {
            end(container, 0, "Completed");
            return;
        }
        if (container.script.onTerm()
                instanceof ContainerScript.OnTerm.Exits(int code, var after)) {
            world.in(after, () -> end(container, code, code == 0 ? "Completed" : "Error"));
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

    State stateOf(String id) {
        var container = containers.get(id);
        return container == null ? State.UNKNOWN : container.state;
    }

    RuntimeReply.RuntimePod inspect(String uid) {
        var ofPod = sandboxes.values().stream().filter(s -> s.spec.uid().equals(uid)).toList();
        return new RuntimeReply.RuntimePod(
                uid,
                ofPod.isEmpty() ? "" : ofPod.getFirst().spec.namespace(),
                ofPod.isEmpty() ? "" : ofPod.getFirst().spec.name(),
                ofPod.reversed().stream().map(Node::status).toList(),
                new ArrayList<>(containers.values())
                        .reversed().stream()
                                .filter(c -> c.sandbox.spec.uid().equals(uid))
                                .map(Node::status)
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
                .filter(container -> container.state == State.RUNNING)
                .map(c -> c.sandbox.spec.name() + "/" + c.spec.name())
                .sorted()
                .toList();
    }

    int held() {
        return sandboxes.size() + containers.size();
    }

    private static String name(Container container) {
        return "%s/%s#%d"
                .formatted(
                        container.sandbox.spec.name(),
                        container.spec.name(),
                        container.spec.attempt());
    }

    private static RuntimeReply.SandboxStatus status(Sandbox sandbox) {
        return new RuntimeReply.SandboxStatus(
                sandbox.id,
                sandbox.ready,
                sandbox.spec.attempt(),
                sandbox.createdAt,
                ips(sandbox),
                sandbox.spec.labels(),
                sandbox.spec.annotations());
    }

    private static RuntimeReply.ContainerStatus status(Container container) {
        return new RuntimeReply.ContainerStatus(
                container.id,
                container.sandbox.id,
                container.spec.name(),
                container.spec.attempt(),
                container.state,
                container.createdAt,
                container.startedAt,
                container.finishedAt,
                container.exitCode,
                container.reason,
                "",
                container.spec.image(),
                container.spec.imageRef(),
                container.spec.logPath(),
                container.spec.labels(),
                container.spec.annotations());
    }
}
