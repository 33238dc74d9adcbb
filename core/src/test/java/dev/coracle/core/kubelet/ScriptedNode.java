// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A [Kubelet] in virtual time, with an API that holds one pod and a runtime whose containers do
/// as they were told. Writes down every state of the pod and every event, in the recorder's form.
final class ScriptedNode implements Lookup {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    /// What a container does once started: ends after `time` (null: never), and whether it heeds
    /// SIGTERM.
    record Script(@Nullable Duration time, int exitCode, String reason, boolean heedsTerm) {}

    private record Planned(Instant at, long order, Runnable what) {}

    /// Answers questions over the network.
    interface Network {
        ProbeReply answer(ProbeCall call, Instant now);
    }

    static final KubeletConfig CONFIG =
            new KubeletConfig(
                    "yard",
                    "192.168.77.2",
                    "/var/log/pods",
                    "/var/lib/kubelet/pods",
                    "cluster.local",
                    "10.96.0.10",
                    "nameserver 192.0.2.1\nsearch example.org\n",
                    2000,
                    4L << 30,
                    KubeletConfig.BackOff.UPSTREAM,
                    KubeletConfig.BackOff.UPSTREAM);

    final List<String> states = new ArrayList<>();
    final List<String> events = new ArrayList<>();
    final List<String> calls = new ArrayList<>();
    final Set<String> images = new HashSet<>();
    final List<RuntimeReply.SandboxStatus> sandboxes = new ArrayList<>();
    final List<RuntimeReply.ContainerStatus> containers = new ArrayList<>();
    @Nullable SplittableRandom faults;
    Network network = (_, _) -> new ProbeReply.Failed("connection refused");
    RuntimeReply.@Nullable Failed execFailure;
    @Nullable Duration pullTime = Duration.ofMillis(10);

    private final PriorityQueue<Planned> plan =
            new PriorityQueue<>(
                    Comparator.comparing(Planned::at).thenComparingLong(Planned::order));
    private static final RuntimeReply LOST =
            new RuntimeReply.Failed(RuntimeReply.Failed.Kind.UNAVAILABLE, "connection lost");

    private final Set<Long> sabotaged = new HashSet<>();
    private final Map<String, Script> scripts = new HashMap<>();
    private final Map<String, List<Long>> stops = new HashMap<>();
    private final Set<Long> worldly = new HashSet<>();
    private final KubeletConfig config;
    private Kubelet kubelet;
    private Instant now = T0;
    private long order;
    private int ids;
    @Nullable JsonObject pod;

    ScriptedNode() {
        this(CONFIG);
    }

    ScriptedNode(KubeletConfig config) {
        this.config = config;
        this.kubelet = new Kubelet(config, this, new SplittableRandom(1));
    }

    /// A container that nobody gave a script runs until it is stopped, and ignores SIGTERM.
    ScriptedNode container(String name, @Nullable Duration time, int exitCode) {
        scripts.put(name, new Script(time, exitCode, exitCode == 0 ? "Completed" : "Error", false));
        return this;
    }

    ScriptedNode script(String name, Script script) {
        scripts.put(name, script);
        return this;
    }

    // ---- what happens

    void create(JsonObject created) {
        pod = created;
        images.addAll(
                created.object("spec").array("containers").objects().stream()
                        .map(container -> container.string("image"))
                        .filter(image -> !image.contains("nope"))
                        .toList());
        images.addAll(
                created.object("spec").array("initContainers").objects().stream()
                        .map(container -> container.string("image"))
                        .toList());
        tell(new KubeletInput.PodChanged(created));
    }

    /// As `kubectl delete --grace-period=SECONDS`; 0 is at once.
    void delete(long graceSeconds) {
        var current = present();
        var marked =
                current.with(
                        "metadata",
                        metadata ->
                                metadata.with("deletionTimestamp", now.toString())
                                        .with("deletionGracePeriodSeconds", graceSeconds)
                                        .with("generation", metadata.number("generation", 1) + 1));
        pod = marked;
        log("", marked);
        if (graceSeconds == 0) {
            vanish();
        } else {
            tell(new KubeletInput.PodChanged(marked));
        }
    }

