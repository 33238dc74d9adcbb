// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.cri.StandInImages;
import dev.coracle.disk.Trees;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A node with a containerd of its own, for all tests of a class. Afterwards nothing of it may be
/// left on the machine.
///
/// Without root, containerd or kubectl the class is skipped.
final class RealNode implements BeforeAllCallback, AfterAllCallback {
    /// What the images that every such node has are called. All of them are the toolbox.
    static final List<String> IMAGES =
            List.of("docker.io/library/busybox:1.28", "docker.io/library/busybox:latest");

    /// Writes archives of further images into a directory.
    private interface FurtherImages {
        void write(Path directory) throws IOException, InterruptedException;
    }

    private final FurtherImages further;
    private final FreeNetworks free = new FreeNetworks();
    private @Nullable Path scratch;
    private @Nullable RunningNode node;
    private @Nullable Traces traces;

    RealNode() {
        this(_ -> {});
    }

    private RealNode(FurtherImages further) {
        this.further = further;
    }

    /// A node that has the images of [DemoImages], too. Without a C compiler the class is skipped.
    static RealNode withDemoImages() {
        return new RealNode(
                directory -> {
                    assumeTrue(Kubectl.isInstalled("gcc"), "skipped: there is no gcc");
                    DemoImages.write(directory);
                });
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "skipped: containers need root");
        assumeTrue(Kubectl.isInstalled(), "skipped: there is no kubectl on the PATH");
        var missing = Prerequisites.missing(Prerequisites.requirements(), false, Files::exists);
        assumeTrue(missing.isEmpty(), "skipped: not installed: " + missing);

        scratch = Files.createTempDirectory("coracle-test-");
        var images = Files.createDirectory(scratch.resolve("images"));
        StandInImages.writeToolbox(images.resolve("busybox.tar"), IMAGES);
        further.write(images);
        var config = config(images);
        traces = new Traces(LocalNodes.containerdConfig(config));
        node = new LocalNodes().start(config, _ -> {});
        kubectl().run("wait", "--for=condition=Ready", "node/yard", "--timeout=60s").ok();
        awaitDefaultServiceAccount("default");
    }

    private NodeConfig config(Path images) throws IOException {
        return new NodeConfig(
                requireNonNull(scratch).resolve("data"),
                NodeConfig.DEFAULT_BIND_ADDRESS,
                0,
                "yard",
                free.forPods().toString(),
                free.forServices().toString(),
                null,
                images,
                Duration.ofMinutes(5),
                false,
                true);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (node == null) {
            return;
        }
        var interfaces = requireNonNull(traces).podInterfaces();
        node.dismantle();
        free.close();
        assertThat(traces.left(interfaces)).as("left on the machine").isEmpty();
        Trees.delete(requireNonNull(scratch));
    }

    private Path kubeconfig() {
        return requireNonNull(scratch).resolve("data/kubeconfig");
    }

    /// The API without a kubectl between, for whoever looks often.
    NodeClient client() throws IOException {
        return NodeClient.of(kubeconfig());
    }

    /// The kubectl on the path, in the namespace `default`.
    Kubectl kubectl() {
        return kubectl("kubectl");
    }

    Kubectl kubectl(String binary) {
        return new Kubectl(binary, kubeconfig(), "default");
    }

    /// The kubectl on the path, in a new namespace where pods can be created.
    Kubectl namespace(String name) {
        return namespace("kubectl", name);
    }

    Kubectl namespace(String binary, String name) {
        kubectl(binary).run("create", "namespace", name).ok();
        awaitDefaultServiceAccount(name);
        return kubectl(binary).in(name);
    }

    private void awaitDefaultServiceAccount(String namespace) {
        Kubectl.await(
                "a service account in " + namespace,
                () -> kubectl().in(namespace).run("get", "sa", "default").exitCode(),
                code -> code == 0);
    }

    /// The address of this machine that the node is known by.
    String ip() {
        return kubectl()
                .run("get", "node", "yard", "-o", "jsonpath={.status.addresses[0].address}")
                .ok();
    }

    Path scratch() {
        return requireNonNull(scratch);
    }

    /// Every kubectl to try: the one on the path, and those that CORACLE_TEST_KUBECTLS names,
    /// separated by colons.
    static List<String> kubectls() {
        var all = new ArrayList<>(List.of("kubectl"));
        var more = System.getenv().getOrDefault("CORACLE_TEST_KUBECTLS", "");
        Arrays.stream(more.split(":")).filter(path -> !path.isBlank()).forEach(all::add);
        return all;
    }

    /// What `url` answers on this machine.
    static String fetch(String url) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url)).build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }
}
