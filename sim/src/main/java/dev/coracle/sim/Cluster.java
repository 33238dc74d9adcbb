// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.cluster.ClusterControllers;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.system.SystemService;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.KubeletConfig;
import dev.coracle.core.kubelet.KubeletConfig.BackOff;
import dev.coracle.core.net.RuleBook;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ServiceRanges;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A cluster of one node, called `yard` unless told otherwise, in virtual time: the store,
/// registry, scheduler, controllers, packet rules and kubelet that a real node has, on a
/// [ScriptedRuntime].
///
/// Components hear of changes a moment after they are committed, later when faults say so. What
/// must always hold is checked after every commit; see [ClusterInvariants].
public final class Cluster implements AutoCloseable {
    private static final Duration LATENCY = Duration.ofMillis(1);
    private static final int API_PORT = 6443;

    private final World world;
    private final NodeShape node;
    private final MvccStore store;
    private final ScriptedRuntime runtime;
    private final ScriptedProber prober;
    private final SimulatedApi api;
    private final Registry registry;
    private final KubeletShell kubelet;
    private final SchedulerShell scheduler;
    private final ClusterInvariants invariants;
    private Faults faults = Faults.NONE;
    private final List<Listener> listeners = new ArrayList<>();
    private final List<ControllerShell> controllers;
    private final RulesInMemory rules = new RulesInMemory();
    private final RulesShell rulesShell;
    private @Nullable Observation observation;

    /// A component that is told, once a moment after however many commits, that there was one.
    private static final class Listener {
        final Runnable pump;
        final SplittableRandom random;
        boolean isTold;

        Listener(Runnable pump, SplittableRandom random) {
            this.pump = pump;
            this.random = random;
        }
    }

    /// `schemas` are those of the served kinds; loading them takes a moment, so share them.
    public Cluster(World world, Schemas schemas) {
        this(world, schemas, NodeShape.YARD);
    }

    public Cluster(World world, Schemas schemas, NodeShape node) {
        this.world = world;
        this.node = node;
        store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT);
        runtime = new ScriptedRuntime(world);
        var random = world.random();
        registry = new StoreRegistry(store, schemas, world, world.random(), List.of());
        api = new SimulatedApi(world, registry);
        var kubeletRandom = world.random();
        prober = new ScriptedProber(world, runtime, NodeShape.IP);
        kubelet =
                new KubeletShell(
                        world,
                        api,
                        runtime,
                        prober,
                        config(node),
                        new KubeletShell.Luck(kubeletRandom, world.random()));
        scheduler = new SchedulerShell(world, api);
        invariants = new ClusterInvariants(world, store);
        var view = ClusterControllers.view(store);
        controllers =
                controllers().stream()
                        .map(
                                controller ->
                                        new ControllerShell(world, controller, api, registry, view))
                        .toList();
        listeners.add(new Listener(kubelet::pump, random));
        listeners.add(new Listener(scheduler::pump, random));
        var luck = world.random();
        controllers.forEach(controller -> listeners.add(new Listener(controller::pump, luck)));
        rulesShell = new RulesShell(registry, rules, new RuleBook.Node(node.name(), NodeShape.IP));
        listeners.add(new Listener(rulesShell::pump, world.random()));
    }

    private List<Controller> controllers() {
        var all = new ArrayList<>(ClusterControllers.of(ClusterControllers.dependents(store)));
        var backend = new SystemService.Backend(NodeShape.IP, API_PORT);
        var address = ServiceRanges.UPSTREAM.apiAddress();
        all.add(ClusterControllers.system(List.of(SystemService.api(address, backend))));
        return all;
    }

    private static KubeletConfig config(NodeShape node) {
        return new KubeletConfig(
                node.name(),
                NodeShape.IP,
                "/var/log/pods",
                "/var/lib/kubelet/pods",
                "cluster.local",
                ServiceRanges.UPSTREAM.dnsAddress(),
                "nameserver 192.168.0.1\n",
                node.cpu().milliValue(),
                node.memory().value(),
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
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s",
                 "labels": {"kubernetes.io/hostname": "%s", "kubernetes.io/os": "linux"}}}"""
                        .formatted(node.name(), node.name()));
        writeNodeStatus();
        scheduler.start();
        kubelet.start();
        controllers.forEach(ControllerShell::start);
        rulesShell.start();
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
        var key = new ObjectKey("", node.name());
        var capacity =
                JsonObject.builder()
                        .put("cpu", node.cpu().toString())
                        .put("memory", node.memory().toString())
                        .put("pods", "110")
                        .build();
        var address =
                JsonObject.builder().put("type", "InternalIP").put("address", NodeShape.IP).build();
        var status =
                JsonObject.builder()
                        .put("addresses", JsonArray.of(address))
                        .put("capacity", capacity)
                        .put("allocatable", capacity)
                        .build();
        registry.update(
                api.type("nodes"),
                key,
                "status",
                registry.get(api.type("nodes"), key).with("status", status),
                WriteOptions.by("kubelet"));
    }

    private void committed() {
        invariants.check();
        if (observation != null) {
            observation.look();
        }
        listeners.forEach(this::tell);
    }

    private void tell(Listener listener) {
        if (!listener.isTold) {
            listener.isTold = true;
            world.in(
                    LATENCY.plus(faults.lateness(listener.random)),
                    () -> {
                        listener.isTold = false;
                        listener.pump.run();
                    });
        }
    }

    /// From now on these faults, in the runtime and in what components hear.
    public void faults(Faults newFaults) {
        faults = newFaults;
        runtime.faults(newFaults);
        prober.faults(newFaults);
        kubelet.faults(newFaults);
        world.note(newFaults.equals(Faults.NONE) ? "faults end" : "faults begin");
    }

    /// From now on `observer` is told of every pod and event that is committed, and of what happens
    /// in the containers.
    public void observe(Consumer<Happening> observer) {
        observation = new Observation(world, store, observer);
        runtime.observe(observer, this::pod);
        prober.observe(observer, this::pod);
    }

    private JsonObject pod(ObjectKey key) {
        var pod = api.find("pods", key);
        return pod == null ? JsonObject.EMPTY : pod;
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

    /// What packets meet.
    public RuleTable packetRules() {
        return rules.table();
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

    SimulatedApi api() {
        return api;
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
