// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.sim.script.Script;
import dev.coracle.sim.script.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Manifests and a script, lived through in virtual time by the registry, scheduler and kubelet
/// that a node has. Whatever happens is told to an observer, in order.
public final class ScriptedSimulation implements AutoCloseable {
    /// How long nothing but repeated answers is to happen before it counts as the end.
    private static final Duration QUIET = Duration.ofMinutes(1);

    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Duration STRIDE = Duration.ofSeconds(1);

    /// The node is not a new one: what it does only just after its start is over.
    private static final Duration UPTIME = Duration.ofHours(1);

    private final World world;
    private final Cluster cluster;
    private final Script script;
    private final Consumer<Happening> observer;
    private Instant lastChange;

    /// `seed` null: every call takes exactly its usual time.
    public ScriptedSimulation(
            Script script,
            @Nullable Long seed,
            NodeShape node,
            Schemas schemas,
            Consumer<Happening> observer) {
        this.script = script;
        this.observer = observer;
        world = World.untraced(seed == null ? 0 : seed);
        lastChange = world.instant();
        cluster = new Cluster(world, schemas, node);
        if (seed == null) {
            cluster.runtime().steady();
        }
        cluster.runtime().script(script);
    }

    /// Brings up the node; now is when manifests are to be applied, through [#registry] or
    /// [#apply].
    public void start() {
        cluster.start();
        cluster.advance(UPTIME);
        cluster.observe(this::happened);
    }

    public Registry registry() {
        return cluster.registry();
    }

    /// The instant that it is now.
    public Instant now() {
        return world.instant();
    }

    /// Creates an object, or merges it into what is there.
    ///
    /// @throws ApiException when it is refused
    public void apply(JsonObject object) {
        cluster.api().apply(object);
    }

    /// What no script said and was taken as given.
    public List<String> assumptions() {
        return cluster.runtime().assumptions();
    }

    /// Lives for `until`; null: until nothing more would happen, ten minutes at most.
    public void run(@Nullable Duration until) {
        script.steps().forEach(step -> world.foresee(step.at(), () -> take(step.deed())));
        if (until != null) {
            cluster.advance(until);
            return;
        }
        var deadline = world.instant().plus(LONGEST);
        while (world.instant().isBefore(deadline) && !isOver()) {
            cluster.advance(STRIDE);
        }
    }

    private void happened(Happening happening) {
        if (!(happening instanceof Happening.Answered)) {
            lastChange = world.instant();
        }
        observer.accept(happening);
    }

    private boolean isOver() {
        return world.foreseen() == 0
                && !world.instant().isBefore(lastChange.plus(QUIET))
                && cluster.api().listPods().entries().stream()
                        .allMatch(entry -> isSettled(entry.object()));
    }

    /// Whether time alone changes nothing about the pod.
    private static boolean isSettled(JsonObject pod) {
        var status = pod.object("status");
        var phase = status.string("phase");
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            return true;
        }
        boolean unassigned = pod.object("spec").string("nodeName").isEmpty();
        boolean hurried =
                pod.object("metadata").has("deletionTimestamp")
                        || pod.object("spec").has("activeDeadlineSeconds");
        return !hurried
                && (unassigned
                        || Stream.of("initContainerStatuses", "containerStatuses")
                                .flatMap(list -> status.array(list).objects().stream())
                                .noneMatch(entry -> entry.object("state").has("waiting")));
    }

    // ---- steps

    private void take(Step.Deed deed) {
        try {
            switch (deed) {
                case Step.Deed.Delete(var pod, var grace) -> {
                    done(deed, "");
                    cluster.api()
                            .deletePod(
                                    pod,
                                    grace == null
                                            ? DeleteOptions.NONE
                                            : DeleteOptions.withGrace(grace));
                }
                case Step.Deed.Exec(var pod, var container, var command) ->
                        cluster.runtime()
                                .exec(
                                        pod,
                                        container,
                                        command,
                                        result -> done(deed, outcome(result)));
                case Step.Deed.KillSandbox(var pod) -> {
                    done(deed, "");
                    cluster.runtime().killSandbox(uid(pod));
                }
                case Step.Deed.KillContainer(var pod, var container, int exitCode) -> {
                    done(deed, "");
                    if (!cluster.runtime().endByItself(pod, container, exitCode)) {
                        done(deed, "no such container runs");
                    }
                }
                case Step.Deed.RestartKubelet(var downtime) -> {
                    done(deed, "");
                    cluster.restartKubelet(downtime);
                }
                case Step.Deed.Apply(var objects) -> {
                    done(deed, "");
                    objects.forEach(this::apply);
                }
                case Step.Deed.SetImage set -> {
                    done(deed, "");
                    setImage(set);
                }
                case Step.Deed.SetCondition(var pod, var type, var status) -> {
                    done(deed, "");
                    cluster.api().patchPod(pod, "status", condition(type, status));
                }
            }
        } catch (ApiException e) {
            done(deed, "refused: " + e.status().message());
        }
    }

    private void done(Step.Deed deed, String outcome) {
        happened(new Happening.StepDone(world.instant(), deed.toString(), outcome));
    }

    private static String outcome(Shell.Result result) {
        var output = result.output().strip();
        return "exit " + result.exitCode() + (output.isEmpty() ? "" : ": " + output);
    }

    private String uid(ObjectKey pod) {
        return registry().get(cluster.api().type("pods"), pod).object("metadata").string("uid");
    }

    private void setImage(Step.Deed.SetImage set) {
        var found = cluster.api().find("pods", set.pod());
        boolean init =
                found != null
                        && found.object("spec").array("initContainers").objects().stream()
                                .anyMatch(one -> one.string("name").equals(set.container()));
        var container =
                JsonObject.of("name", Json.of(set.container()), "image", Json.of(set.image()));
        cluster.api()
                .patchPod(
                        set.pod(),
                        "",
                        JsonObject.of(
                                "spec",
                                JsonObject.of(
                                        init ? "initContainers" : "containers",
                                        JsonArray.of(container))));
    }

    private static JsonObject condition(String type, String status) {
        var condition = JsonObject.of("type", Json.of(type), "status", Json.of(status));
        return JsonObject.of("status", JsonObject.of("conditions", JsonArray.of(condition)));
    }

    @Override
    public void close() {
        cluster.close();
    }
}