    /// The process ends and another begins; containers live on.
    void restart() {
        plan.removeIf(planned -> !worldly.contains(planned.order()));
        kubelet = new Kubelet(config, this, new SplittableRandom(1));
        stops.clear();
        sabotaged.clear();
        var found = new ArrayList<RuntimeReply.RuntimePod>();
        if (!sandboxes.isEmpty()) {
            found.add(inspect("the uid"));
        }
        tell(new KubeletInput.Started(pod == null ? List.of() : List.of(pod), found));
    }

    void killSandbox() {
        sandboxes.replaceAll(ScriptedNode::notReady);
        for (var container : List.copyOf(containers)) {
            if (container.state() == State.RUNNING) {
                end(container.id(), 137, "Error");
            }
        }
        tell(new KubeletInput.RuntimeChanged("the uid"));
    }

    void runFor(Duration time) {
        var deadline = now.plus(time);
        int steps = 0;
        while (true) {
            var next = plan.peek();
            if (next == null || next.at().isAfter(deadline)) {
                now = deadline;
                return;
            }
            plan.remove();
            now = next.at();
            next.what().run();
            if (++steps > 20_000) {
                throw new IllegalStateException("no end in sight at " + now);
            }
        }
    }

    private void in(long millis, Runnable what) {
        plan.add(new Planned(now.plusMillis(millis), order++, what));
    }

    private void tell(KubeletInput input) {
        for (var output : kubelet.handle(input, now)) {
            perform(output);
        }
    }

    JsonObject present() {
        var current = pod;
        if (current == null) {
            throw new IllegalStateException("there is no pod");
        }
        return current;
    }

    private String uid() {
        return pod == null ? "the uid" : pod.object("metadata").string("uid");
    }

    // ---- the API

    private void perform(KubeletOutput output) {
        switch (output) {
            case KubeletOutput.Call(long id, var call) -> call(id, call);
            case KubeletOutput.Probe(long id, var call) ->
                    in(1, () -> tell(new KubeletInput.Probed(id, network.answer(call, now))));
            case KubeletOutput.PrepareVolumes(var podUid, var tree) -> {
                var paths = new HashMap<String, String>();
                tree.object("spec")
                        .array("volumes")
                        .objects()
                        .forEach(v -> paths.put(v.string("name"), "/volumes/" + v.string("name")));
                in(1, () -> tell(new KubeletInput.VolumesPrepared(podUid, paths)));
            }
            case KubeletOutput.WriteFiles(long id, _, _) ->
                    in(1, () -> tell(new KubeletInput.FilesWritten(id, null)));
            case KubeletOutput.RemovePodDirectory(_, _) -> calls.add("RemovePodDirectory");
            case KubeletOutput.WriteStatus(_, _, var status) -> {
                if (pod != null) {
                    pod = pod.with("status", status);
                    log("", pod);
                    var changed = pod;
                    in(2, () -> tell(new KubeletInput.PodChanged(changed)));
                }
            }
            case KubeletOutput.DeletePod(_, _) -> {
                if (pod != null) {
                    pod = pod.with("metadata", m -> m.with("deletionGracePeriodSeconds", 0));
                    log("", pod);
                    vanish();
                }
            }
            case KubeletOutput.RecordEvent event -> {
                var place = event.fieldPath().isEmpty() ? "" : event.fieldPath() + " ";
                var line = event.type() + " " + event.reason() + " " + place + event.message();
                if (!events.contains(line)) {
                    events.add(line);
                }
            }
            case KubeletOutput.WakeAt(var uid, var at) ->
                    plan.add(
                            new Planned(
                                    at.isBefore(now) ? now : at,
                                    order++,
                                    () -> tell(new KubeletInput.Tick(uid))));
        }
    }

