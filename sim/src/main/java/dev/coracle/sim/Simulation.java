// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.schema.Schemas;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.Endpoint;
import dev.coracle.sim.script.FileScript;
import dev.coracle.sim.script.ImageScript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// One seed's story: pods of all sorts come and go while calls are late, lost and refused, notices
/// come late and twice, sandboxes die and the kubelet is killed; what must always hold is checked
/// all along. Then the faults end, and within bounded time everything must be as its owner
/// wants it.
///
/// The same seed tells the same story, line by line.
public final class Simulation {
    private static final Duration TROUBLE = Duration.ofMinutes(15);

    /// Enough for the longest back-off (5 minutes) and a lost call (2 minutes), one after the
    /// other, several times over.
    private static final Duration PEACE = Duration.ofMinutes(30);

    private static final int STEPS = 40;

    private static final JsonObject PROBES =
            JsonReader.parseObject(
                    """
                    {"startupProbe": {"exec": {"command": ["cat", "/up"]}, "periodSeconds": 1,
                                      "failureThreshold": 20},
                     "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080},
                                        "periodSeconds": 2},
                     "livenessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 5,
                                       "terminationGracePeriodSeconds": 3}}""");

    private final long seed;
    private final World world;
    private final Cluster cluster;
    private final SplittableRandom random;
    private final SplittableRandom probing;
    private final Map<String, Wanted> wanted = new LinkedHashMap<>();
    private final List<String> deleted = new ArrayList<>();

    /// What came of a seed: all that happened, and what was not as it should be at the end.
    public record Story(long seed, List<String> trace, List<String> problems) {
        public Story {
            trace = List.copyOf(trace);
            problems = List.copyOf(problems);
        }
    }

    /// A pod and whether its sandbox was ever killed.
    private record Wanted(PodKind kind, String uid, boolean disturbed) {}

    /// How a pod must end up.
    private enum End {
        READY,
        CRASHING,
        SUCCEEDED,
        FAILED
    }

    private enum PodKind {
        STEADY("Always", "", "steady", End.READY),
        TWO("Always", "", "steady,slow", End.READY),
        INITIALIZED("Always", "prepare,stumble", "steady", End.READY),
        FLAKY("OnFailure", "", "flaky", End.READY),
        CRASHING("Always", "", "fails", End.CRASHING),
        DONE("Never", "prepare", "done", End.SUCCEEDED),
        JOB("OnFailure", "prepare", "stumble", End.SUCCEEDED),
        FAILED("Never", "", "fails", End.FAILED),
        BLOCKED("Never", "fails", "steady", End.FAILED),
        HOGGING("Always", "", "hog", End.CRASHING),
        STUBBORN("Always", "", "stubborn", End.READY),
        PROBED("Always", "", "probed", End.READY);

        final String restartPolicy;
        final String init;
        final String apps;
        final End end;

        PodKind(String restartPolicy, String init, String apps, End end) {
            this.restartPolicy = restartPolicy;
            this.init = init;
            this.apps = apps;
            this.end = end;
        }
    }

    private Simulation(long seed, Schemas schemas) {
        this.seed = seed;
        world = new World(seed);
        random = world.random();
        cluster = new Cluster(world, schemas);
        probing = world.random();
        script(cluster.runtime());
    }

    private static void script(ScriptedRuntime runtime) {
        var failure = ContainerScript.exits(1, Duration.ofSeconds(3));
        var success = ContainerScript.exits(0, Duration.ofSeconds(7));
        runtime.container("steady", ContainerScript.runs());
        runtime.container("slow", ContainerScript.runs().startingIn(Duration.ofSeconds(4)));
        runtime.container("prepare", ContainerScript.exits(0, Duration.ofSeconds(1)));
        runtime.container("stumble", failure, success);
        runtime.container("flaky", failure, failure, ContainerScript.runs());
        runtime.container("fails", failure);
        runtime.container("done", success);
        runtime.container("hog", ContainerScript.runsOutOfMemory(Duration.ofSeconds(20)));
        runtime.container("stubborn", ContainerScript.runs().ignoringTerm());
        runtime.container(
                "probed",
                ContainerScript.runs()
                        .withFiles(new FileScript("/up", Duration.ofSeconds(4), null, ""))
                        .listening(Endpoint.http(8080, "/ready", 200)));
        runtime.image("slow:1", ImageScript.pulledIn(Duration.ofSeconds(12)));
        runtime.image(
                "done:1",
                ImageScript.pulledIn(Duration.ofSeconds(2)).failing(2, "connection refused"));
    }

    /// @throws BrokenInvariant if something happened that must never happen
    public static Story run(long seed, Schemas schemas) {
        var simulation = new Simulation(seed, schemas);
        try (var _ = simulation.cluster) {
            return simulation.run();
        } catch (BrokenInvariant e) {
            throw new BrokenInvariant(
                    "seed %d: %s\n%s"
                            .formatted(
                                    seed,
                                    e.getMessage(),
                                    String.join("\n", simulation.world.trace())));
        }
    }

