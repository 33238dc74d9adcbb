// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry.ObjectWatch.Type;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EveryKindTest {
    /// The least that each kind needs beside its metadata.
    private static final Map<String, String> NEEDED =
            Map.ofEntries(
                    Map.entry(
                            "pods",
                            "{'spec': {'containers': [{'name': 'app', 'image': 'web:1'}]}}"),
                    Map.entry(
                            "podtemplates",
                            "{'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'app', 'image': 'web:1'}]}}}"),
                    Map.entry("services", "{'spec': {'ports': [{'port': 80}]}}"),
                    Map.entry("replicationcontrollers", workload("{'a': 'b'}")),
                    Map.entry("deployments.apps", workload("{'matchLabels': {'a': 'b'}}")),
                    Map.entry("replicasets.apps", workload("{'matchLabels': {'a': 'b'}}")),
                    Map.entry("daemonsets.apps", workload("{'matchLabels': {'a': 'b'}}")),
                    Map.entry("statefulsets.apps", workload("{'matchLabels': {'a': 'b'}}")),
                    Map.entry(
                            "jobs.batch",
                            "{'spec': {'template': {'spec': {'restartPolicy': 'Never', 'containers': [{'name': 'app', 'image': 'web:1'}]}}}}"),
                    Map.entry(
                            "cronjobs.batch",
                            "{'spec': {'schedule': '* * * * *', 'jobTemplate': {'spec': {'template': {'spec': {'restartPolicy': 'Never', 'containers': [{'name': 'app', 'image': 'web:1'}]}}}}}}"),
                    Map.entry(
                            "persistentvolumeclaims",
                            "{'spec': {'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}}}"),
                    Map.entry(
                            "persistentvolumes",
                            "{'spec': {'capacity': {'storage': '1Gi'}, 'accessModes': ['ReadWriteOnce'], 'hostPath': {'path': '/x'}}}"),
                    Map.entry("priorityclasses.scheduling.k8s.io", "{'value': 10}"),
                    Map.entry("endpointslices.discovery.k8s.io", "{'addressType': 'IPv4'}"),
                    Map.entry(
                            "events",
                            "{'involvedObject': {'kind': 'Pod', 'namespace': 'default', 'name': 'x'}}"),
                    Map.entry(
                            "events.events.k8s.io",
                            "{'regarding': {'kind': 'Pod', 'namespace': 'default', 'name': 'x'}, 'eventTime': '2026-11-21T04:00:00.000000Z', 'action': 'a', 'reason': 'r', 'type': 'Normal', 'reportingController': 'c/d', 'reportingInstance': 'i'}"));

    private static String workload(String selector) {
        return """
               {'spec': {'selector': %s, 'template': {'metadata': {'labels': {'a': 'b'}},
                'spec': {'containers': [{'name': 'app', 'image': 'web:1'}]}}}}
               """
                .formatted(selector);
    }

    static Stream<ResourceType> types() {
        return ResourceTypes.all().stream();
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyKindCanBeCreatedReadListedWatchedChangedAndDeleted(ResourceType type) {
        try (var cluster = new Cluster()) {
            var registry = cluster.registry;
            var home = type.namespaced() ? "default" : "";
            var key = new ObjectKey(home, "first-one");
            try (var watch = registry.watch(type, ListOptions.in(home))) {
                watch.poll();
                var created = cluster.create(type, body(type));
                assertThat(created.string("apiVersion")).isEqualTo(type.apiVersion());
                assertThat(created.string("kind")).isEqualTo(type.kind());
                assertThat(registry.get(type, key)).isEqualTo(created);
                assertThat(registry.list(type, ListOptions.in(home)).entries())
                        .extracting(entry -> entry.object())
                        .contains(created);

                var labels = Cluster.json("{'metadata': {'labels': {'colour': 'red'}}}");
                var patched =
                        registry.patch(
                                type,
                                key,
                                "",
                                new Patch(Patch.Format.MERGE, labels),
                                Cluster.options());
                assertThat(patched.object("metadata").object("labels").string("colour"))
                        .isEqualTo("red");

                var changed = patched.with("metadata", m -> m.with("labels", labels(m, "blue")));
                var updated = cluster.update(type, "", changed);
                assertThat(updated.object("metadata").object("labels").string("colour"))
                        .isEqualTo("blue");
                assertThat(updated.object("metadata").get("generation"))
                        .isEqualTo(created.object("metadata").get("generation"));

                registry.delete(type, key, DeleteOptions.NONE);
                assertThat(watch.poll().events())
                        .extracting(event -> event.type())
                        .startsWith(Type.ADDED, Type.MODIFIED, Type.MODIFIED);
                assertThat(isGoneOrGoing(registry, type, key)).isTrue();
            }
        }
    }

    private static boolean isGoneOrGoing(Registry registry, ResourceType type, ObjectKey key) {
        return registry.list(type, ListOptions.in(key.namespace())).entries().stream()
                .filter(entry -> ObjectKey.of(entry.object()).equals(key))
                .allMatch(entry -> entry.object().object("metadata").has("deletionTimestamp"));
    }

    private static JsonObject labels(JsonObject metadata, String colour) {
        return metadata.object("labels").with("colour", colour);
    }

    private static String body(ResourceType type) {
        var needed = Cluster.json(NEEDED.getOrDefault(type.qualified(), "{}"));
        return needed.with("metadata", m -> m.with("name", "first-one")).text();
    }

    @Test
    void everyTypeHasItsOwnPath() {
        assertThat(ResourceTypes.all())
                .extracting(type -> type.apiVersion() + "/" + type.plural())
                .doesNotHaveDuplicates();
        assertThat(ResourceTypes.all()).hasSizeGreaterThan(55);
    }
}
