// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.cri.StandInImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A node with a containerd of its own, for all tests of a class. Afterwards nothing of it may be
/// left on the machine.
///
/// Without root, containerd or kubectl the class is skipped.
final class RealNode implements BeforeAllCallback, AfterAllCallback {

    /// What the images of this node are called. All of them are the toolbox.
    static final List<String> IMAGES =
            List.of("docker.io/library/busybox:1.28", "docker.io/library/busybox:latest");

    private @Nullable Path scratch;
    private @Nullable RunningNode node;
    private @Nullable Traces traces;

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
        var config =
                new NodeConfig(
                        scratch.resolve("data"),
                        NodeConfig.DEFAULT_BIND_ADDRESS,
                        0,
                        "yard",
                        PodNetwork.free(LocalMachine.networks()).toString(),
                        null,
                        images,
                        false,
                        true);
        traces = new Traces(LocalNodes.containerdConfig(config.dataDirectory(), config.podCidr()));
        node = new LocalNodes().start(config, _ -> {});
        kubectl().run("wait", "--for=condition=Ready", "node/yard", "--timeout=60s").ok();
        awaitDefaultServiceAccount("default");
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (node == null) {
            return;
        }
        var interfaces = requireNonNull(traces).podInterfaces();
        node.dismantle();
        assertThat(traces.left(interfaces)).as("left on the machine").isEmpty();
        Trees.delete(requireNonNull(scratch));
    }

    private Path kubeconfig() {
        return requireNonNull(scratch).resolve("data/kubeconfig");
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

    /// Posts `body` to the API without a kubectl between.
    HttpResponse<String> post(String path, String contentType, String body)
            throws IOException, InterruptedException, GeneralSecurityException {
        try (var client = HttpClient.newBuilder().sslContext(tls()).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(requireNonNull(node).address() + path))
                            .header("Content-Type", contentType)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    /// What the kubeconfig has: whom to trust, and who we are.
    private SSLContext tls() throws IOException, GeneralSecurityException {
        var trusted = emptyStore();
        trusted.setCertificateEntry("authority", certificate("certificate-authority-data"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);

        var own = emptyStore();
        var key =
                new String(secret("client-key-data"), StandardCharsets.US_ASCII)
                        .replaceAll("-----[A-Z ]+-----|\\s", "");
        own.setKeyEntry(
                "admin",
                KeyFactory.getInstance("EC")
                        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key))),
                new char[0],
                new Certificate[] {certificate("client-certificate-data")});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);

        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private Certificate certificate(String field) throws IOException, GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(secret(field)));
    }

    private byte[] secret(String field) throws IOException {
        var matcher =
                Pattern.compile(Pattern.quote(field) + ": *\"?([A-Za-z0-9+/=]+)")
                        .matcher(Files.readString(kubeconfig()));
        assertThat(matcher.find()).as(field).isTrue();
        return Base64.getDecoder().decode(matcher.group(1));
    }
}
