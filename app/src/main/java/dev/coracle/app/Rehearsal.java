// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.net.PacketRulesException;
import dev.coracle.cri.CriRuntime;
import dev.coracle.cri.EmptyRuntime;
import dev.coracle.host.certs.Pki;
import dev.coracle.host.net.Nftables;
import dev.coracle.host.net.NodeNetwork;
import dev.coracle.sim.RulesInMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the start-up cache is trained with: a node's start, requests of the kind that kubectl
/// makes, and a pod's first steps with a runtime that does nothing.
/// Touches nothing but `scratch` and ports of loopback.
record Rehearsal(Path scratch) {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

    /// In the place of an address on a bridge. Nobody serves DNS where it listens, and no endpoint
    /// may be there.
    private static final Gateway GATEWAY =
            new Gateway("10.244.0.1", InetAddress.ofLiteral("127.0.0.2"));

    private static final JsonObject POD =
            JsonReader.parseObject(
                    """
                    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "rehearsal"},
                     "spec": {"automountServiceAccountToken": false,
                              "initContainers": [{"name": "first", "image": "none:1"}],
                              "containers": [{"name": "app", "image": "none:1"}]}}""");

    void run() throws IOException {
        var config =
                new NodeConfig(
                        scratch.resolve("node"),
                        NodeConfig.DEFAULT_BIND_ADDRESS,
                        0,
                        "rehearsal",
                        NodeConfig.DEFAULT_POD_CIDR,
                        NodeConfig.DEFAULT_SERVICE_CIDR,
                        null,
                        null,
                        Duration.ofMinutes(5),
                        false,
                        true);
        var socket = scratch.resolve("runtime.sock");
        try (var _ = EmptyRuntime.open(socket);
                var runtime = CriRuntime.open(socket);
                var node = Node.start(config, new RuntimeAccess(scratch));
                var http = client(node.pki())) {
            var opened = new LocalNodes.OpenRuntime(runtime, null);
            node.run(runtime, opened.version(), opened::health, new RulesInMemory(), GATEWAY);
            loadLibrary();
            requests(http, node.address());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void loadLibrary() {
        try {
            var network =
                    new NodeNetwork("rehearsal", "", "", NodeConfig.DEFAULT_SERVICE_CIDR, false);
            new Nftables(network).requireLibrary();
        } catch (PacketRulesException e) {
            LOG.debug("nodes here do without packet rules", e);
        }
    }

    private static void requests(HttpClient http, String server)
            throws IOException, InterruptedException {
        http.send(
                HttpRequest.newBuilder(URI.create(server + "/api/v1/namespaces/default/pods"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(POD.text()))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        for (var path :
                List.of(
                        "/readyz",
                        "/api",
                        "/apis",
                        "/api/v1/nodes",
                        "/api/v1/pods",
                        "/api/v1/pods?watch=1&timeoutSeconds=1")) {
            for (var accept : List.of("application/json", table())) {
                var request = HttpRequest.newBuilder(URI.create(server + path));
                http.send(
                        request.header("Accept", accept).GET().build(),
                        HttpResponse.BodyHandlers.discarding());
            }
        }
    }

    private static String table() {
        return "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    }

    private static HttpClient client(Pki pki) throws GeneralSecurityException, IOException {
        var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", pki.authority().certificate());
        var own = KeyStore.getInstance(KeyStore.getDefaultType());
        own.load(null, null);
        own.setKeyEntry(
                "admin",
                pki.admin().key(),
                new char[0],
                new Certificate[] {pki.admin().certificate()});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(tls).build();
    }
}
