// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonWriter;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.store.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A node whose pods live by a script: each gets the next of `phases` right after the one before,
/// and goes when it is deleted.
final class ScriptedNode implements RunningNode, Registry {
    private static final ResourceType PODS =
            new ResourceType("", "v1", "pods", "pod", "Pod", true, List.of(), List.of());
    private static final ResourceType EVENTS =
            new ResourceType("", "v1", "events", "event", "Event", true, List.of(), List.of());

    /// What was done to the node, in order.
    final List<String> history = new ArrayList<>();

    /// The node has crashed once there is one.
    final BlockingQueue<Throwable> crashes = new LinkedBlockingQueue<>();

    private final List<JsonObject> statuses;
    private final Map<ObjectKey, JsonObject> pods = new TreeMap<>();
    private final BlockingQueue<ObjectWatch.Event> changes = new LinkedBlockingQueue<>();

    ScriptedNode(List<JsonObject> statuses) {
        this.statuses = List.copyOf(statuses);
    }

    @Override
    public synchronized JsonObject create(
            ResourceType type, String namespace, JsonObject object, WriteOptions options) {
        var name = object.object("metadata").string("name");
        history.add("create " + name);
        if (name.startsWith("refused")) {
            throw new ApiException(Status.of(Status.Reason.FORBIDDEN, "not on this node"));
        }
        var pod =
                object.with(
                                "metadata",
                                metadata -> metadata.with("uid", name).with("namespace", namespace))
                        .with("spec", spec -> spec.with("nodeName", name()));
        put(ObjectWatch.Type.ADDED, pod);
        for (var status : statuses) {
            put(ObjectWatch.Type.MODIFIED, pod.with("status", status));
        }
        return pod;
    }

    private void put(ObjectWatch.Type type, JsonObject pod) {
        pods.put(ObjectKey.of(pod), pod);
        changes.add(new ObjectWatch.Event(type, entry(pod)));
    }

    @Override
    public synchronized JsonObject delete(ResourceType type, ObjectKey key, DeleteOptions options) {
        history.add("delete " + key.name());
        var pod = pods.remove(key);
        if (pod == null) {
            throw new ApiException(Status.notFound(type, key.name()));
        }
        changes.add(new ObjectWatch.Event(ObjectWatch.Type.DELETED, entry(pod)));
        return pod;
    }

    @Override
    public List<ResourceType> types() {
        return List.of(PODS, EVENTS);
    }

    @Override
    public synchronized Listing list(ResourceType type, ListOptions options) {
        var entries = pods.values().stream().map(ScriptedNode::entry).toList();
        return new Listing(type.equals(PODS) ? entries : List.of(), 1, "", 0);
    }

    private static Entry entry(JsonObject pod) {
        return new Entry(ObjectKey.of(pod).toString(), pod, 1, 1, JsonWriter.bytes(pod));
    }

    @Override
    public ObjectWatch watch(ResourceType type, ListOptions options) {
        return new Changes(type.equals(PODS) ? changes : new LinkedBlockingQueue<>());
    }

    private record Changes(BlockingQueue<Event> queue) implements ObjectWatch {
        @Override
        public Batch poll() {
            var events = new ArrayList<Event>();
            queue.drainTo(events);
            return new Batch(events, 1);
        }

        @Override
        public Batch await(Duration timeout) throws InterruptedException {
            var event = queue.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new Batch(event == null ? List.of() : List.of(event), 1);
        }

        @Override
        public boolean closed() {
            return false;
        }

        @Override
        public void close() {}
    }

    @Override
    public String name() {
        return "yard";
    }

    @Override
    public String address() {
        return "https://127.0.0.1:1";
    }

    @Override
    public void stopScheduling() {
        history.add("schedule no more");
    }

    @Override
    public Registry registry() {
        return this;
    }

    @Override
    public Path logFile(JsonObject pod, String container, int attempt) {
        return Path.of("/nonexistent", container, attempt + ".log");
    }

    @Override
    public void onPull(Consumer<PullProgress> sink) {}

    @Override
    public Throwable awaitCrash() throws InterruptedException {
        return crashes.take();
    }

    @Override
    public void dismantle() {
        history.add("dismantle");
    }

    @Override
    public void close() {
        history.add("close");
    }

    @Override
    public JsonObject get(ResourceType type, ObjectKey key, String subresource) {
        throw new UnsupportedOperationException(subresource);
    }

    @Override
    public JsonObject get(ResourceType type, ObjectKey key) {
        throw new AssertionError("nobody reads");
    }

    @Override
    public JsonObject update(
            ResourceType type,
            ObjectKey key,
            String subresource,
            JsonObject object,
            WriteOptions options) {
        throw new AssertionError("nobody replaces");
    }

    @Override
    public JsonObject patch(
            ResourceType type,
            ObjectKey key,
            String subresource,
            Patch patch,
            WriteOptions options) {
        throw new AssertionError("nobody patches");
    }

    @Override
    public List<JsonObject> deleteCollection(
            ResourceType type, ListOptions selection, DeleteOptions options) {
        throw new AssertionError("nobody deletes collections");
    }

    /// A status of `phase`, with one container that ended with `exitCode`.
    static JsonObject ended(String phase, int exitCode) {
        var terminated = JsonObject.of("exitCode", Json.of(exitCode), "reason", Json.of("Ended"));
        var container =
                JsonObject.builder()
                        .put("name", "app")
                        .put("state", JsonObject.of("terminated", terminated))
                        .build();
        return JsonObject.of(
                "phase",
                Json.of(phase),
                "containerStatuses",
                dev.coracle.core.json.JsonArray.of(container));
    }

    static JsonObject running() {
        return JsonObject.of("phase", Json.of("Running"));
    }
}
