// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.manifest.Application;
import dev.coracle.app.manifest.Manifest;
import dev.coracle.app.manifest.ManifestFile;
import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.schema.Schemas;
import dev.coracle.sim.Happening;
import dev.coracle.sim.NodeShape;
import dev.coracle.sim.ScriptedSimulation;
import dev.coracle.sim.TimelineJson;
import dev.coracle.sim.TimelineText;
import dev.coracle.sim.script.Durations;
import dev.coracle.sim.script.Script;
import dev.coracle.sim.script.ScriptReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "simulate",
        description = {
            "Show what would become of the pods of files, in virtual time: the registry, scheduler"
                    + " and kubelet are the real ones, the containers pretend.",
            "What containers do is said by a script beside the file (web.yaml has web.script.yaml);"
                    + " without one they run until they are stopped and answer well. Needs no root"
                    + " and touches nothing."
        },
        footer = {
            "",
            "Examples:",
            "  coracle simulate examples/crash-loop.yaml",
            "  coracle simulate web.yaml --script slow-start.yaml --until 2h -o json"
        })
final class SimulateCommand extends Cli.Verb {
    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Kubernetes objects in YAML or JSON.")
    private List<Path> files = List.of();

    @Option(
            names = "--script",
            paramLabel = "FILE",
            description =
                    "What containers do; may be given more than once. Instead of the scripts"
                            + " beside the files.")
    private List<Path> scripts = List.of();

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description =
                    "How long to go on, such as 90s or 2h (default: until nothing more would"
                            + " happen, at most 10m).")
    private @Nullable String until;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Let calls of the container runtime take more or less time than usual, as by"
                            + " chance; the same seed shows the same.")
    private @Nullable Long seed;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text, or json: an object for each line (default: ${DEFAULT-VALUE}).")
    private String output = "text";

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            defaultValue = "yard",
            description = "Name of the node (default: ${DEFAULT-VALUE}).")
    private String nodeName = "yard";

    @Option(
            names = "--node-cpu",
            paramLabel = "QUANTITY",
            defaultValue = "4",
            description = "What the node has of CPU (default: ${DEFAULT-VALUE}).")
    private String nodeCpu = "4";

    @Option(
            names = "--node-memory",
            paramLabel = "QUANTITY",
            defaultValue = "8Gi",
            description = "What the node has of memory (default: ${DEFAULT-VALUE}).")
    private String nodeMemory = "8Gi";

    /// Everything that was asked for, once it is known to make sense.
    private record Plan(
            List<Manifest> manifests, Script script, @Nullable Duration until, NodeShape node) {}

    @Override
    public Integer call() {
        Plan plan;
        try {
            plan = plan();
        } catch (IOException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
        var screen = new Timeline(output.equals("json"));
        try (var simulation =
                new ScriptedSimulation(
                        plan.script(), seed, plan.node(), Schemas.load(), screen::happened)) {
            simulation.start();
            apply(plan.manifests(), simulation);
            screen.open(simulation);
            simulation.run(plan.until());
            out().flush();
            if (!simulation.assumptions().isEmpty()) {
                say(
                        "assumed, because no script says otherwise: "
                                + String.join("; ", simulation.assumptions()));
            }
        }
        return 0;
    }

    private Plan plan() throws IOException {
        if (!List.of("text", "json").contains(output)) {
            throw misuse("--output: " + output + ": must be text or json");
        }
        var time = until == null ? null : time(until);
        var node =
                new NodeShape(
                        nodeName,
                        quantity("--node-cpu", nodeCpu),
                        quantity("--node-memory", nodeMemory));
        try {
            NodeConfig.requireNodeName("--node-name", nodeName);
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
        var manifests = ManifestFile.readAll(files);
        var script = script();
        return new Plan(manifests, script, time == null ? script.until() : time, node);
    }

    private Duration time(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw misuse("--until: " + text + ": " + e.getMessage());
        }
    }

    private Quantity quantity(String flag, String text) {
        try {
            var quantity = Quantity.parse(text);
            if (quantity.signum() > 0) {
                return quantity;
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        throw misuse(flag + ": " + text + ": must be a quantity such as 2, 500m or 8Gi");
    }

    private Script script() throws IOException {
        var paths =
                scripts.isEmpty()
                        ? files.stream()
                                .map(file -> Path.of(ScriptReader.beside(file.toString())))
                                .filter(Files::isRegularFile)
                                .toList()
                        : scripts;
        var read = new ArrayList<Script>();
        for (var path : paths) {
            read.add(
                    ScriptReader.read(
                            path.toString(),
                            ManifestFile.bytes(path),
                            file -> objects(path.resolveSibling(file))));
        }
        return ScriptReader.joined(read);
    }

    private static List<JsonObject> objects(Path file) throws IOException {
        return ManifestFile.read(file).stream().map(Manifest::object).toList();
    }

    private void apply(List<Manifest> manifests, ScriptedSimulation simulation) {
        var registry = simulation.registry();
        var application =
                new Application(registry, registry.types(), warning -> say("warning: " + warning));
        try {
            application.apply(manifests).stream()
                    .filter(applied -> ActedOn.byNobody(applied.type()))
                    .forEach(applied -> say(ActedOn.sentence(applied)));
        } catch (IOException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    /// What has happened, kept back until it is sure that all of the input makes sense.
    private final class Timeline {
        private final boolean json;
        private final List<Happening> early = new ArrayList<>();
        private @Nullable Consumer<Happening> printer;

        Timeline(boolean json) {
            this.json = json;
        }

        void happened(Happening happening) {
            if (printer == null) {
                early.add(happening);
            } else {
                printer.accept(happening);
            }
        }

        /// Now is the beginning.
        void open(ScriptedSimulation simulation) {
            var text = new TimelineText(simulation.now());
            var lines = new TimelineJson(simulation.now());
            Consumer<Happening> print =
                    happening ->
                            (json
                                            ? Stream.of(lines.line(happening).text())
                                            : text.lines(happening).stream())
                                    .forEach(out()::println);
            early.forEach(print);
            early.clear();
            printer = print;
        }
    }
}
