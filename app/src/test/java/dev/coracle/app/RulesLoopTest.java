// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.net.Answer;
import dev.coracle.core.net.Destination;
import dev.coracle.core.net.Endpoint;
import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.PacketRulesException;
import dev.coracle.core.net.RuleBook;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.Source;
import dev.coracle.core.net.StaleFlows;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.core.view.Service.Protocol;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import dev.coracle.host.net.HealthPorts;
import dev.coracle.host.net.RulesLoop;
import dev.coracle.host.net.WithdrawingStore;
import dev.coracle.sim.RulesInMemory;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The loop between a registry and rules in memory.
@Timeout(180)
class RulesLoopTest {
    private static final Schemas SCHEMAS = Schemas.load();
    private static final Destination WEB = new Destination.At("10.96.0.9", Protocol.TCP, 80);

    private static final ObjectKey WEB_1 = new ObjectKey("default", "web-1");
    private static final Duration PAUSE = Duration.ofMillis(2);

    private final Closing closing = new Closing();
    private final InstantSource clock = InstantSource.system();
    private final Alarms alarms = closing.add(new Alarms(clock));
    private final CompletableFuture<Throwable> crash = new CompletableFuture<>();
    private final List<EventRequest> events = new CopyOnWriteArrayList<>();
    private final RulesInMemory memory = new RulesInMemory();
    private final WithdrawingStore store =
            closing.add(
                    new WithdrawingStore(
                            MvccStore.open(new MemoryJournal(), Retention.DEFAULT),
                            ResourceTypes.ENDPOINT_SLICES.keyPrefix()));
    private final Registry registry =
            new StoreRegistry(store, SCHEMAS, clock, new SplittableRandom(1), List.of());

    RulesLoopTest() {
        create(
                ResourceTypes.NAMESPACES,
                "",
                """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}""");
    }

    @AfterEach
    void close() {
        closing.close();
        assertThat(crash).isNotDone();
    }

    private JsonObject create(ResourceType type, String namespace, String text) {
        return registry.create(
                type, namespace, JsonReader.parseObject(text), WriteOptions.by("test"));
    }

    private void service() {
        create(
                ResourceTypes.SERVICES,
                "default",
                """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                 "spec": {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"],
                          "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
                          "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}}""");
    }

    private void slice(String name, String... ips) {
        var endpoints =
                Arrays.stream(ips)
                        .map("{\"addresses\": [\"%s\"]}"::formatted)
                        .collect(Collectors.joining(", "));
        create(
                ResourceTypes.ENDPOINT_SLICES,
                "default",
                """
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                 "metadata": {"name": "%s", "labels": {"kubernetes.io/service-name": "web"}},
                 "addressType": "IPv4", "endpoints": [%s],
                 "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}"""
                        .formatted(name, endpoints));
    }

    private void start(PacketRules rules) {
        var loop =
                closing.add(
                        new RulesLoop(
                                new RulesLoop.Parts(
                                        rules,
                                        closing.add(new HealthPorts("yard", events::add, clock)),
                                        new RuleBook.Node("yard", "192.0.2.1"),
                                        registry,
                                        ResourceTypes.SERVICES,
                                        ResourceTypes.ENDPOINT_SLICES,
                                        ResourceTypes.PODS,
                                        true,
                                        alarms,
                                        crash::complete)));
        loop.start();
        store.changeFirst(loop);
    }

    /// The slice `web-1` with one endpoint less.
    private JsonObject halve(JsonObject slice) {
        return registry.update(
                ResourceTypes.ENDPOINT_SLICES,
                ObjectKey.of(slice),
                "",
                slice.with(
                        "endpoints",
                        JsonArray.of(slice.array("endpoints").objects().subList(0, 1))),
                WriteOptions.by("test"));
    }

    private static Answer reaches(String... ips) {
        return new Answer.Reaches(
                List.of(ips).stream().map(ip -> new Endpoint(ip, 8080)).toList(), false);
    }

    private void awaitAnswer(Answer expected) throws InterruptedException {
        while (!memory.table().answer(Source.POD, WEB).equals(expected)) {
            Thread.sleep(PAUSE);
        }
    }

    @Test
    void whatIsThereIsWrittenBeforeAnythingElseStarts() {
        service();
        slice("web-1", "10.244.0.7");

        start(memory);

        assertThat(memory.table().answer(Source.POD, WEB)).isEqualTo(reaches("10.244.0.7"));
    }

    @Test
    void whatChangesReachesTheRules() throws Exception {
        start(memory);

        service();
        awaitAnswer(new Answer.Refused());
        slice("web-1", "10.244.0.7");
        slice("web-2", "10.244.0.8");
        awaitAnswer(reaches("10.244.0.7", "10.244.0.8"));
        registry.delete(
                ResourceTypes.ENDPOINT_SLICES,
                new ObjectKey("default", "web-1"),
                DeleteOptions.NONE);
        awaitAnswer(reaches("10.244.0.8"));
        registry.delete(
                ResourceTypes.SERVICES, new ObjectKey("default", "web"), DeleteOptions.NONE);
        awaitAnswer(new Answer.Untouched());
    }

    @Test
    void theNextProcessTakesOverWhatTheLastOneLeft() {
        service();
        slice("web-1", "10.244.0.7");
        start(memory);
        var left = memory.table();

        start(memory);

        assertThat(memory.table()).isEqualTo(left);
    }

