// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.kubelet.NodeStatus;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.PacketRulesException;
import dev.coracle.cri.ContainerdConfig;
import dev.coracle.cri.CriRuntime;
import dev.coracle.cri.Images;
import dev.coracle.cri.Installation;
import dev.coracle.cri.LogRotation;
import dev.coracle.cri.PrivateContainerd;
import dev.coracle.cri.Surroundings;
import dev.coracle.host.loop.Closing;
import dev.coracle.host.net.Nftables;
import dev.coracle.host.net.NodeNetwork;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Nodes on this machine, with a private containerd or a runtime that is already there.
final class LocalNodes implements NodeStarter {
    private static final String SANDBOX_IMAGE = "registry.k8s.io/pause:3.10";
    private static final String TOOLBOX_IMAGE = "coracle.local/toolbox:1";
    private static final Pattern ARCHIVE = Pattern.compile(".*\\.(tar|tar\\.gz|tgz)");

    /// Here, before threads are: whoever logs first sets logging up.
    private static final Logger LOG = LoggerFactory.getLogger(LocalNodes.class);

    private static final Duration REMOVALS = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration SHORT = Duration.ofSeconds(10);

    @Override
    public RunningNode start(NodeConfig config, Consumer<String> say) throws IOException {
        var given = config.imagesDirectory();
        if (given != null && !Files.isDirectory(given)) {
            throw new IOException("--images-dir: %s is not a directory".formatted(given));
        }
        var opening = new FutureTask<>(() -> OpenRuntime.open(config));
        Thread.ofVirtual().name("container runtime").start(opening);
        var closing = new Closing();
        try {
            var access = new RuntimeAccess(new Node.Layout(config.dataDirectory()).logs());
            var node = closing.add(Node.start(config, access));
            var opened = closing.add(join(opening));
            opened.limits().forEach(say);
            opened.prepareImages(config, say);
            access.open(opened.runtime());
            var pulls = closing.add(new PullWatch(opened.runtime()));
            var rules = opened.packetRules(config, say);
            node.run(pulls, opened.version(), opened::health, rules, opened.gateway(config));
            var rotation =
                    closing.add(
                            new LogRotation(
                                    opened.runtime(),
                                    LogRotation.Limits.DEFAULT,
                                    InstantSource.system()));
            rotation.start();
            return new LocalNode(node, opened, pulls, rules, closing);
        } catch (IOException | RuntimeException e) {
            abandon(opening);
            closing.close();
            throw e;
        } catch (InterruptedException e) {
            closing.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
    }

    /// A start that failed leaves no containerd behind, unless pods of an earlier one are in it.
    private static void abandon(FutureTask<OpenRuntime> opening) {
        try {
            var containerd = join(opening).containerd();
            if (containerd != null) {
                containerd.closeUnlessUsed();
            }
        } catch (IOException | StatusRuntimeException e) {
            LOG.debug("the container runtime did not start either", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static OpenRuntime join(FutureTask<OpenRuntime> opening)
            throws IOException, InterruptedException {
        try {
            return opening.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException("the container runtime cannot be had", e.getCause());
        }
    }

    @Override
    public ImageStore images(Path dataDirectory, Consumer<String> say) throws IOException {
        try {
            var files = new DataDirectory(dataDirectory.toAbsolutePath().normalize());
            files.create();
            return new LocalImages(
                    files,
                    PrivateContainerd.startForImages(
                            containerdConfig(files.root()), installation()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
    }

    @Override
    public void sweep(Path dataDirectory, Consumer<String> say) throws IOException {
        try {
            PrivateContainerd.sweep(containerdConfig(dataDirectory), installation());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while cleaning", e);
        }
        Node.removePodFiles(new Node.Layout(dataDirectory));
    }

    @Override
    public void rehearse(Path scratch) throws IOException {
        new Rehearsal(scratch).run();
    }

    private static Installation installation() throws IOException {
        return Installation.find(path());
    }

    private static String path() {
        return System.getenv().getOrDefault("PATH", "");
    }

    /// The data directory alone decides all names, so that what a dead node left can be found.
    static ContainerdConfig containerdConfig(Path dataDirectory) {
        return containerdConfig(
                dataDirectory, NodeConfig.DEFAULT_POD_CIDR, NodeConfig.DEFAULT_SERVICE_CIDR);
    }

    static ContainerdConfig containerdConfig(NodeConfig config) {
        return containerdConfig(config.dataDirectory(), config.podCidr(), config.serviceCidr());
    }

    private static ContainerdConfig containerdConfig(
            Path dataDirectory, String podCidr, String serviceCidr) {
        var absolute = dataDirectory.toAbsolutePath().normalize();
        return new ContainerdConfig(
                absolute.resolve("containerd"),
                Path.of("/run/coracle").resolve(fingerprint(absolute)),
                absolute.toString(),
                podCidr,
                serviceCidr,
                SANDBOX_IMAGE,
                null);
    }

    private static String fingerprint(Path path) {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(path.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// The runtime under a node; `containerd` is null where it is somebody else's.
    record OpenRuntime(CriRuntime runtime, @Nullable PrivateContainerd containerd)
            implements AutoCloseable {

        static OpenRuntime open(NodeConfig config) throws IOException, InterruptedException {
            var endpoint = config.runtimeEndpoint();
            if (endpoint != null) {
                var runtime = CriRuntime.open(endpoint);
                try {
                    runtime.version(SHORT);
                } catch (StatusRuntimeException e) {
                    runtime.close();
                    throw new IOException(
                            "--runtime-endpoint: no container runtime answers at %s: %s"
                                    .formatted(endpoint, reason(e)),
                            e);
                }
                return new OpenRuntime(runtime, null);
            }
            var containerd = PrivateContainerd.start(containerdConfig(config), installation());
            return new OpenRuntime(containerd.runtime(), containerd);
        }

        private static String reason(StatusRuntimeException refused) {
            var cause = refused.getCause();
            return cause == null || cause.getMessage() == null
                    ? String.valueOf(refused.getStatus().getDescription())
                    : cause.getMessage();
        }

        /// `containerd://1.6.20`
        String version() {
            var version = runtime.version(SHORT);
            return version.name() + "://" + version.version();
        }

        NodeStatus.Health health() {
            try {
                var status = runtime.status();
                return status.runtimeReady() && status.networkReady()
                        ? NodeStatus.Health.GOOD
                        : new NodeStatus.Health(status.message(), false, false, false);
            } catch (StatusRuntimeException e) {
                return new NodeStatus.Health("container runtime is down", false, false, false);
            }
        }

        /// This machine on the pods' bridge; null where that is not ours.
        @Nullable Gateway gateway(NodeConfig config) {
            return containerd == null ? null : Gateway.of(config.bridgeAddress());
        }

        /// Null where there can be none, which is said.
        @Nullable PacketRules packetRules(NodeConfig config, Consumer<String> say) {
            if (containerd == null) {
                say.accept(
                        "pods reach neither the API server nor a cluster DNS: their network is that"
                                + " of the runtime");
            }
            var own = containerdConfig(config);
            boolean ours = containerd != null;
            var rules =
                    new Nftables(
                            new NodeNetwork(
                                    own.network(),
                                    ours ? own.bridge() : "",
                                    ours ? config.podCidr() : "",
                                    config.serviceCidr(),
                                    Surroundings.bridgedPacketsMeetRules()));
            try {
                rules.requireLibrary();
                return rules;
            } catch (PacketRulesException e) {
                say.accept(
                        "services have no addresses, and pods reach no network but this machine's: "
                                + e.getMessage());
                return null;
            }
        }

        /// What this machine does not let a private containerd do, in sentences.
        List<String> limits() {
            return containerd == null ? List.of() : containerd.surroundings().limits();
        }

        /// Makes sure of the images that every node has, and imports those it was given.
        void prepareImages(NodeConfig config, Consumer<String> say)
                throws IOException, InterruptedException {
            if (containerd == null) {
                return; // somebody else's runtime has its own
            }
            containerd.provideStandIns(List.of(TOOLBOX_IMAGE));
            var directory = config.imagesDirectory();
            if (directory != null) {
                importAll(directory, say);
            }
        }

        private List<String> load(Path archive) throws IOException, InterruptedException {
            return java.util.Objects.requireNonNull(containerd).imageImport().load(archive);
        }

        private void importAll(Path directory, Consumer<String> say)
                throws IOException, InterruptedException {
            try (var files = Files.list(directory)) {
                for (var archive : files.filter(Files::isRegularFile).sorted().toList()) {
                    if (!ARCHIVE.matcher(archive.toString()).matches()) {
                        say.accept("not imported, for its name is no archive's: " + archive);
                        continue;
                    }
                    say.accept(
                            "imported %s from %s"
                                    .formatted(
                                            String.join(", ", load(archive)),
                                            archive.getFileName()));
                }
            }
        }

        /// Waits for the kubelet to have removed what it made in somebody else's runtime: an object
        /// is gone from the API a moment before its sandbox.
        void awaitRemovals() throws IOException {
            try {
                for (var waited = Duration.ZERO;
                        mayHavePods(runtime) && waited.compareTo(REMOVALS) < 0;
                        waited = waited.plus(POLL)) {
                    Thread.sleep(POLL);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while pods were being removed", e);
            }
        }

        static boolean mayHavePods(CriRuntime runtime) {
            return !(runtime.perform(new RuntimeCall.ListPods())
                            instanceof RuntimeReply.Pods(var pods))
                    || !pods.isEmpty();
        }

        /// Leaves containers and a private containerd running.
        @Override
        public void close() {
            if (containerd == null) {
                runtime.close();
            } else {
                containerd.close();
            }
        }
    }

    /// A node that [LocalNodes] started.
    private record LocalNode(
            Node node,
            OpenRuntime opened,
            PullWatch pulls,
            @Nullable PacketRules rules,
            Closing closing)
            implements RunningNode {

        @Override
        public String name() {
            return node.name();
        }

        @Override
        public String address() {
            return node.address();
        }

        @Override
        public void stopScheduling() {
            node.stopScheduling();
        }

        @Override
        public dev.coracle.core.registry.Registry registry() {
            return node.registry();
        }

        @Override
        public Path logFile(dev.coracle.core.json.JsonObject pod, String container, int attempt) {
            return RuntimeAccess.logFile(node.layout().logs(), pod, container, attempt);
        }

        @Override
        public void onPull(Consumer<PullProgress> sink) {
            pulls.onPull(sink);
        }

        @Override
        public Throwable awaitCrash() throws InterruptedException {
            return node.awaitCrash();
        }

        @Override
        public void dismantle() throws IOException {
            var containerd = opened.containerd();
            if (containerd == null) {
                opened.awaitRemovals();
            }
            node.close();
            removeRules();
            if (containerd != null) {
                try {
                    containerd.tearDown();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted while cleaning", e);
                }
            }
            close();
            Node.removePodFiles(node.layout());
        }

        private void removeRules() throws IOException {
            try {
                if (rules != null) {
                    rules.removeAll();
                }
            } catch (PacketRulesException e) {
                throw new IOException("packet rules stay behind: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            closing.close();
        }
    }

    /// The images of a private containerd, which is stopped again if nothing runs in it.
    private record LocalImages(DataDirectory files, PrivateContainerd containerd)
            implements ImageStore {

        @Override
        public List<Image> list() throws IOException {
            return asked(() -> images().list().stream().map(LocalImages::image).toList());
        }

        private static Image image(Images.LocalImage image) {
            return new Image(image.id(), image.tags(), image.sizeBytes());
        }

        private Images images() {
            return containerd.runtime().images();
        }

        private interface Question<T> {
            T ask() throws IOException, InterruptedException;
        }

        private static <T> T asked(Question<T> question) throws IOException {
            try {
                return question.ask();
            } catch (StatusRuntimeException e) {
                throw new IOException(e.getStatus().getDescription(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        @Override
        public Image pull(String name, Consumer<RunningNode.PullProgress> progress)
                throws IOException {
            return asked(
                    () -> {
                        var pulled = new FutureTask<>(() -> images().pull(name));
                        Thread.ofVirtual().name("pull").start(pulled);
                        while (!pulled.isDone()) {
                            Thread.sleep(Duration.ofMillis(100));
                            var parts = images().downloads();
                            progress.accept(
                                    new RunningNode.PullProgress(
                                            name,
                                            parts.stream()
                                                    .mapToLong(Images.Download::doneBytes)
                                                    .sum(),
                                            parts.stream()
                                                    .mapToLong(Images.Download::totalBytes)
                                                    .sum()));
                        }
                        var id = join(pulled);
                        return images().list().stream()
                                .filter(
                                        image ->
                                                image.id().equals(id)
                                                        || image.digests().contains(id))
                                .findFirst()
                                .map(LocalImages::image)
                                .orElseThrow(() -> new IOException(name + " is gone again"));
                    });
        }

        private static String join(FutureTask<String> pulled)
                throws IOException, InterruptedException {
            try {
                return pulled.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof StatusRuntimeException refused) {
                    throw refused;
                }
                throw new IOException(e.getCause());
            }
        }

        @Override
        public List<String> importArchive(Path archive) throws IOException {
            return asked(() -> containerd.imageImport().load(archive));
        }

        @Override
        public void tag(String source, String target) throws IOException {
            asked(
                    () -> {
                        containerd.imageImport().tag(source, target);
                        return target;
                    });
        }

        @Override
        public void remove(String name) throws IOException {
            asked(
                    () -> {
                        containerd.imageImport().untag(name);
                        return name;
                    });
        }

        /// Ends a containerd that nobody needs: no process is the node, and no pod is left of one.
        @Override
        public void close() throws IOException {
            if (files.process().isPresent() || OpenRuntime.mayHavePods(containerd.runtime())) {
                containerd.close();
                return;
            }
            try (var _ = files.occupy()) {
                containerd.tearDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while stopping containerd", e);
            }
        }
    }
}
