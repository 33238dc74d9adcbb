// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.Yaml;
import dev.coracle.core.schema.Schemas;
import dev.coracle.sim.script.ScriptReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A case of the test resources, lived through: a directory with `manifest.yaml` and `script.yaml`.
record Lived(List<Happening> happenings, List<String> lines) {
    private static final Schemas SCHEMAS = Schemas.load();

    /// `namespace` null: the objects' own.
    static Lived of(Path directory, @Nullable String namespace) throws IOException {
        var script =
                ScriptReader.read(
                        "script.yaml",
                        Files.readAllBytes(directory.resolve("script.yaml")),
                        file -> documents(directory.resolve(file)));
        var happenings = new ArrayList<Happening>();
        try (var simulation =
                new ScriptedSimulation(script, null, NodeShape.YARD, SCHEMAS, happenings::add)) {
            simulation.start();
            var text = new TimelineText(simulation.now());
            if (namespace != null) {
                simulation.apply(namespace(namespace));
            }
            for (var object : documents(directory.resolve("manifest.yaml"))) {
                simulation.apply(namespace == null ? object : in(namespace, object));
            }
            simulation.run(script.until());
            return new Lived(
                    happenings,
                    happenings.stream().flatMap(one -> text.lines(one).stream()).toList());
        }
    }

    static List<JsonObject> documents(Path file) throws IOException {
        return Yaml.read(Files.readAllBytes(file)).stream()
                .map(document -> (JsonObject) document.value())
                .toList();
    }

    private static JsonObject namespace(String name) {
        return JsonObject.builder()
                .put("apiVersion", "v1")
                .put("kind", "Namespace")
                .put("metadata", JsonObject.builder().put("name", name).build())
                .build();
    }

    private static JsonObject in(String namespace, JsonObject object) {
        return object.with("metadata", metadata -> metadata.with("namespace", namespace));
    }

    /// The cases below a directory of the test resources, by name.
    static Map<String, Path> cases(String kind) throws IOException {
        try (var entries = Files.list(Path.of("src/test/resources", kind))) {
            return entries.filter(Files::isDirectory)
                    .collect(
                            Collectors.toMap(
                                    path -> Objects.requireNonNull(path.getFileName()).toString(),
                                    path -> path,
                                    (a, _) -> a,
                                    TreeMap::new));
        }
    }
}
