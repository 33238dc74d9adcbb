// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.ScriptReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What was recorded of the controllers of Kubernetes v1.36.2, lived through in virtual time: the
/// same states in the same order.
class ObservedServicesTest {
    private static final Path RECORDED = Path.of("src/test/resources/services");
    private static final Pattern LINE =
            Pattern.compile("\\s*[\\d.]+ (\\S+)\\s+(\\w+)/\\S+ (\\{.*})");

    private final Cluster cluster = new Cluster(new World(3), PodLifeTest.SCHEMAS);

    @BeforeEach
    void start() {
        cluster.start();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    /// The recorded states of `plural`, those that say the same again left out.
    private static List<String> recorded(String name, String plural) throws IOException {
        var states = new ArrayList<String>();
        for (var line : Files.readAllLines(RECORDED.resolve(name + ".txt"))) {
            var found = LINE.matcher(line);
            if (found.matches() && found.group(2).equals(plural)) {
                add(states, found.group(1), JsonReader.parseObject(found.group(3)));
            }
        }
        return states;
    }

    private static void add(List<String> states, String type, JsonObject state) {
        var text = plain((type.equals("DELETED") ? "DELETED " : "") + state);
        if (states.isEmpty() || !states.getLast().equals(text)) {
            states.add(text);
        }
    }

    /// Without what differs from run to run.
    private static String plain(String text) {
        return text.replaceAll("\\d+\\.\\d+\\.\\d+\\.\\d+", "IP")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID");
    }

    private static List<String> lived(ObjectWatch watch, Function<JsonObject, JsonObject> shown) {
        var states = new ArrayList<String>();
        for (var event : watch.poll().events()) {
            add(states, event.type().name(), shown.apply(event.entry().object()));
        }
        return states;
    }

    /// States that two changes at nearly the same time make one: the second pod ready, the pods
    /// freed of a controller that is deleted.
    private static boolean isPassing(String state) {
        return state.contains("\"readyReplicas\":1")
                || (state.contains("\"replicas\":3") && state.contains("\"observedGeneration\":3"));
    }

    private ObjectWatch watch(ResourceType type) {
        return cluster.registry().watch(type, ListOptions.in("default"));
    }

    @Test
    void aReplicationControllerIsScaledAndLeavesItsPodsBehind() throws IOException {
        cluster.runtime()
                .container("web", ContainerScript.runs().startingIn(Duration.ofMillis(300)));
        var watch = watch(ResourceTypes.REPLICATION_CONTROLLERS);
        cluster.create(
                "replicationcontrollers",
                json(
                        """
                        {'apiVersion': 'v1', 'kind': 'ReplicationController', 'metadata': {'name': 'rc'},
                         'spec': {'replicas': 2, 'selector': {'app': 'rc'},
                          'template': {'metadata': {'labels': {'app': 'rc'}},
                           'spec': {'terminationGracePeriodSeconds': 1,
                            'containers': [{'name': 'web', 'image': 'pause:1',
                              'imagePullPolicy': 'IfNotPresent'}]}}}}"""));
        var key = new ObjectKey("default", "rc");
        cluster.advance(Duration.ofSeconds(16));
        cluster.registry()
                .patch(
                        ResourceTypes.REPLICATION_CONTROLLERS,
                        key,
                        "scale",
                        new Patch(Patch.Format.MERGE, json("{'spec': {'replicas': 3}}")),
                        WriteOptions.by("test"));
        cluster.advance(Duration.ofSeconds(6));
        cluster.registry()
                .delete(
                        ResourceTypes.REPLICATION_CONTROLLERS,
                        key,
                        new DeleteOptions(null, "Orphan", null, null, false));
        cluster.advance(Duration.ofSeconds(3));

        var lived = lived(watch, object -> object.object("status"));

        var expected = new ArrayList<>(recorded("rc", "replicationcontrollers"));
        for (var states : List.of(expected, lived)) {
            states.removeIf(ObservedServicesTest::isPassing);
        }
        assertThat(lived).containsExactlyElementsOf(expected);
    }

    @Test
    void endpointsFollowReadiness() throws IOException {
        var directory = Path.of("src/test/resources/observed/readiness-http");
        var script =
                ScriptReader.read(
                        "script.yaml",
                        Files.readAllBytes(directory.resolve("script.yaml")),
                        file -> Lived.documents(directory.resolve(file)));
        try (var simulation =
                new ScriptedSimulation(
                        script, null, NodeShape.YARD, PodLifeTest.SCHEMAS, _ -> {})) {
            simulation.start();
            var all = ListOptions.in("g-readiness-http");
            var slices = simulation.registry().watch(ResourceTypes.ENDPOINT_SLICES, all);
            var endpoints = simulation.registry().watch(ResourceTypes.ENDPOINTS, all);
            simulation.apply(
                    json(
                            """
                            {'apiVersion': 'v1', 'kind': 'Namespace',
                             'metadata': {'name': 'g-readiness-http'}}"""));
            for (var object : Lived.documents(directory.resolve("manifest.yaml"))) {
                simulation.apply(
                        object.with("metadata", m -> m.with("namespace", "g-readiness-http")));
            }
            simulation.run(script.until());

            assertThat(lived(slices, ObservedServicesTest::slice))
                    .containsExactlyElementsOf(untilTheEnd("endpointslices"));
            assertThat(lived(endpoints, object -> part(object, "subsets")))
                    .containsExactlyElementsOf(untilTheEnd("endpoints"));
        }
    }

    /// The recording goes on until the namespace is deleted.
    private static List<String> untilTheEnd(String plural) throws IOException {
        return recorded("readiness-http", plural).stream()
                .filter(state -> !state.startsWith("DELETED"))
                .toList();
    }

    private static JsonObject part(JsonObject object, String field) {
        var value = object.get(field);
        return value == null ? JsonObject.EMPTY : JsonObject.of(field, value);
    }

    private static JsonObject slice(JsonObject slice) {
        return slice.array("endpoints").isEmpty()
                ? JsonObject.EMPTY
                : JsonObject.builder()
                        .put("endpoints", slice.array("endpoints"))
                        .put("ports", slice.array("ports"))
                        .build();
    }
}