    private void vanish() {
        var last = present();
        log("DELETED ", last);
        pod = null;
        var uid = last.object("metadata").string("uid");
        in(2, () -> tell(new KubeletInput.PodDeleted(ObjectKey.of(last), uid)));
    }

    @Override
    public @Nullable JsonObject configMap(ObjectKey key) {
        return null;
    }

    @Override
    public @Nullable JsonObject secret(ObjectKey key) {
        return null;
    }

    @Override
    public List<JsonObject> services(String namespace) {
        return List.of();
    }

    // ---- the runtime

    /// With faults, one call in ten fails, and one in ten is done but seems to fail.
    private void call(long id, RuntimeCall call) {
        int dice = faults == null ? 9 : faults.nextInt(10);
        if (dice == 0) {
            in(5, () -> reply(id, LOST));
            return;
        }
        if (dice == 1) {
            sabotaged.add(id);
        }
        make(id, call);
    }

    private void make(long id, RuntimeCall call) {
        switch (call) {
            case RuntimeCall.RunPodSandbox(var spec) -> {
                calls.add("RunPodSandbox " + spec.attempt());
                in(
                        80,
                        () -> {
                            var sandbox = "sandbox" + ++ids;
                            sandboxes.addFirst(
                                    new RuntimeReply.SandboxStatus(
                                            sandbox,
                                            true,
                                            spec.attempt(),
                                            now,
                                            List.of("10.244.0." + ids),
                                            spec.labels(),
                                            spec.annotations()));
                            reply(
                                    id,
                                    new RuntimeReply.SandboxRunning(
                                            sandbox, List.of("10.244.0." + ids)));
                        });
            }
            case RuntimeCall.StopPodSandbox(var sandbox) -> {
                calls.add("StopPodSandbox");
                sandboxes.replaceAll(s -> s.id().equals(sandbox) ? notReady(s) : s);
                containers.stream()
                        .filter(c -> c.sandboxId().equals(sandbox))
                        .map(RuntimeReply.ContainerStatus::id)
                        .toList()
                        .forEach(container -> end(container, 137, "Error"));
                in(90, () -> reply(id, new RuntimeReply.Done()));
            }
            case RuntimeCall.RemovePodSandbox(var sandbox) -> {
                calls.add("RemovePodSandbox");
                sandboxes.removeIf(s -> s.id().equals(sandbox));
                in(5, () -> reply(id, new RuntimeReply.Done()));
            }
            case RuntimeCall.ImageStatus(var image) ->
                    in(
                            2,
                            () ->
                                    reply(
                                            id,
                                            images.contains(image)
                                                    ? image(image)
                                                    : new RuntimeReply.ImageAbsent()));
            case RuntimeCall.PullImage(var image, _, _) -> {
                calls.add("PullImage " + Duration.between(T0, now).toSeconds());
                var time = pullTime;
                if (time != null) {
                    in(
                            time.toMillis(),
                            () ->
                                    reply(
                                            id,
                                            images.contains(image)
                                                    ? image(image)
                                                    : new RuntimeReply.Failed(
                                                            RuntimeReply.Failed.Kind.NOT_FOUND,
                                                            "not found")));
                }
            }
            case RuntimeCall.CreateContainer(var sandbox, _, var spec) -> {
                if (containers.stream()
                        .anyMatch(
                                c ->
                                        c.name().equals(spec.name())
                                                && c.attempt() == spec.attempt())) {
                    in(
                            7,
                            () ->
                                    reply(
                                            id,
                                            new RuntimeReply.Failed(
                                                    RuntimeReply.Failed.Kind.ALREADY_EXISTS,
                                                    "name is reserved")));
                    return;
                }
                var container = "c" + ++ids;
                containers.addFirst(created(container, sandbox, spec));
                in(7, () -> reply(id, new RuntimeReply.ContainerCreated(container)));
            }
            case RuntimeCall.StartContainer(var container) ->
                    in(
                            40,
                            () -> {
                                boolean alive = isAlive(container);
                                if (alive) {
                                    start(container);
                                }
                                reply(id, alive ? new RuntimeReply.Done() : LOST);
                            });
            case RuntimeCall.StopContainer(var container, var grace, var signal) ->
                    stop(id, container, grace, signal);
            case RuntimeCall.RemoveContainer(var container) -> {
                calls.add("RemoveContainer");
                containers.removeIf(c -> c.id().equals(container));
                in(5, () -> reply(id, new RuntimeReply.Done()));
            }
            case RuntimeCall.InspectPod(var uid) ->
                    in(3, () -> reply(id, new RuntimeReply.Pod(inspect(uid))));
            case RuntimeCall.ListPods() -> throw new IllegalStateException("the shell's call");
            case RuntimeCall.ExecSync(var container, _, _) -> {
                var failure = execFailure;
                if (failure != null) {
                    in(1, () -> reply(id, failure));
                    return;
                }
                named(container);
                in(10, () -> reply(id, new RuntimeReply.ExecResult(0, "")));
            }
        }
    }

