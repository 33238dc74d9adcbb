// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.namespace;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Deletes everything in a namespace that is to go, and then lets it go.
///
/// Objects that stay (pods for their grace period, others for their finalizers) are waited for;
/// the conditions say what is left.
///
/// <https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace>
public final class NamespaceController implements Controller {
    private static final String FINALIZER = "kubernetes";

    /// How often what stays is looked at, beside every change of a pod.
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final ResourceType namespaces;
    private final ResourceType pods;
    private final List<ResourceType> contents;

    /// `contents` are all namespaced types that objects are stored as, `pods` among them.
    public NamespaceController(
            ResourceType namespaces, ResourceType pods, List<ResourceType> contents) {
        this.namespaces = namespaces;
        this.pods = pods;
        this.contents = List.copyOf(contents);
    }

    @Override
    public String name() {
        return "namespace-controller";
    }

    @Override
    public List<Trigger> reads() {
        return List.of(
                new Trigger(namespaces, namespace -> List.of(ObjectKey.of(namespace))),
                new Trigger(
                        pods, pod -> List.of(new ObjectKey("", ObjectKey.of(pod).namespace()))));
    }

    @Override
    public List<ResourceType> writes() {
        var all = new ArrayList<ResourceType>();
        all.add(namespaces);
        all.addAll(contents);
        return List.copyOf(all);
    }

    /// `key` is a namespace's.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var namespace = view.get(namespaces, key);
        if (namespace == null || !namespace.object("metadata").has("deletionTimestamp")) {
            return Decision.NOTHING;
        }
        var left = new LinkedHashMap<ResourceType, List<JsonObject>>();
        for (var type : contents) {
            var objects = view.list(type, key.name());
            if (!objects.isEmpty()) {
                left.put(type, objects);
            }
        }
        return left.isEmpty() ? letGo(namespace) : empty(namespace, left, now);
    }

    private Decision letGo(JsonObject namespace) {
        var finalizers = namespace.object("spec").array("finalizers");
        if (!finalizers.strings().contains(FINALIZER)) {
            return Decision.NOTHING; // somebody else's finalizer keeps it
        }
        var others =
                finalizers.stream()
                        .filter(finalizer -> !finalizer.equals(Json.of(FINALIZER)))
                        .collect(Json.toArray());
        return Decision.of(
                new Write.Update(
                        namespaces,
                        ObjectKey.of(namespace),
                        "finalize",
                        namespace.with("spec", spec -> spec.with("finalizers", others))));
    }

    private Decision empty(
            JsonObject namespace, Map<ResourceType, List<JsonObject>> left, Instant now) {
        var writes = new ArrayList<Write>();
        left.forEach(
                (type, objects) ->
                        objects.stream()
                                .filter(o -> !o.object("metadata").has("deletionTimestamp"))
                                .map(
                                        o ->
                                                new Write.Delete(
                                                        type, ObjectKey.of(o), DeleteOptions.NONE))
                                .forEach(writes::add));
        if (writes.isEmpty()) {
            var conditions = conditions(namespace, left, now);
            if (!conditions.equals(namespace.object("status").array("conditions"))) {
                writes.add(
                        new Write.Update(
                                namespaces,
                                ObjectKey.of(namespace),
                                "status",
                                namespace.with("status", s -> s.with("conditions", conditions))));
            }
        }
        return new Decision(writes, LOOK_AGAIN);
    }

    /// Upstream's five conditions, whose texts `kubectl describe` shows.
    private static JsonArray conditions(
            JsonObject namespace, Map<ResourceType, List<JsonObject>> left, Instant now) {
        var finalizers = new TreeMap<String, Integer>();
        left.values().stream()
                .flatMap(List::stream)
                .flatMap(o -> o.object("metadata").array("finalizers").strings().stream())
                .forEach(finalizer -> finalizers.merge(finalizer, 1, Integer::sum));
        var remaining =
                left.entrySet().stream()
                        .map(
                                e ->
                                        "%s has %d resource instances"
                                                .formatted(
                                                        e.getKey().plural()
                                                                + "."
                                                                + e.getKey().group(),
                                                        e.getValue().size()))
                        .sorted()
                        .toList();
        var waiting =
                finalizers.entrySet().stream()
                        .map(e -> "%s in %d resource instances".formatted(e.getKey(), e.getValue()))
                        .toList();
        var built = new ArrayList<Json>();
        built.add(
                condition(
                        namespace,
                        "NamespaceDeletionDiscoveryFailure",
                        false,
                        "ResourcesDiscovered",
                        "All resources successfully discovered",
                        now));
        built.add(
                condition(
                        namespace,
                        "NamespaceDeletionGroupVersionParsingFailure",
                        false,
                        "ParsedGroupVersions",
                        "All legacy kube types successfully parsed",
                        now));
        built.add(
                condition(
                        namespace,
                        "NamespaceDeletionContentFailure",
                        false,
                        "ContentDeleted",
                        "All content successfully deleted, may be waiting on finalization",
                        now));
        built.add(
                condition(
                        namespace,
                        "NamespaceContentRemaining",
                        true,
                        "SomeResourcesRemain",
                        "Some resources are remaining: " + String.join(", ", remaining),
                        now));
        built.add(
                waiting.isEmpty()
                        ? condition(
                                namespace,
                                "NamespaceFinalizersRemaining",
                                false,
                                "ContentHasNoFinalizers",
                                "All content-preserving finalizers finished",
                                now)
                        : condition(
                                namespace,
                                "NamespaceFinalizersRemaining",
                                true,
                                "SomeFinalizersRemain",
                                "Some content in the namespace has finalizers remaining: "
                                        + String.join(", ", waiting),
                                now));
        return JsonArray.of(built);
    }

    private static JsonObject condition(
            JsonObject namespace,
            String type,
            boolean holds,
            String reason,
            String message,
            Instant now) {
        var status = holds ? "True" : "False";
        var since =
                namespace.object("status").array("conditions").objects().stream()
                        .filter(c -> c.string("type").equals(type))
                        .filter(c -> c.string("status").equals(status))
                        .map(c -> c.string("lastTransitionTime"))
                        .findFirst()
                        .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        return JsonObject.builder()
                .put("type", type)
                .put("status", status)
                .put("lastTransitionTime", since)
                .put("reason", reason)
                .put("message", message)
                .build();
    }
}
