// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.Admission;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.core.view.IndexedView;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A registry in memory with the namespace `default` and the node `yard`, and controllers that work
/// until there is nothing left to do whenever they are told to. Time only moves when told to.
public final class Desk implements InstantSource, AutoCloseable {
    public static final Instant START = Instant.parse("2026-11-21T04:00:00Z");
    private static final Schemas SCHEMAS = Schemas.load();
    private static final int MOST_ROUNDS = 10_000;

    public final MvccStore store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT);
    public final Registry registry;
    public final View view =
            new IndexedView(
                    store,
                    List.of(
                            ResourceTypes.PODS,
                            ResourceTypes.SERVICES,
                            ResourceTypes.ENDPOINT_SLICES,
                            ResourceTypes.REPLICATION_CONTROLLERS));

    /// `Warning FailedCreate web: Error …`, in order.
    public final List<String> events = new ArrayList<>();

    /// How long to wait, of each look that asked for another one, the newest last.
    public final List<Duration> again = new ArrayList<>();

    private final Map<Controller, Map<Controller.Trigger, ObjectWatch>> controllers =
            new LinkedHashMap<>();
    private Instant now = START;

    public Desk(Admission... admissions) {
        registry =
                new StoreRegistry(
                        store, SCHEMAS, this, new SplittableRandom(7), List.of(admissions));
        create(ResourceTypes.NAMESPACES, "{'metadata': {'name': 'default'}}");
        create(
                ResourceTypes.NODES,
                """
                {'metadata': {'name': 'yard', 'labels': {'topology.kubernetes.io/zone': 'z1'}},
                 'status': {'addresses': [{'type': 'InternalIP', 'address': '192.168.0.10'}]}}""");
    }

    public void add(Controller controller) {
        var watches = new LinkedHashMap<Controller.Trigger, ObjectWatch>();
        for (var trigger : controller.reads()) {
            watches.put(trigger, registry.watch(trigger.type(), ListOptions.all()));
        }
        controllers.put(controller, watches);
    }

    @Override
    public Instant instant() {
        return now;
    }

    public void pass(Duration time) {
        now = now.plus(time);
    }

    /// Lets every controller look at what has changed until nothing does.
    public void settle() {
        long before = -1;
        for (int round = 0; before != store.revision(); round++) {
            if (round == MOST_ROUNDS) {
                throw new IllegalStateException("never at rest");
            }
            before = store.revision();
            controllers.forEach(this::work);
        }
    }

    private void work(Controller controller, Map<Controller.Trigger, ObjectWatch> watches) {
        var keys = new LinkedHashSet<ObjectKey>();
        watches.forEach(
                (trigger, watch) -> {
                    for (var event : watch.poll().events()) {
                        var previous = event.previous();
                        if (previous != null) {
                            keys.addAll(trigger.keys().of(view, previous.object()));
                        }
                        keys.addAll(trigger.keys().of(view, event.entry().object()));
                    }
                });
        keys.forEach(key -> look(controller, key));
    }

    /// One look of `controller` at `key`, and what it wants written, unless it conflicts.
    public Writer.Outcome look(Controller controller, ObjectKey key) {
        var decision = controller.reconcile(view, key, now);
        if (decision.again() != null) {
            again.add(decision.again());
        }
        return new Writer(registry, controller.name(), this::record).write(decision.writes());
    }

    private void record(EventRequest event) {
        events.add(
                "%s %s %s: %s"
                        .formatted(
                                event.type(),
                                event.reason(),
                                event.regarding().name(),
                                event.message()));
    }

    /// JSON with single quotes; namespaced objects are in `default`.
    public JsonObject create(ResourceType type, String json) {
        return create(type, json(json));
    }

    public JsonObject create(ResourceType type, JsonObject object) {
        return registry.create(
                type, type.namespaced() ? "default" : "", object, WriteOptions.by("test"));
    }

    public JsonObject change(ResourceType type, String name, UnaryOperator<JsonObject> change) {
        return write(type, name, "", change);
    }

    public JsonObject status(ResourceType type, String name, String json) {
        return write(type, name, "status", object -> object.with("status", json(json)));
    }

    private JsonObject write(
            ResourceType type, String name, String part, UnaryOperator<JsonObject> change) {
        var key = new ObjectKey(type.namespaced() ? "default" : "", name);
        return registry.update(
                type, key, part, change.apply(registry.get(type, key)), WriteOptions.by("test"));
    }

    public @Nullable JsonObject find(ResourceType type, String name) {
        return view.get(type, new ObjectKey(type.namespaced() ? "default" : "", name));
    }

    public JsonObject get(ResourceType type, String name) {
        return Objects.requireNonNull(find(type, name), name);
    }

    public List<JsonObject> all(ResourceType type) {
        return view.list(type, type.namespaced() ? "default" : "");
    }

    public List<String> names(ResourceType type) {
        return all(type).stream().map(object -> ObjectKey.of(object).name()).toList();
    }

    /// A pod with the label `app`, on the node, with an address, ready or not.
    public JsonObject pod(String name, String app, String ip, boolean ready) {
        create(
                ResourceTypes.PODS,
                """
                {'metadata': {'name': '%s', 'labels': {'app': '%s'}},
                 'spec': {'nodeName': 'yard', 'containers': [{'name': 'a', 'image': 'a:1',
                   'ports': [{'name': 'http', 'containerPort': 8080}]}]}}"""
                        .formatted(name, app));
        return ready(name, ip, ready);
    }

    public JsonObject ready(String name, String ip, boolean ready) {
        return status(
                ResourceTypes.PODS,
                name,
                """
                {'phase': 'Running', 'podIP': '%s', 'podIPs': [{'ip': '%s'}],
                 'conditions': [{'type': 'Ready', 'status': '%s', 'lastTransitionTime': '%s'}]}"""
                        .formatted(ip, ip, ready ? "True" : "False", now));
    }

    public static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    public static JsonArray array(String text) {
        return json("{'a': " + text + "}").array("a");
    }

    /// Why a write was refused, empty when it was not.
    public static String refusal(Runnable write) {
        try {
            write.run();
            return "";
        } catch (ApiException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
