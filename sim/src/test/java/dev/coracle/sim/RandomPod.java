// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.sim.script.CommandScript;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A pod drawn at random, and what its containers do: they live and die by themselves, heed SIGTERM
/// or not, and their probes (by command, HTTP and TCP) succeed and fail in turns.
///
/// Each probe of a pod asks a question of its own, so that it can be told which one is asked: the
/// command `probe KIND CONTAINER`, or a port.
final class RandomPod {
    private static final List<String> KINDS =
            List.of("startupProbe", "readinessProbe", "livenessProbe");
    private static final List<String> POLICIES = List.of("Always", "OnFailure", "Never");

    private final SplittableRandom random;
    private final Map<Integer, Probe> byPort = new LinkedHashMap<>();
    private final Map<String, Probe> byCommand = new LinkedHashMap<>();
    private final Map<String, List<ContainerScript>> scripts = new LinkedHashMap<>();
    private int ports = 8_000;

    /// One probe: `field` is such as `livenessProbe`.
    record Probe(String container, String field, JsonObject tree) {
        Duration initialDelay() {
            return Duration.ofSeconds(tree.number("initialDelaySeconds", 0));
        }

        int failureThreshold() {
            return (int) tree.number("failureThreshold", 3);
        }
    }

    RandomPod(SplittableRandom random) {
        this.random = random;
    }

    Probe byPort(int port) {
        return Objects.requireNonNull(byPort.get(port));
    }

    /// Null for a command that is no probe's.
    @Nullable Probe byCommand(List<String> command) {
        return byCommand.get(String.join(" ", command));
    }

    Map<String, List<ContainerScript>> scripts() {
        return scripts;
    }

