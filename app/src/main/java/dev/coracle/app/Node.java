// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.cluster.ClusterControllers;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.eventttl.EventExpiry;
import dev.coracle.core.controller.namespace.NamespaceController;
import dev.coracle.core.controller.rootca.RootCaPublisher;
import dev.coracle.core.controller.serviceaccount.DefaultServiceAccount;
import dev.coracle.core.controller.system.SystemService;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.Kubelet;
import dev.coracle.core.kubelet.KubeletConfig;
import dev.coracle.core.kubelet.NodeStatus;
import dev.coracle.core.kubelet.VolumePlan;
import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.RuleBook;
import dev.coracle.core.net.dns.ClusterZone;
import dev.coracle.core.registry.Bootstrap;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.registry.ServiceRanges;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.registry.table.Tables;
import dev.coracle.core.scheduler.Scheduler;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.Journal;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.core.view.IndexedView;
import dev.coracle.core.view.StoreView;
import dev.coracle.cri.GrpcHealth;
import dev.coracle.disk.Trees;
import dev.coracle.host.certs.Kubeconfig;
import dev.coracle.host.certs.Pki;
import dev.coracle.host.certs.ServiceAccountTokens;
import dev.coracle.host.certs.SubjectNames;
import dev.coracle.host.events.EventRecorder;
import dev.coracle.host.http.ApiServer;
import dev.coracle.host.http.Authorizer;
import dev.coracle.host.http.CertificatesAndTokens;
import dev.coracle.host.http.HealthCheck;
import dev.coracle.host.http.PodAccess;
import dev.coracle.host.journal.SqliteJournal;
import dev.coracle.host.kubelet.KubeletLoop;
import dev.coracle.host.kubelet.MachineFacts;
import dev.coracle.host.kubelet.NodeLoop;
import dev.coracle.host.kubelet.PodFiles;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import dev.coracle.host.loop.ControllerLoop;
import dev.coracle.host.net.HealthPorts;
import dev.coracle.host.net.RulesLoop;
import dev.coracle.host.net.WithdrawingStore;
import dev.coracle.host.probe.NetworkProber;
import dev.coracle.host.scheduler.SchedulerLoop;
import dev.coracle.host.volumes.PodVolumes;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running node: every part, constructed here and nowhere else, in dependency order.
///
/// The container runtime is started beside the rest, because it takes longest; the API answers
/// before it does.
final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// The Kubernetes that this one is like.
    private static final String KUBERNETES_VERSION = "v1.36.2";

    private static final String CLUSTER_DOMAIN = "cluster.local";
    private static final String ISSUER = "https://kubernetes.default.svc." + CLUSTER_DOMAIN;

    private static final int DNS_PORT = 53;

    /// Upstream forgets what was overwritten five minutes ago.
    private static final Duration COMPACTION = Duration.ofMinutes(5);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final Closing closing = new Closing();
    private final CompletableFuture<Throwable> crash = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final NodeConfig config;
    private final Layout layout;
    private final InstantSource clock = InstantSource.system();
    private final RandomGenerator random = RandomGenerator.of("SecureRandom");
    private final Alarms alarms = closing.add(new Alarms(clock));
    private final WithdrawingStore store;
    private final Registry registry;
    private final Pki pki;
    private final ServiceAccountTokens tokens;
    private final String ip;
    private final ApiServer api;
    private final ServiceRanges ranges;
    private final IndexedView view;
    private final SchedulerLoop scheduler;
    private long compactTo;

    /// Where things lie below the data directory.
    record Layout(Path root) {
        Path store() {
            return root.resolve("store.db");
        }

        Path pki() {
            return root.resolve("pki");
        }

        Path pods() {
            return root.resolve("pods");
        }

        Path logs() {
            return root.resolve("logs");
        }
    }

    /// Starts everything but the kubelet, which [#run] does.
    ///
    /// @throws IOException if the data directory or the port cannot be had
    static Node start(NodeConfig config, PodAccess pods) throws IOException {
        try {
            return new Node(config, pods);
        } catch (RuntimeException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// On a machine without a network its address on the pods' bridge is the one that pods reach,
    /// and that endpoints may have.
    private static String withoutNetwork(NodeConfig config) {
        return config.runtimeEndpoint() == null ? config.bridgeAddress() : "127.0.0.1";
    }

    private Node(NodeConfig config, PodAccess pods) throws IOException {
        this.config = config;
        this.ranges = ServiceRanges.of(config.serviceCidr());
        this.layout = new Layout(config.dataDirectory());
        try {
            Files.createDirectories(layout.root());
            this.ip = MachineFacts.ip().orElseGet(() -> withoutNetwork(config));
            var names = names();
            var schemas = Ahead.of("schemas", Schemas::load);
            var keys = Ahead.of("keys", () -> Pki.open(layout.pki(), names, clock.instant()));
            this.store =
                    closing.add(
                            new WithdrawingStore(
                                    MvccStore.open(journal(), Retention.DEFAULT),
                                    ResourceTypes.ENDPOINT_SLICES.keyPrefix()));
            this.registry =
                    new StoreRegistry(store, schemas.get(), clock, random, ranges, List.of());
            this.pki = keys.get();
            this.tokens =
                    new ServiceAccountTokens(
                            pki.serviceAccounts(), ISSUER, registry, clock, random);
            Bootstrap.apply(registry);
            this.api = closing.add(listen(pods));
            writeKubeconfig();
            this.view = closing.add(ClusterControllers.view(store));
            controllers().forEach(this::run);
            this.scheduler = closing.add(scheduler());
            scheduler.start();
            alarms.in(COMPACTION, this::compact);
        } catch (RuntimeException | IOException e) {
            closing.close();
            throw e;
        }
    }

    private Journal journal() {
        return config.durable()
                ? new WatchedJournal(SqliteJournal.open(layout.store()), this::crashed)
                : new MemoryJournal();
    }

    private SubjectNames names() throws IOException {
        return SubjectNames.ofApiServer(
                CLUSTER_DOMAIN,
                config.name(),
                InetAddress.ofLiteral(ranges.apiAddress()),
                List.of(
                        InetAddress.ofLiteral(ip),
                        InetAddress.ofLiteral(config.bindAddress()),
                        InetAddress.ofLiteral(config.bridgeAddress())));
    }

    private ApiServer listen(PodAccess pods) throws IOException {
        try {
            return serve(pods);
        } catch (IOException e) {
            if (e instanceof BindException || e.getCause() instanceof BindException) {
                throw new IOException(
                        "--bind-address, --port: cannot listen on %s:%d: %s"
                                .formatted(config.bindAddress(), config.port(), reason(e)),
                        e);
            }
            throw e;
        }
    }

    /// The operating system's own words.
    private static String reason(Throwable failure) {
        var last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return String.valueOf(last.getMessage());
    }

    private ApiServer serve(PodAccess pods) throws IOException {
        return ApiServer.start(
                ApiServer.Config.onLoopback(config.port())
                        .at(InetAddress.ofLiteral(config.bindAddress())),
                new ApiServer.Parts(
                        new CandidRegistry(registry),
                        new PrintedTables(new Tables(clock)),
                        pods,
                        pki,
                        tokens,
                        new CertificatesAndTokens(tokens),
                        Authorizer.byGroup(),
                        List.of(HealthCheck.live("store", () -> !crash.isDone())),
                        dev.coracle.host.http.ServerVersion.of(
                                KUBERNETES_VERSION + "+coracle", "", ""),
                        clock,
                        random));
    }

    private void writeKubeconfig() {
        new Kubeconfig(config.name(), URI.create(address()), pki.authorityPem(), pki.admin())
                .write(config.files().kubeconfig());
    }

    /// Every controller but that of the cluster's own services, which are behind what [#run] opens.
    private List<Controller> controllers() {
        var namespaced = ResourceTypes.stored().stream().filter(type -> type.namespaced()).toList();
        var all = new ArrayList<Controller>();
        all.add(
                new DefaultServiceAccount(
                        ResourceTypes.NAMESPACES, ResourceTypes.SERVICE_ACCOUNTS));
        all.add(
                new RootCaPublisher(
                        ResourceTypes.NAMESPACES, ResourceTypes.CONFIG_MAPS, pki.authorityPem()));
        all.add(new EventExpiry(ResourceTypes.EVENTS));
        all.add(new NamespaceController(ResourceTypes.NAMESPACES, ResourceTypes.PODS, namespaced));
        all.addAll(ClusterControllers.of(closing.add(ClusterControllers.dependents(store))));
        return all;
    }

    /// `api` and `dns` are where pods reach them, null where they cannot.
    private Controller systemServices(
            SystemService.@Nullable Backend api, SystemService.@Nullable Backend dns) {
        var services = new ArrayList<SystemService>();
        services.add(SystemService.api(ranges.apiAddress(), api));
        if (dns != null) {
            services.add(SystemService.dns(ranges.dnsAddress(), dns));
        }
        return ClusterControllers.system(services);
    }

    private void run(Controller controller) {
        closing.add(
                        new ControllerLoop(
                                controller,
                                registry,
                                view,
                                events()::record,
                                alarms,
                                clock,
                                this::crashed))
                .start();
    }

    private SchedulerLoop scheduler() {
        return new SchedulerLoop(
                new SchedulerLoop.Parts(
                        new Scheduler(),
                        registry,
                        ResourceTypes.PODS,
                        ResourceTypes.NODES,
                        events()::record,
                        alarms,
                        clock,
                        this::crashed));
    }

    /// From now on pods that are made have no node.
    void stopScheduling() {
        scheduler.close();
    }

    private EventRecorder events() {
        return new EventRecorder(registry, ResourceTypes.EVENTS, clock);
    }

    private void compact() {
        long newest = store.revision();
        if (compactTo > 0) {
            store.compact(compactTo);
        }
        compactTo = newest;
        alarms.in(COMPACTION, this::compact);
    }

    /// Runs pods with `runtime`, which calls itself `runtimeVersion`; `runtimeHealth` is asked
    /// every now and then.
    ///
    /// `rules` is null where there can be none. `gateway` is this machine on the pods' bridge, null
    /// where that is somebody else's.
    ///
    /// @throws IOException if the machine's own facts cannot be read, or the runtime fails
    void run(
            ContainerRuntime runtime,
            String runtimeVersion,
            Supplier<NodeStatus.Health> runtimeHealth,
            @Nullable PacketRules rules,
            @Nullable Gateway gateway)
            throws IOException, InterruptedException {
        var resolvConf = resolvConf();
        // without rules nothing leads packets from the services' addresses here
        var dns = gateway == null || rules == null ? null : startDns(gateway, resolvConf);
        run(systemServices(gateway == null ? null : facePods(gateway), dns));
        if (rules != null) {
            startRules(rules, gateway != null);
        }
        var facts =
                MachineFacts.read(
                        config.name(), ip, runtimeVersion, KUBERNETES_VERSION, layout.root());
        var recorder = events();
        var kubeletConfig =
                kubeletConfig(facts, resolvConf, dns == null ? null : ranges.dnsAddress());
        var lookup = new ViewLookup(new StoreView(store));
        var grpc = closing.add(new GrpcHealth());
        closing.add(
                        new KubeletLoop(
                                new KubeletLoop.Parts(
                                        new Kubelet(kubeletConfig, lookup, random),
                                        config.name(),
                                        registry,
                                        ResourceTypes.PODS,
                                        runtime,
                                        closing.add(new NetworkProber(alarms, grpc::check)),
                                        podFiles(kubeletConfig, lookup),
                                        event -> recorder.record(event.request(config.name())),
                                        alarms,
                                        clock,
                                        this::crashed)))
                .start();
        closing.add(
                        new NodeLoop(
                                new NodeLoop.Parts(
                                        new NodeStatus(facts, runtimeHealth.get()),
                                        config.name(),
                                        runtimeHealth,
                                        registry,
                                        ResourceTypes.NODES,
                                        ResourceTypes.LEASES,
                                        recorder::record,
                                        alarms,
                                        clock,
                                        this::crashed)))
                .start();
        awaitRegistration();
    }

    /// Pods see nothing of the loopback address that the API is on, and are not to need any other
    /// address of this machine.
    private SystemService.Backend facePods(Gateway gateway) throws IOException {
        int port = api.address().getPort();
        if (!InetAddress.ofLiteral(config.bindAddress()).isAnyLocalAddress()) {
            port = api.listenAlso(gateway.bound(), port).getPort();
        }
        return new SystemService.Backend(gateway.address(), port);
    }

    private void startRules(PacketRules rules, boolean hostPorts) {
        var health = closing.add(new HealthPorts(config.name(), events()::record, clock));
        var loop =
                closing.add(
                        new RulesLoop(
                                new RulesLoop.Parts(
                                        rules,
                                        health,
                                        new RuleBook.Node(config.name(), ip),
                                        registry,
                                        ResourceTypes.SERVICES,
                                        ResourceTypes.ENDPOINT_SLICES,
                                        ResourceTypes.PODS,
                                        hostPorts,
                                        alarms,
                                        this::crashed)));
        loop.start();
        store.changeFirst(loop);
    }

    /// Returns once the scheduler can know of the node: a pod created before that would be told
    /// that there is none.
    private void awaitRegistration() throws InterruptedException {
        try (var watch = registry.watch(ResourceTypes.NODES, ListOptions.all())) {
            while (!crash.isDone()
                    && registry.list(ResourceTypes.NODES, ListOptions.all()).entries().isEmpty()) {
                watch.await(LOOK_AGAIN);
            }
        }
    }

    /// Serves the cluster's names on the pods' bridge, at the usual port unless something listens
    /// there on every address of this machine.
    private SystemService.Backend startDns(Gateway gateway, String resolvConf) throws IOException {
        var own = IpAddress.parse(ranges.dnsAddress()).orElseThrow();
        var cluster = List.of(IpRange.of(config.serviceCidr()), IpRange.of(config.podCidr()));
        var zone = new ClusterZone(CLUSTER_DOMAIN, own, cluster);
        var parts =
                new ClusterDns.Parts(registry, resolvConf, random, alarms, clock, this::crashed);
        ClusterDns server;
        try {
            server =
                    ClusterDns.start(new InetSocketAddress(gateway.bound(), DNS_PORT), zone, parts);
        } catch (BindException e) {
            LOG.debug("port {} of {} is taken", DNS_PORT, gateway.bound(), e);
            server = ClusterDns.start(new InetSocketAddress(gateway.bound(), 0), zone, parts);
        }
        closing.add(server);
        return new SystemService.Backend(gateway.address(), server.address().getPort());
    }

    private static String resolvConf() throws IOException {
        var file = Path.of("/etc/resolv.conf");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private KubeletConfig kubeletConfig(
            NodeStatus.Facts facts, String resolvConf, @Nullable String clusterDns) {
        return new KubeletConfig(
                config.name(),
                ip,
                layout.logs().toString(),
                layout.pods().toString(),
                CLUSTER_DOMAIN,
                clusterDns,
                resolvConf,
                facts.cpuMillis(),
                facts.memoryBytes(),
                KubeletConfig.BackOff.upTo(config.maxContainerRestartPeriod()),
                KubeletConfig.BackOff.UPSTREAM);
    }

    private PodFiles podFiles(KubeletConfig kubeletConfig, ViewLookup lookup) {
        return new PodFiles(
                new PodVolumes(layout.pods()),
                layout.logs(),
                pod -> VolumePlan.of(pod, kubeletConfig, lookup),
                new PodTokens(registry, tokens, clock));
    }

    private void crashed(Throwable cause) {
        if (closed.get()) {
            return; // what was under way met a store that is closed
        }
        crash.complete(cause);
        if (NodeEnd.journalFailure(cause) == null) { // else one sentence says it all
            LOG.error("a part of the node was wrong about something and has stopped", cause);
        }
    }

    String name() {
        return config.name();
    }

    /// `https://127.0.0.1:6443`
    String address() {
        return api.uri().toString();
    }

    Registry registry() {
        return registry;
    }

    Pki pki() {
        return pki;
    }

    Layout layout() {
        return layout;
    }

    Throwable awaitCrash() throws InterruptedException {
        try {
            return crash.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Stops deciding and answering; containers go on running.
    @Override
    public void close() {
        closed.set(true);
        closing.close();
    }

    /// Removes the volumes and logs of pods, for when all of them are gone.
    static void removePodFiles(Layout layout) throws IOException {
        new PodVolumes(layout.pods()).removeAll();
        Trees.delete(layout.logs());
    }
}
