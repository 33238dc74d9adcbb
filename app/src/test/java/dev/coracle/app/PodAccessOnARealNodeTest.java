// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ways from a client through the API server into pods, and from pods to the API server.
///
/// <https://kubernetes.io/docs/tasks/access-application-cluster/>
@Timeout(300)
class PodAccessOnARealNodeTest {
    @RegisterExtension static final RealNode NODE = new RealNode();

    private static final String NAMESPACE = "reached";
    private static final String CREDENTIALS = "/var/run/secrets/kubernetes.io/serviceaccount/";

    private static Kubectl kubectl() {
        return NODE.kubectl().in(NAMESPACE);
    }

    @BeforeAll
    static void serve() {
        NODE.namespace(NAMESPACE);
        kubectl()
                .apply(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web, labels: {app: web}}
                        spec:
                          terminationGracePeriodSeconds: 0
                          containers:
                          - name: web
                            image: busybox:1.28
                            command: [sh, -c, "mkdir /tmp/w; echo hello > /tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w"]
                            ports: [{name: http, containerPort: 8080}]
                          - name: relay
                            image: busybox:1.28
                            command: [nc, -ll, -p, "9443", -e, nc, kubernetes.default.svc, "443"]
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: web}
                        spec:
                          selector: {app: web}
                          ports: [{name: http, port: 80, targetPort: http}]
                        """)
                .ok();
        kubectl().run("wait", "--for=condition=Ready", "pod/web", "--timeout=60s").ok();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"services/http:web:80", "services/web:http", "pods/web", "pods/web:8080"})
    void theProxyOfTheApiLeadsToThePod(String name) {
        var path = "/api/v1/namespaces/%s/%s/proxy/".formatted(NAMESPACE, name);

        Kubectl.await(
                "an answer through " + path,
                () -> kubectl().run("get", "--raw", path).out(),
                "hello\n"::equals);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pod/web :8080", "service/web :80"})
    void portsAreForwarded(String arguments) throws Exception {
        var words = arguments.split(" ");
        try (var forwarding = new Forwarding(words[0], words[1])) {
            var url = "http://127.0.0.1:%d/".formatted(forwarding.port());

            assertThat(RealNode.fetch(url)).isEqualTo("hello\n");
            assertThat(RealNode.fetch(url)).isEqualTo("hello\n");
        }
    }

    /// A kubectl that forwards to `port` of `target`.
    private static final class Forwarding implements AutoCloseable {
        private final Process process;
        private final int port;

        Forwarding(String target, String port) throws IOException {
            process = kubectl().start("port-forward", target, port);
            var first = String.valueOf(process.inputReader().readLine());
            assertThat(first).matches("Forwarding from 127.0.0.1:\\d+ -> \\d+");
            this.port = Integer.parseInt(first.split("[: ]")[3]);
        }

        int port() {
            return port;
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
        }
    }

    /// The runtime passes on what is typed before it listens to what is said, so an answer given at
    /// once may be missed: <https://github.com/kubernetes/kubernetes/issues/27264>
    @Test
    void whoeverAttachesTalksToTheMainProcess() {
        var said =
                kubectl()
                        .runWith(
                                "typed\n",
                                "run",
                                "echo",
                                "--image=busybox:1.28",
                                "-i",
                                "--rm",
                                "--restart=Never",
                                "--command",
                                "--",
                                "sh",
                                "-c",
                                "read line; sleep 2; echo got $line");

        assertThat(said.ok()).contains("got typed\n");
        assertThat(kubectl().run("attach", "pod/absent").refused()).contains("not found");
    }

    @Test
    void aPodIsExposedAndTheClusterDescribed() {
        kubectl()
                .run("expose", "pod", "web", "--name=again", "--port=8088", "--target-port=8080")
                .ok();

        var path = "/api/v1/namespaces/%s/services/again:8088/proxy/".formatted(NAMESPACE);
        Kubectl.await(
                "an answer through " + path,
                () -> kubectl().run("get", "--raw", path).out(),
                "hello\n"::equals);
        assertThat(kubectl().run("cluster-info").ok()).contains("Kubernetes control plane");
    }

    @Test
    void podsReachTheApiWithTheirOwnCredentials() throws Exception {
        var tls = trusting(inPod("cat " + CREDENTIALS + "ca.crt")).getSocketFactory();
        var token = inPod("cat " + CREDENTIALS + "token");
        // The pod has nothing that speaks TLS as of today: it makes the connection, we speak.
        try (var relayed = new Forwarding("pod/web", ":9443");
                var plain = new Socket("127.0.0.1", relayed.port());
                var socket =
                        (SSLSocket) tls.createSocket(plain, "kubernetes.default.svc", 443, true)) {
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.getOutputStream()
                    .write(
                            """
                            GET /api/v1 HTTP/1.1
                            Host: kubernetes.default.svc
                            Authorization: Bearer %s
                            Connection: close

                            """
                                    .formatted(token)
                                    .replace("\n", "\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("APIResourceList");
        }
    }

    private static String inPod(String command) {
        return kubectl().inPod("web", command).ok();
    }

    private static SSLContext trusting(String certificate) throws Exception {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "authority",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        certificate.getBytes(StandardCharsets.US_ASCII))));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