    private void reply(long id, RuntimeReply reply) {
        tell(new KubeletInput.Reply(id, sabotaged.remove(id) ? LOST : reply));
    }

    private RuntimeReply.RuntimePod inspect(String uid) {
        var key = pod == null ? new ObjectKey("", "") : ObjectKey.of(pod);
        return new RuntimeReply.RuntimePod(
                uid.equals("the uid") ? uid() : uid,
                key.namespace(),
                key.name(),
                sandboxes,
                containers);
    }

    private static RuntimeReply image(String image) {
        return new RuntimeReply.Image(
                "sha256:" + image, "sha256:1", 1000, new RuntimeReply.ImageUser(null, ""), "");
    }

    private static RuntimeReply.SandboxStatus notReady(RuntimeReply.SandboxStatus s) {
        return new RuntimeReply.SandboxStatus(
                s.id(), false, s.attempt(), s.createdAt(), s.ips(), s.labels(), s.annotations());
    }

    private RuntimeReply.ContainerStatus created(String id, String sandbox, ContainerSpec spec) {
        return new RuntimeReply.ContainerStatus(
                id,
                sandbox,
                spec.name(),
                spec.attempt(),
                State.CREATED,
                now,
                null,
                null,
                0,
                "",
                "",
                spec.image(),
                "sha256:1",
                spec.logPath(),
                spec.labels(),
                spec.annotations());
    }

    private boolean isAlive(String container) {
        return containers.stream()
                .filter(c -> c.id().equals(container))
                .flatMap(c -> sandboxes.stream().filter(s -> s.id().equals(c.sandboxId())))
                .anyMatch(RuntimeReply.SandboxStatus::ready);
    }

    private void start(String id) {
        var twin =
                containers.stream()
                        .filter(c -> c.name().equals(named(id).name()))
                        .anyMatch(c -> c.state() == State.RUNNING);
        if (twin) {
            throw new IllegalStateException("two containers " + named(id).name() + " at " + now);
        }
        change(id, State.RUNNING, now, null, 0, "");
        var name = named(id).name();
        var script = scripts.get(name);
        if (script != null && script.time() != null) {
            worldly.add(order);
            in(script.time().toMillis(), () -> end(id, script.exitCode(), script.reason()));
        }
    }

    private RuntimeReply.ContainerStatus named(String id) {
        return containers.stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    }

    /// Ends a container, unless it has ended already.
    private void end(String id, int exitCode, String reason) {
        var running =
                containers.stream().anyMatch(c -> c.id().equals(id) && c.state() == State.RUNNING);
        if (running) {
            change(id, State.EXITED, null, now, exitCode, reason);
            stops.getOrDefault(id, List.of())
                    .forEach(call -> in(1, () -> reply(call, new RuntimeReply.Done())));
            stops.remove(id);
            tell(new KubeletInput.RuntimeChanged(uid()));
        }
    }

