// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.event.EventCorrelator;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.event.EventWrite;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.Lookup;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.Registry.Listing;
import dev.coracle.core.registry.Registry.ObjectWatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The questions and writes of the simulated components, put to the registry.
final class SimulatedApi {
    private final World world;
    private final Registry registry;
    private final Map<String, EventCorrelator> correlators = new LinkedHashMap<>();
    private final Map<String, ResourceType> types = new LinkedHashMap<>();

    SimulatedApi(World world, Registry registry) {
        this.world = world;
        this.registry = registry;
    }

    ResourceType type(String qualified) {
        return types.computeIfAbsent(qualified, this::findType);
    }

    private ResourceType findType(String qualified) {
        return registry.types().stream()
                .filter(type -> type.qualified().equals(qualified))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no type is called " + qualified));
    }

    Listing listPods() {
        return registry.list(type("pods"), ListOptions.all());
    }

    Listing listNodes() {
        return registry.list(type("nodes"), ListOptions.all());
    }

    Listing listPodsOf(String nodeName) {
        return registry.list(type("pods"), onNode(nodeName, ""));
    }

    ObjectWatch watchPods(long afterRevision) {
        return registry.watch(type("pods"), after(afterRevision));
    }

    ObjectWatch watchNodes(long afterRevision) {
        return registry.watch(type("nodes"), after(afterRevision));
    }

    ObjectWatch watchPodsOf(String nodeName, long afterRevision) {
        return registry.watch(type("pods"), onNode(nodeName, Long.toString(afterRevision)));
    }

    private static ListOptions after(long revision) {
        return new ListOptions("", "", "", 0, "", Long.toString(revision), "");
    }

    private static ListOptions onNode(String nodeName, String resourceVersion) {
        return new ListOptions("", "", "spec.nodeName=" + nodeName, 0, "", resourceVersion, "");
    }

    void writePodStatus(ObjectKey key, String uid, JsonObject status) {
        var current = find("pods", key);
        if (current != null && current.object("metadata").string("uid").equals(uid)) {
            registry.update(
                    type("pods"),
                    key,
                    "status",
                    current.with("status", status),
                    WriteOptions.by("kubelet"));
        }
    }

    /// Creates an object, or merges it into what is there, as `kubectl apply` would.
    void apply(JsonObject object) {
        var type =
                registry.types().stream()
                        .filter(
                                known ->
                                        known.kind().equals(object.string("kind"))
                                                && known.apiVersion()
                                                        .equals(object.string("apiVersion")))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        ApiException.badRequest(
                                                "no matches for kind \"%s\" in version \"%s\""
                                                        .formatted(
                                                                object.string("kind"),
                                                                object.string("apiVersion"))));
        var metadata = object.object("metadata");
        var namespace =
                !type.namespaced()
                        ? ""
                        : metadata.has("namespace") ? metadata.string("namespace") : "default";
        var options =
                new WriteOptions(
                        false, Api.FieldValidation.STRICT, "coracle", List.of(), new ArrayList<>());
        try {
            registry.create(type, namespace, object, options);
        } catch (ApiException e) {
            if (!e.is(Status.Reason.ALREADY_EXISTS)) {
                throw e;
            }
            registry.patch(
                    type,
                    new ObjectKey(namespace, metadata.string("name")),
                    "",
                    new Api.Patch(Api.Patch.Format.STRATEGIC_MERGE, object),
                    options);
        }
    }

    void patchPod(ObjectKey key, String subresource, JsonObject patch) {
        registry.patch(
                type("pods"),
                key,
                subresource,
                new Api.Patch(Api.Patch.Format.STRATEGIC_MERGE, patch),
                WriteOptions.by("simulation"));
    }

    void patchPodStatus(ObjectKey key, JsonObject patch) {
        registry.patch(
                type("pods"),
                key,
                "status",
                new Api.Patch(Api.Patch.Format.STRATEGIC_MERGE, patch),
                WriteOptions.by("kube-scheduler"));
    }

    void deletePod(ObjectKey key, DeleteOptions options) {
        registry.delete(type("pods"), key, options);
    }

    void bind(ObjectKey key, JsonObject binding) {
        registry.update(type("pods"), key, "binding", binding, WriteOptions.by("kube-scheduler"));
    }

    /// Null when there is none.
    @Nullable JsonObject find(String type, ObjectKey key) {
        try {
            return registry.get(type(type), key);
        } catch (ApiException e) {
            if (e.is(Status.Reason.NOT_FOUND)) {
                return null;
            }
            throw e;
        }
    }

    /// Each component counts its own events.
    void record(EventRequest request) {
        var events = type("events");
        var options = WriteOptions.by(request.component());
        var write =
                correlators
                        .computeIfAbsent(request.component(), _ -> new EventCorrelator())
                        .record(request, world.instant());
        if (write.isEmpty()) {
            return;
        }
        world.note(
                "event %s %s %s: %s"
                        .formatted(
                                request.regarding().name(),
                                request.regarding().fieldPath(),
                                request.reason(),
                                request.message()));
        switch (write.get()) {
            case EventWrite.Create create ->
                    registry.create(events, create.key().namespace(), create.event(), options);
            case EventWrite.Update(var key, var patch, var whole) -> {
                if (find("events", key) == null) {
                    registry.create(events, key.namespace(), whole, options);
                } else {
                    registry.patch(
                            events, key, "", new Api.Patch(Api.Patch.Format.MERGE, patch), options);
                }
            }
        }
    }

    Lookup lookup() {
        return new Lookup() {
            @Override
            public @Nullable JsonObject configMap(ObjectKey key) {
                return find("configmaps", key);
            }

            @Override
            public @Nullable JsonObject secret(ObjectKey key) {
                return find("secrets", key);
            }

            @Override
            public List<JsonObject> services(String namespace) {
                return registry.list(type("services"), ListOptions.in(namespace)).entries().stream()
                        .map(entry -> entry.object())
                        .toList();
            }
        };
    }
}
