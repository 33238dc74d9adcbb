// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.RuleBook;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.StaleFlows;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.net.HealthPorts;
import dev.coracle.host.net.Nftables;
import dev.coracle.host.net.NodeNetwork;
import dev.coracle.host.net.RulesLoop;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.SynchronousQueue;

/// How long services take to become packet rules: 1,000 services of 10 endpoints, in a network
/// namespace of its own. A program of its own; needs root and nftables.
public final class PacketRulesBench {
    private static final String NAMESPACE = "coracle-bench";
    private static final int SERVICES = 1_000;
    private static final int ENDPOINTS = 10;
    private static final int WARM_UPS = 100;
    private static final int CHANGES = 500;

    private final PrintStream out;
    private final InstantSource clock = InstantSource.system();
    private final SplittableRandom random = new SplittableRandom(1);

    private PacketRulesBench(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        ip("netns", "add", NAMESPACE);
        try {
            new PacketRulesBench(System.out).run();
        } finally {
            ip("netns", "delete", NAMESPACE);
        }
    }

    private static void ip(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("failed: " + String.join(" ", command));
        }
    }

    private static Timed rules() {
        var network =
                new NodeNetwork(NAMESPACE, "cor-bench", "10.244.0.0/16", "10.96.0.0/12", true);
        return new Timed(new Nftables(Path.of("/run/netns", NAMESPACE), network));
    }

    private void run() throws IOException, InterruptedException {
        try (var store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT);
                var alarms = new Alarms(clock)) {
            var registry =
                    new StoreRegistry(store, Schemas.load(), clock, random.split(), List.of());
            fill(registry);
            var rules = rules();
            try (var _ = start(registry, rules, alarms, "nothing there before")) {
                changes(registry, rules);
            }
            try (var _ = start(registry, rules(), alarms, "everything there before")) {
                out.println("(a restart compares and changes nothing)");
            }
        }
    }

    private RulesLoop start(Registry registry, PacketRules rules, Alarms alarms, String what) {
        var loop =
                new RulesLoop(
                        new RulesLoop.Parts(
                                rules,
                                new HealthPorts("yard", _ -> {}, clock),
                                new RuleBook.Node("yard", "192.0.2.1"),
                                registry,
                                ResourceTypes.SERVICES,
                                ResourceTypes.ENDPOINT_SLICES,
                                ResourceTypes.PODS,
                                true,
                                alarms,
                                Throwable::printStackTrace));
        long begin = System.nanoTime();
        loop.start();
        out.printf(
                "full sync of %d services x %d endpoints, %s: %d ms%n",
                SERVICES, ENDPOINTS, what, Duration.ofNanos(System.nanoTime() - begin).toMillis());
        return loop;
    }

    private static void fill(Registry registry) {
        registry.create(
                ResourceTypes.NAMESPACES,
                "",
                JsonReader.parseObject(
                        """
                        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}"""),
                WriteOptions.by("bench"));
        for (int i = 0; i < SERVICES; i++) {
            registry.create(
                    ResourceTypes.SERVICES, "default", service(i), WriteOptions.by("bench"));
            registry.create(
                    ResourceTypes.ENDPOINT_SLICES,
                    "default",
                    slice(i, ENDPOINTS),
                    WriteOptions.by("bench"));
        }
    }

    private static JsonObject service(int number) {
        return JsonReader.parseObject(
                """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s%1$d"},
                 "spec": {"clusterIP": "10.96.%2$d.%3$d", "clusterIPs": ["10.96.%2$d.%3$d"],
                          "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
                          "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}}"""
                        .formatted(number, 1 + number / 250, 1 + number % 250));
    }

    private static JsonObject slice(int number, int endpoints) {
        var list = new ArrayList<Json>();
        for (int i = 0; i < endpoints; i++) {
            list.add(
                    JsonReader.parseObject(
                            """
                            {"addresses": ["10.244.%d.%d"], "nodeName": "yard",
                             "conditions": {"ready": true, "serving": true}}"""
                                    .formatted(number / 25, number % 25 * 10 + i)));
        }
        return JsonReader.parseObject(
                        """
                        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                         "metadata": {"name": "s%1$d",
                                      "labels": {"kubernetes.io/service-name": "s%1$d"}},
                         "addressType": "IPv4", "endpoints": [],
                         "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}"""
                                .formatted(number))
                .with("endpoints", JsonArray.of(list));
    }

    /// One endpoint less or one more, each from before its commit until the kernel has it.
    private void changes(Registry registry, Timed rules) throws InterruptedException {
        var samples = new Samples();
        rules.measuring = true;
        for (int i = 0; i < WARM_UPS + CHANGES; i++) {
            int number = random.nextInt(SERVICES);
            var key = new ObjectKey("default", "s" + number);
            var old = registry.get(ResourceTypes.ENDPOINT_SLICES, key);
            boolean full = old.array("endpoints").size() == ENDPOINTS;
            var changed =
                    old.with(
                            "endpoints",
                            slice(number, full ? ENDPOINTS - 1 : ENDPOINTS).array("endpoints"));
            long begin = System.nanoTime();
            registry.update(
                    ResourceTypes.ENDPOINT_SLICES, key, "", changed, WriteOptions.by("bench"));
            long applied = rules.applied.take();
            if (i >= WARM_UPS) {
                samples.add(Duration.ofNanos(applied - begin));
            }
        }
        rules.measuring = false;
        out.println(
                "one endpoint change, before its commit until the kernel has it: "
                        + samples.tenths());
    }

    /// Says when changes have been applied.
    private static final class Timed implements PacketRules {
        private final SynchronousQueue<Long> applied = new SynchronousQueue<>();
        private final PacketRules inner;
        private volatile boolean measuring;

        Timed(PacketRules inner) {
            this.inner = inner;
        }

        @Override
        public RuleTable open() {
            return inner.open();
        }

        @Override
        public void apply(RuleChanges changes) {
            inner.apply(changes);
            if (measuring && !changes.isEmpty()) {
                try {
                    applied.put(System.nanoTime());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void forget(StaleFlows flows) {
            inner.forget(flows);
        }

        @Override
        public void removeAll() {
            inner.removeAll();
        }
    }
}