    private Story run() {
        cluster.start();
        cluster.faults(Faults.SOME);
        for (int step = 0; step < STEPS; step++) {
            disturb(step);
            cluster.advance(Duration.ofMillis(random.nextLong(2 * TROUBLE.toMillis() / STEPS)));
        }
        cluster.faults(Faults.NONE);
        cluster.advance(PEACE);
        return new Story(seed, world.trace(), problems());
    }

    private void disturb(int step) {
        switch (random.nextInt(8)) {
            case 0, 1, 2, 3 -> create("pod-" + step);
            case 4, 5 -> delete();
            case 6 -> killSandbox();
            default -> cluster.restartKubelet(Duration.ofMillis(random.nextLong(30_000)));
        }
    }

    private void create(String name) {
        var kinds = PodKind.values();
        var drawn = kinds[random.nextInt(kinds.length - 1)];
        var kind = probing.nextInt(5) == 0 ? PodKind.PROBED : drawn;
        world.note("create " + name + " " + kind);
        var pod = cluster.create("pods", pod(name, kind));
        wanted.put(name, new Wanted(kind, pod.object("metadata").string("uid"), false));
    }

    private static JsonObject pod(String name, PodKind kind) {
        return JsonObject.builder()
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("metadata", JsonObject.builder().put("name", name).build())
                .put(
                        "spec",
                        JsonObject.builder()
                                .put("restartPolicy", kind.restartPolicy)
                                .put("terminationGracePeriodSeconds", 5)
                                .putUnlessEmpty("initContainers", containers(kind.init))
                                .put("containers", containers(kind.apps))
                                .build())
                .build();
    }

    private static JsonArray containers(String names) {
        return JsonArray.of(
                List.of(names.split(",")).stream()
                        .filter(name -> !name.isEmpty())
                        .map(Simulation::container)
                        .toList());
    }

    private static JsonObject container(String name) {
        var container =
                JsonObject.builder()
                        .put("name", name)
                        .put("image", name + ":1")
                        .put("imagePullPolicy", "IfNotPresent");
        if (name.equals("probed")) {
            PROBES.forEach(container::put);
        }
        return container.build();
    }

    private void delete() {
        if (wanted.isEmpty()) {
            return;
        }
        var name = anyOf(List.copyOf(wanted.keySet()));
        long grace = random.nextInt(4) * 3L;
        world.note("delete " + name + " with grace " + grace);
        cluster.deletePod(name, DeleteOptions.withGrace(grace));
        wanted.remove(name);
        deleted.add(name);
    }

    private void killSandbox() {
        if (wanted.isEmpty()) {
            return;
        }
        var name = anyOf(List.copyOf(wanted.keySet()));
        world.note("kill the sandbox of " + name);
        var pod = wanted.get(name);
        if (pod != null) {
            cluster.runtime().killSandbox(pod.uid());
            wanted.put(name, new Wanted(pod.kind(), pod.uid(), true));
        }
    }

    private String anyOf(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }

    private List<String> problems() {
        var problems = new ArrayList<String>();
        wanted.forEach((name, pod) -> check(name, pod, problems));
        for (var name : deleted) {
            if (cluster.find("pods", name) != null) {
                problems.add(name + " was deleted and is still there");
            }
        }
        for (var running : cluster.runtime().running()) {
            var name = running.substring(0, running.indexOf('/'));
            if (!wanted.containsKey(name)) {
                problems.add(running + " runs for nobody");
            }
        }
        return problems;
    }

    private void check(String name, Wanted pod, List<String> problems) {
        var object = cluster.find("pods", name);
        if (object == null) {
            problems.add(name + " is gone and nobody deleted it");
            return;
        }
        var status = object.object("status");
        var phase = status.string("phase");
        boolean asWanted =
                switch (pod.kind().end) {
                    case READY -> phase.equals("Running") && isReady(status) && runs(name, pod);
                    case CRASHING -> phase.equals("Running") && restarts(status) > 0;
                    // a sandbox that dies takes the containers of a pod that may not restart them
                    case SUCCEEDED ->
                            phase.equals("Succeeded")
                                    || (pod.disturbed() && phase.equals("Failed"));
                    case FAILED -> phase.equals("Failed");
                };
        if (!asWanted) {
            problems.add(
                    "%s (%s) should be %s and is %s"
                            .formatted(name, pod.kind(), pod.kind().end, status));
        }
    }

    private static boolean isReady(JsonObject status) {
        return status.array("conditions").objects().stream()
                .anyMatch(
                        condition ->
                                condition.string("type").equals("Ready")
                                        && condition.string("status").equals("True"));
    }

    private boolean runs(String name, Wanted pod) {
        return cluster.runtime()
                .running()
                .containsAll(
                        List.of(pod.kind().apps.split(",")).stream()
                                .map(app -> name + "/" + app)
                                .toList());
    }

    private static long restarts(JsonObject status) {
        return status.array("containerStatuses").objects().stream()
                .mapToLong(container -> container.number("restartCount", 0))
                .sum();
    }
}