    JsonObject draw() {
        var inits = new ArrayList<Json>();
        for (int i = random.nextInt(3); i > 0; i--) {
            inits.add(random.nextBoolean() ? sidecar("side" + i) : init("init" + i));
        }
        var apps = new ArrayList<Json>();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            apps.add(app("app" + i));
        }
        var spec =
                JsonObject.builder()
                        .put("restartPolicy", POLICIES.get(random.nextInt(POLICIES.size())))
                        .put("terminationGracePeriodSeconds", random.nextInt(12));
        if (random.nextInt(8) == 0) {
            spec.put("activeDeadlineSeconds", 5 + random.nextInt(100));
        }
        spec.putUnlessEmpty("initContainers", JsonArray.of(inits))
                .put("containers", JsonArray.of(apps));
        return JsonObject.builder()
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("name", LonePod.KEY.name())
                                .put("namespace", LonePod.KEY.namespace())
                                .put("uid", LonePod.UID)
                                .put("generation", 1)
                                .build())
                .put("spec", spec.build())
                .put("status", JsonObject.builder().put("phase", "Pending").build())
                .build();
    }

    private static JsonObject.Builder container(String name) {
        return JsonObject.builder()
                .put("name", name)
                .put("image", name + ":1")
                .put("imagePullPolicy", "IfNotPresent");
    }

    private JsonObject init(String name) {
        script(name, List.of(), 4);
        return container(name).build();
    }

    private JsonObject sidecar(String name) {
        return probed(name, container(name).put("restartPolicy", "Always"), 1);
    }

    private JsonObject app(String name) {
        var app = container(name);
        if (random.nextInt(5) == 0) {
            app.put("restartPolicy", POLICIES.get(random.nextInt(POLICIES.size())));
        }
        return probed(name, app, 2);
    }

    /// The more `mortal`, the more often it ends by itself.
    private JsonObject probed(String name, JsonObject.Builder container, int mortal) {
        var probes = new ArrayList<Probe>();
        for (var field : KINDS) {
            if (random.nextInt(3) == 0) {
                var probe = probe(name, field);
                container.put(field, probe.tree());
                probes.add(probe);
            }
        }
        if (random.nextInt(4) == 0) {
            container.put("lifecycle", JsonObject.of("preStop", preStop()));
        }
        script(name, probes, mortal);
        return container.build();
    }

    private JsonObject preStop() {
        long seconds = random.nextInt(6);
        return random.nextBoolean()
                ? JsonObject.of("sleep", JsonObject.builder().put("seconds", seconds).build())
                : JsonObject.of(
                        "exec",
                        JsonObject.of(
                                "command", JsonArray.ofStrings(List.of("sleep", "" + seconds))));
    }

    private Probe probe(String container, String field) {
        var tree =
                JsonObject.builder()
                        .put("initialDelaySeconds", random.nextInt(6))
                        .put("periodSeconds", 2 + random.nextInt(9))
                        .put("timeoutSeconds", 1 + random.nextInt(2))
                        .put("failureThreshold", 1 + random.nextInt(3));
        if (field.equals("readinessProbe")) {
            tree.put("successThreshold", 1 + random.nextInt(3));
        } else if (random.nextInt(3) == 0) {
            tree.put("terminationGracePeriodSeconds", 1 + random.nextInt(5));
        }
        int port = ports++;
        var number = JsonObject.builder().put("port", port).build();
        var probe =
                switch (random.nextInt(3)) {
                    case 0 -> {
                        var words = List.of("probe", field, container);
                        var exec = JsonObject.of("command", JsonArray.ofStrings(words));
                        yield new Probe(container, field, tree.put("exec", exec).build());
                    }
                    case 1 ->
                            new Probe(
                                    container,
                                    field,
                                    tree.put("httpGet", number.with("path", "/")).build());
                    default -> new Probe(container, field, tree.put("tcpSocket", number).build());
                };
        byPort.put(port, probe);
        byCommand.put("probe " + field + " " + container, probe);
        return probe;
    }

    private void script(String name, List<Probe> probes, int mortal) {
        var runs = new ArrayList<ContainerScript>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            boolean dies = random.nextInt(5) < mortal;
            var run =
                    dies
                            ? ContainerScript.exits(random.nextInt(3), seconds(90))
                            : ContainerScript.runs();
            if (random.nextInt(3) == 0) {
                run =
                        run.onTerm(
                                random.nextBoolean()
                                        ? new ContainerScript.OnTerm.Ignored()
                                        : new ContainerScript.OnTerm.Exits(0, seconds(8)));
            }
            runs.add(run.answering(commands(probes)).listening(endpoints(probes)));
        }
        scripts.put(name, runs);
    }

    private Duration seconds(int most) {
        return Duration.ofMillis(1 + random.nextInt(most * 1_000));
    }

    private CommandScript[] commands(List<Probe> probes) {
        return probes.stream()
                .filter(probe -> probe.tree().has("exec"))
                .map(
                        probe ->
                                new CommandScript(
                                        "probe " + probe.field() + " " + probe.container(),
                                        times().stream()
                                                .map(
                                                        from ->
                                                                new CommandScript.Answer(
                                                                        from,
                                                                        seconds(2),
                                                                        random.nextInt(2),
                                                                        "no"))
                                                .toList()))
                .toArray(CommandScript[]::new);
    }

    private Endpoint[] endpoints(List<Probe> probes) {
        return probes.stream()
                .filter(probe -> !probe.tree().has("exec"))
                .map(
                        probe ->
                                new Endpoint(
                                        port(probe),
                                        null,
                                        times().stream()
                                                .map(
                                                        from ->
                                                                new Endpoint.Answer(
                                                                        from, seconds(2), reply()))
                                                .toList()))
                .toArray(Endpoint[]::new);
    }

    private static int port(Probe probe) {
        var name = probe.tree().has("httpGet") ? "httpGet" : "tcpSocket";
        return (int) probe.tree().object(name).number("port", 0);
    }

    private Endpoint.Reply reply() {
        return random.nextBoolean()
                ? new Endpoint.Reply.Http(random.nextBoolean() ? 200 : 500, "")
                : new Endpoint.Reply.Refuses();
    }

    /// When answers change: from the start, and some times later.
    private List<Duration> times() {
        var times = new ArrayList<Duration>();
        times.add(Duration.ZERO);
        for (int i = random.nextInt(4); i > 0; i--) {
            times.add(times.getLast().plus(seconds(40)));
        }
        return times;
    }
}