    @Test
    void changesThatComeWhileOneIsWrittenAreOneChange() throws Exception {
        var gate = new Semaphore(0);
        var written = new AtomicInteger();
        service();
        start(
                new Around(memory) {
                    @Override
                    public void apply(RuleChanges changes) {
                        if (written.getAndIncrement() == 1) {
                            gate.acquireUninterruptibly();
                        }
                        super.apply(changes);
                    }
                });
        slice("web-0", "10.244.0.9");
        while (written.get() < 2) {
            Thread.sleep(PAUSE);
        }

        for (int i = 1; i < 9; i++) {
            slice("web-" + i, "10.244.0." + i);
        }
        gate.release();

        awaitAnswer(
                reaches(
                        "10.244.0.1",
                        "10.244.0.2",
                        "10.244.0.3",
                        "10.244.0.4",
                        "10.244.0.5",
                        "10.244.0.6",
                        "10.244.0.7",
                        "10.244.0.8",
                        "10.244.0.9"));
        assertThat(written.get()).isLessThanOrEqualTo(4);
    }

    @Test
    void aSliceLosesAnEndpointOnlyAfterTheRulesDid() throws Exception {
        var gate = new Semaphore(0);
        var held = new CountDownLatch(1);
        service();
        slice("web-1", "10.244.0.7", "10.244.0.8");
        var written = new AtomicInteger();
        start(
                new Around(memory) {
                    @Override
                    public void apply(RuleChanges changes) {
                        if (written.getAndIncrement() == 1) {
                            held.countDown();
                            gate.acquireUninterruptibly();
                        }
                        super.apply(changes);
                    }
                });
        var before = registry.get(ResourceTypes.ENDPOINT_SLICES, WEB_1);
        var after = CompletableFuture.supplyAsync(() -> halve(before));
        held.await();

        assertThat(registry.get(ResourceTypes.ENDPOINT_SLICES, WEB_1)).isEqualTo(before);
        gate.release();
        after.join();

        assertThat(memory.table().answer(Source.POD, WEB)).isEqualTo(reaches("10.244.0.7"));
    }

    @Test
    void aSliceThatIsDeletedLeavesTheRulesFirst() throws Exception {
        service();
        slice("web-1", "10.244.0.7");
        start(memory);

        registry.delete(ResourceTypes.ENDPOINT_SLICES, WEB_1, DeleteOptions.NONE);

        assertThat(memory.table().answer(Source.POD, WEB)).isEqualTo(new Answer.Refused());
    }

    /// Rules that the kernel takes none of hold no object back.
    @Test
    void aSliceIsWrittenThoughTheRulesCannotBe() {
        service();
        slice("web-1", "10.244.0.7", "10.244.0.8");
        start(
                new Around(memory) {
                    @Override
                    public void apply(RuleChanges changes) {
                        throw new PacketRulesException("never");
                    }
                });

        var after = halve(registry.get(ResourceTypes.ENDPOINT_SLICES, WEB_1));

        assertThat(after.array("endpoints").objects()).hasSize(1);
    }

    @Test
    void rulesThatCannotBeWrittenAreWrittenLater() throws Exception {
        var failures = new AtomicInteger(1);
        service();
        start(
                new Around(memory) {
                    @Override
                    public void apply(RuleChanges changes) {
                        if (failures.getAndDecrement() > 0) {
                            throw new PacketRulesException("not now");
                        }
                        super.apply(changes);
                    }
                });

        awaitAnswer(new Answer.Refused());
    }

    @Test
    void rulesThatSomebodyElseTookAwayComeBack() throws Exception {
        service();
        start(memory);
        memory.removeAll();

        slice("web-1", "10.244.0.7");

        awaitAnswer(reaches("10.244.0.7"));
    }

    /// A service that balancers ask about at the port that is returned.
    private int balanced() throws IOException {
        int port = HealthPort.free();
        create(
                ResourceTypes.SERVICES,
                "default",
                """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                 "spec": {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"],
                          "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
                          "type": "LoadBalancer", "externalTrafficPolicy": "Local",
                          "allocateLoadBalancerNodePorts": false, "healthCheckNodePort": %d,
                          "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}}"""
                        .formatted(port));
        return port;
    }

    private void localSlice() {
        create(
                ResourceTypes.ENDPOINT_SLICES,
                "default",
                """
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                 "metadata": {"name": "web", "labels": {"kubernetes.io/service-name": "web"}},
                 "addressType": "IPv4",
                 "endpoints": [{"addresses": ["10.244.0.7"], "nodeName": "yard"}],
                 "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}""");
    }

    private static void awaitHealth(int port, int status) {
        HealthPort.await("127.0.0.1", port, status);
    }

    @Test
    void balancersAreToldWhatBecomesOfEndpoints() throws Exception {
        start(memory);
        int port = balanced();
        awaitHealth(port, 503);

        localSlice();
        awaitHealth(port, 200);

        var slice = new ObjectKey("default", "web");
        registry.delete(ResourceTypes.ENDPOINT_SLICES, slice, DeleteOptions.NONE);
        awaitHealth(port, 503);

        registry.delete(
                ResourceTypes.SERVICES, new ObjectKey("default", "web"), DeleteOptions.NONE);
        awaitHealth(port, 0);
        assertThat(events).isEmpty();
    }

    @Test
    void balancersHearOfEndpointsOnceTheirRulesAreWritten() throws Exception {
        var failing = new AtomicBoolean(true);
        int port = balanced();
        localSlice();
        start(
                new Around(memory) {
                    @Override
                    public void apply(RuleChanges changes) {
                        if (failing.get()) {
                            throw new PacketRulesException("not now");
                        }
                        super.apply(changes);
                    }
                });
        assertThat(HealthPort.status("127.0.0.1", port)).isZero();

        failing.set(false);

        awaitHealth(port, 200);
    }

    /// Passes everything on.
    private abstract static class Around implements PacketRules {
        private final PacketRules inner;

        Around(PacketRules inner) {
            this.inner = inner;
        }

        @Override
        public RuleTable open() {
            return inner.open();
        }

        @Override
        public void apply(RuleChanges changes) {
            inner.apply(changes);
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
