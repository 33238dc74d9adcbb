// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.KubeletConfig;
import dev.coracle.core.kubelet.KubeletConfig.BackOff;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A cluster of one node called `yard` in virtual time: the store, registry, scheduler and kubelet
/// that a real node has, on a [ScriptedRuntime].
///
/// Components hear of changes a moment after they are committed, later when faults say so. What
/// must always hold is checked after every commit; see [ClusterInvariants].
public final class Cluster implements AutoCloseable {
    private static final String NODE = "yard";
    private static final Duration LATENCY = Duration.ofMillis(1);

    private final World world;
    private final MvccStore store;
    private final ScriptedRuntime runtime;
    private final SimulatedApi api;
    private final Registry registry;
    private final KubeletShell kubelet;
    private final SchedulerShell scheduler;
    private final ClusterInvariants invariants;
    private final SplittableRandom random;
    private Faults faults = Faults.NONE;
    private boolean kubeletIsTold;
    private boolean schedulerIsTold;

    /// `schemas` are those of the served kinds; loading them takes a moment, so share them.
    public Cluster(World world, Schemas schemas) {
        this.world = world;
        store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT);
        runtime = new ScriptedRuntime(world);
        random = world.random();
        registry = new StoreRegistry(store, schemas, world, world.random(), List.of());
        api = new SimulatedApi(world, registry);
        kubelet = new KubeletShell(world, api, runtime, config());
        scheduler = new SchedulerShell(world, api);
        invariants = new ClusterInvariants(world, store);
    }

    private static KubeletConfig config() {
        return new KubeletConfig(
                NODE,
                "192.168.0.10",
                "/var/log/pods",
                "/var/lib/kubelet/pods",
                "cluster.local",
                null,
                "nameserver 192.168.0.1\n",
                4_000,
                8L << 30,
                BackOff.UPSTREAM,
                BackOff.UPSTREAM);
    }

    /// Creates the namespace `default` and the node, and starts the components.
    public void start() {
        store.onCommit(this::committed);
        createIfAbsent(
                "namespaces",
                """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}""");
        createIfAbsent(
                "nodes",
                """
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "yard"}}""");
        writeNodeStatus();
        scheduler.start();
        kubelet.start();
        world.advance(Duration.ofSeconds(1));
    }

    private void createIfAbsent(String type, String text) {
        var options = WriteOptions.by("simulation");
        try {
            registry.create(api.type(type), "", JsonReader.parseObject(text), options);
        } catch (ApiException e) {
            if (!e.is(Status.Reason.ALREADY_EXISTS)) {
                throw e;
            }
        }
    }

    private void writeNodeStatus() {
        var key = new ObjectKey("", NODE);
        var status =
                JsonReader.parseObject(
                        """
                        {"capacity": {"cpu": "4", "memory": "8Gi", "pods": "110"},
                         "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}""");
        registry.update(
                api.type("nodes"),
                key,
                "status",
                registry.get(api.type("nodes"), key).with("status", status),
                WriteOptions.by("kubelet"));
    }

    private void committed() {
        invariants.check();
        if (!kubeletIsTold) {
            kubeletIsTold = true;
            world.in(
                    latency(),
                    () -> {
                        kubeletIsTold = false;
                        kubelet.pump();
                    });
        }
        if (!schedulerIsTold) {
            schedulerIsTold = true;
            world.in(
                    latency(),
                    () -> {
                        schedulerIsTold = false;
                        scheduler.pump();
                    });
        }
    }

    private Duration latency() {
        boolean late = random.nextDouble() < faults.late();
        double share = random.nextDouble();
        return late ? LATENCY.plusNanos((long) (faults.maxDelay().toNanos() * share)) : LATENCY;
    }

    /// From now on these faults, in the runtime and in what components hear.
    public void faults(Faults newFaults) {
        faults = newFaults;
        runtime.faults(newFaults);
        world.note(newFaults.equals(Faults.NONE) ? "faults end" : "faults begin");
    }

    public World world() {
        return world;
    }

    public ScriptedRuntime runtime() {
        return runtime;
    }

    public Registry registry() {
        return registry;
    }

    /// Creates an object of type `pods`, `configmaps`, … in the namespace `default`.
    public JsonObject create(String type, JsonObject object) {
        return registry.create(api.type(type), "default", object, WriteOptions.by("simulation"));
    }

    /// The object in the namespace `default`, null when there is none.
    public @Nullable JsonObject find(String type, String name) {
        return api.find(type, new ObjectKey("default", name));
    }

    /// Deletes a pod in the namespace `default`.
    public void deletePod(String name, DeleteOptions options) {
        api.deletePod(new ObjectKey("default", name), options);
    }

    /// The kubelet dies at once and comes back after `downtime`.
    public void restartKubelet(Duration downtime) {
        kubelet.kill();
        world.in(downtime, kubelet::start);
    }

    public void advance(Duration duration) {
        world.advance(duration);
    }

    @Override
    public void close() {
        runtime.close();
        store.close();
    }
}