    private void stop(long call, String id, Duration grace, String signal) {
        var name = named(id).name();
        calls.add(("StopContainer " + name + " " + grace.toSeconds() + " " + signal).strip());
        var script = scripts.get(name);
        boolean heeds = script != null && script.heedsTerm();
        stops.computeIfAbsent(id, _ -> new ArrayList<>()).add(call);
        in(
                heeds ? 300 : grace.toMillis(),
                () -> end(id, heeds ? 0 : 137, heeds ? "Completed" : "Error"));
    }

    private void change(
            String id,
            State state,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            int exitCode,
            String reason) {
        containers.replaceAll(
                c ->
                        c.id().equals(id)
                                ? new RuntimeReply.ContainerStatus(
                                        c.id(),
                                        c.sandboxId(),
                                        c.name(),
                                        c.attempt(),
                                        state,
                                        c.createdAt(),
                                        startedAt == null ? c.startedAt() : startedAt,
                                        finishedAt,
                                        exitCode,
                                        reason,
                                        "",
                                        c.image(),
                                        c.imageId(),
                                        c.logPath(),
                                        c.labels(),
                                        c.annotations())
                                : c);
    }

    // ---- the recorder

    private void log(String prefix, JsonObject recorded) {
        var line = prefix + line(recorded);
        if (states.isEmpty() || !states.getLast().equals(line)) {
            states.add(line);
        }
    }

    private static String line(JsonObject pod) {
        var status = pod.object("status");
        var line = new StringBuilder("phase=").append(status.string("phase"));
        var metadata = pod.object("metadata");
        if (metadata.has("deletionTimestamp")) {
            line.append(" deleting(grace=")
                    .append(metadata.number("deletionGracePeriodSeconds", -1))
                    .append(")");
        }
        for (var name : List.of("reason", "message")) {
            if (status.has(name)) {
                line.append(' ').append(name).append('=').append(status.string(name));
            }
        }
        var conditions = new ArrayList<String>();
        for (var condition : status.array("conditions").objects()) {
            var reason = condition.string("reason");
            conditions.add(
                    condition.string("type")
                            + "="
                            + condition.string("status")
                            + (reason.isEmpty() ? "" : "(" + reason + ")"));
        }
        line.append(" [").append(String.join(" ", conditions)).append("]");
        containers(status.array("initContainerStatuses"), "init:", line);
        containers(status.array("containerStatuses"), "", line);
        return line.toString();
    }

    private static void containers(JsonArray entries, String prefix, StringBuilder line) {
        for (var entry : entries.objects()) {
            line.append(' ')
                    .append(prefix)
                    .append(entry.string("name"))
                    .append('=')
                    .append(state(entry.object("state")));
            for (var name : List.of("ready", "started", "restartCount")) {
                var value = entry.get(name);
                var text = value == null ? "None" : value.toString();
                line.append(' ')
                        .append(name.equals("restartCount") ? "restarts" : name)
                        .append('=')
                        .append(
                                text.equals("true")
                                        ? "True"
                                        : text.equals("false") ? "False" : text);
            }
            var last = entry.object("lastState").object("terminated");
            if (!last.isEmpty()) {
                line.append(" last=terminated(")
                        .append(last.string("reason"))
                        .append(",exit=")
                        .append(last.number("exitCode", -1))
                        .append(")");
            }
        }
    }

    private static String state(JsonObject state) {
        var kind = state.names().getFirst();
        var detail = state.object(kind);
        var text = new StringBuilder(kind);
        if (detail.has("reason")) {
            text.append('(').append(detail.string("reason"));
            if (detail.has("exitCode")) {
                text.append(",exit=").append(detail.number("exitCode", -1));
            }
            text.append(')');
        }
        return text.toString();
    }

    static Json json(String text) {
        return JsonReader.read(text.getBytes(StandardCharsets.UTF_8)).value();
    }
}
