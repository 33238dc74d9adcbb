// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Pod;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/// Pods and nodes to be made worse, written as YAML.
final class Fixtures {
    static final JsonObject NODE = node("yard", "{}");

    private Fixtures() {}

    static JsonObject yaml(String text) {
        return (JsonObject) json(new Yaml().load(text));
    }

    private static Json json(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var builder = JsonObject.builder();
                map.forEach((name, child) -> builder.put((String) name, json(child)));
                yield builder.build();
            }
            case List<?> list -> JsonArray.of(list.stream().map(Fixtures::json).toList());
            case Boolean bool -> Json.of(bool);
            case Number number -> Json.of(number.longValue());
            default -> Json.of(value.toString());
        };
    }

    /// A ready node of 4 CPUs, 8Gi and 110 pods; `difference` has whole parts of it.
    static JsonObject node(String name, String difference) {
        var node =
                yaml(
                        "{apiVersion: v1, kind: Node, metadata: {}, spec: {}, status: {allocatable:"
                                + " {cpu: 4, memory: 8Gi, pods: 110}}}");
        for (var part : yaml(difference).names()) {
            node = node.with(part, yaml(difference).object(part));
        }
        return node.with("metadata", metadata -> metadata.with("name", name));
    }

    static Pod pod(String spec) {
        return Pod.of(podTree("web", spec));
    }

    static JsonObject podTree(String name, String spec) {
        return yaml("{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: default, uid: u-%s,"
                                .formatted(name, name)
                        + " resourceVersion: '7', generation: 1}, status: {phase: Pending}}")
                .with("spec", yaml(spec));
    }

    static String container(String cpu, String memory) {
        return "{name: app, resources: {requests: {cpu: %s, memory: %s}}}".formatted(cpu, memory);
    }

    /// Containers written shortly as `{cpu: 1, limit: 2, sidecar: true}`, in full.
    static JsonArray withResources(String spec, String name) {
        return JsonArray.of(
                yaml(spec).array(name).objects().stream().map(Fixtures::inFull).toList());
    }

    private static JsonObject inFull(JsonObject shortly) {
        var container = JsonObject.builder().put("name", "c");
        var resources = JsonObject.builder();
        var cpu = shortly.get("cpu");
        var limit = shortly.get("limit");
        if (cpu != null) {
            resources.put("requests", JsonObject.of("cpu", cpu));
        }
        if (limit != null) {
            resources.put("limits", JsonObject.of("cpu", limit));
        }
        if (shortly.bool("sidecar", false)) {
            container.put("restartPolicy", "Always");
        }
        return container.put("resources", resources.build()).build();
    }
}
