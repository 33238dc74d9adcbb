// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.JsonReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Services as hosts and pods meet them. `web-1` and `web-2` are behind most of them, and `client`
/// is a pod that asks; whoever changes what is ready has pods of its own.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/>
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
class ServicesOnARealNodeTest {
    @RegisterExtension static final RealNode NODE = RealNode.withDemoImages();

    private static final String NAMESPACE = "served";

    /// Addresses that are nobody's: <https://www.rfc-editor.org/rfc/rfc5737>.
    private static final String EXTERNAL_IP = "198.51.100.7";

    private static final int SILENCE_MILLIS = 500;

    /// What `timeout` of coreutils and that of busybox end with when they end something.
    private static final Integer[] TIMED_OUT = {124, 143};

    private static final String[] WEB = {"web-1", "web-2"};

    private static int hostPort;
    private static int hostNetworkPort;
    private static NodeClient client;
    private static Kubectl kubectl;

    @BeforeAll
    static void serve() throws IOException {
        client = NODE.client();
        kubectl = NODE.namespace(NAMESPACE);
        try (var one = new ServerSocket(0);
                var two = new ServerSocket(0)) {
            hostPort = one.getLocalPort();
            hostNetworkPort = two.getLocalPort();
        }
        kubectl.apply(
                        services()
                                + server("web-1", "web", hostPort)
                                + server("web-2", "web", 0)
                                + server("alone", "alone", 0)
                                + ClientPod.manifest("client")
                                + ClientPod.onHostNetwork("neighbour")
                                + HOST_NETWORK.formatted(hostNetworkPort, hostNetworkPort))
                .ok();
        kubectl.run("wait", "--for=condition=Ready", "pod", "--all", "--timeout=80s").ok();
        for (var service : List.of("web", "alone", "own-network", "datagrams", "sticky", "gates")) {
            awaitRules(service);
        }
    }

    private static String services() {
        var selected =
                """
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {selector: {app: %s}, %s}
                ---
                """;
        var port = "ports: [{name: http, port: 80, targetPort: http}]";
        return Stream.of(
                        selected.formatted("web", "web", port),
                        selected.formatted("alone", "alone", port),
                        selected.formatted("nobody", "nobody", port),
                        selected.formatted("sticky", "web", "sessionAffinity: ClientIP, " + port),
                        selected.formatted("peers", "web", "clusterIP: None, " + port),
                        selected.formatted(
                                "gates",
                                "web",
                                "type: NodePort, externalIPs: [%s], %s"
                                        .formatted(EXTERNAL_IP, port)),
                        selected.formatted(
                                "datagrams",
                                "datagrams",
                                "ports: [{port: 53, targetPort: 8080, protocol: UDP}]"),
                        selected.formatted(
                                "own-network",
                                "own-network",
                                "ports: [{port: 80, targetPort: %d}]".formatted(hostNetworkPort)),
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: elsewhere}
                        spec: {type: ExternalName, externalName: www.example.org}
                        ---
                        """)
                .reduce("", String::concat);
    }

    /// A server that is ready while it has a certain file, and is known by its name.
    private static String server(String name, String app, int hostPort) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, labels: {app: %2$s}}
        spec:
          hostname: %1$s
          subdomain: peers
          containers:
          - name: server
            image: gcr.io/terrycho-sandbox/readiness:v1
            imagePullPolicy: IfNotPresent
            ports: [{name: http, containerPort: 8080%3$s}]
            readinessProbe: {httpGet: {path: /readiness, port: http}, periodSeconds: 1, timeoutSeconds: 10}
        ---
        """
                .formatted(name, app, hostPort == 0 ? "" : ", hostPort: " + hostPort);
    }

    private static final String HOST_NETWORK =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: own-network, labels: {app: own-network}}
            spec:
              hostNetwork: true
              containers:
              - name: server
                image: gcr.io/terrycho-sandbox/readiness:v1
                env: [{name: PORT, value: "%d"}]
                readinessProbe: {httpGet: {path: /readiness, port: %d}, periodSeconds: 1, timeoutSeconds: 10}
            """;

    private static String clusterIp(String service) {
        return new WatchedService(kubectl, service).clusterIp();
    }

    /// Rules are written a moment after a pod is known to be ready.
    private static void awaitRules(String service) {
        var ip = clusterIp(service);
        Kubectl.await(
                "rules of " + service,
                () -> {
                    try {
                        return service.equals("datagrams") ? "ok" : Connection.whoAnswers(ip, 80);
                    } catch (IOException e) {
                        return "";
                    }
                },
                name -> !name.isEmpty());
    }

    private static Kubectl.Result inClient(String script) {
        return kubectl.inPod("client", script);
    }

    private static List<String> fromPod(String url, int times) {
        return ClientPod.whoAnswers(kubectl, "client", url, times);
    }

    private static WatchedPod pod(String namespace, String name) {
        return new WatchedPod(client, namespace, name);
    }

    private static String podIp(String name) {
        return pod(NAMESPACE, name).status().string("podIP");
    }

    @Test
    void everyReadyPodGetsConnectionsOfHostsAndPods() throws IOException {
        var ip = clusterIp("web");

        assertThat(Set.copyOf(Connection.whoAnswers(ip, 80, 100))).containsOnly(WEB);
        assertThat(Set.copyOf(fromPod(ip, 100))).containsOnly(WEB);
        assertThat(Set.copyOf(fromPod("web", 50))).containsOnly(WEB);
    }

    @Test
    void aServiceHasGatesToTheWorld() throws IOException {
        int nodePort =
                (int)
                        kubectl.json("get", "service", "gates")
                                .object("spec")
                                .array("ports")
                                .objects()
                                .getFirst()
                                .number("nodePort", 0);

        assertThat(nodePort).isBetween(30_000, 32_767);
        assertThat(Set.copyOf(Connection.whoAnswers(NODE.ip(), nodePort, 50))).containsOnly(WEB);
        assertThat(Set.copyOf(fromPod(NODE.ip() + ":" + nodePort, 50))).containsOnly(WEB);
        assertThat(Set.copyOf(fromPod(EXTERNAL_IP, 50))).containsOnly(WEB);
    }

    @Test
    void aHostPortLeadsToItsPod() throws IOException {
        assertThat(Connection.whoAnswers("127.0.0.1", hostPort)).isEqualTo("web-1");
        assertThat(Connection.whoAnswers(NODE.ip(), hostPort)).isEqualTo("web-1");
        assertThat(fromPod(NODE.ip() + ":" + hostPort, 2)).containsOnly("web-1");
    }

    /// <https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity>
    @Test
    void aClientMayStayWithThePodItHad() throws IOException {
        var ip = clusterIp("sticky");

        assertThat(Set.copyOf(Connection.whoAnswers(ip, 80, 60))).hasSize(1);
        assertThat(Set.copyOf(fromPod(ip, 60))).hasSize(1);
    }

    @Test
    void whereNobodyIsReadyConnectionsAreRefusedAtOnce() {
        var ip = clusterIp("nobody");

        assertThatThrownBy(() -> Connection.whoAnswers(ip, 80))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("refused");
        assertThat(inClient("/bin/wget -qO- http://%s/".formatted(ip)).refused())
                .contains("refused");
    }

    @Test
    void aPodReachesItselfThroughItsService() {
        var answers =
                kubectl.inPod(
                        "alone",
                        "for i in $(seq 20); do /bin/wget -qO- http://%s/; done"
                                .formatted(clusterIp("alone")));

        assertThat(answers.ok().lines()).hasSize(20).containsOnly("alone");
    }

    @Test
    void podsOnTheNodesOwnNetworkAreServedAndServe() throws IOException {
        var ip = clusterIp("own-network");
        var host = Connection.whoAnswers(ip, 80);

        assertThat(Connection.whoAnswers(NODE.ip(), hostNetworkPort)).isEqualTo(host);
        assertThat(fromPod("own-network", 3)).containsOnly(host);
        assertThat(kubectl.inPod("neighbour", "/bin/wget -qO- http://web.served/").ok().strip())
                .isIn((Object[]) WEB);
    }

    /// A flow of UDP has no end that the kernel could see, so it is moved when its pod leaves.
    @Test
    void aFlowOfDatagramsLeavesThePodThatIsLeaving() throws IOException {
        kubectl.apply(server("first", "datagrams", 0) + server("second", "other", 0)).ok();
        pod(NAMESPACE, "first").awaitReady("server");
        pod(NAMESPACE, "second").awaitReady("server");
        var ip = clusterIp("datagrams");
        try (var socket = new DatagramSocket()) {
            awaitDatagrams(socket, ip, "first");
            assertThat(Connection.whoAnswers(socket, ip, 53)).isEqualTo("first");

            kubectl.run("label", "pod", "second", "--overwrite", "app=datagrams").ok();
            kubectl.run("label", "pod", "first", "--overwrite", "app=other").ok();

            awaitDatagrams(socket, ip, "second");
        }
    }

    private static void awaitDatagrams(DatagramSocket socket, String ip, String name) {
        Kubectl.await(
                "datagrams reach " + name,
                () -> {
                    try {
                        return Connection.whoAnswers(socket, ip, 53);
                    } catch (IOException e) {
                        return e.toString();
                    }
                },
                name::equals);
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    @Test
    void everythingHasTheNameThatItShould() {
        var domain = "served.svc.cluster.local";
        var web = clusterIp("web");

        assertThat(lookup("a", "web." + domain)).contains("Address: " + web);
        assertThat(lookup("a", "peers." + domain))
                .contains("Address: " + podIp("web-1"), "Address: " + podIp("web-2"));
        for (var name : WEB) {
            assertThat(lookup("a", name + ".peers." + domain)).contains("Address: " + podIp(name));
        }
        assertThat(lookup("srv", "_http._tcp.web." + domain)).contains("100 80 web." + domain);
        assertThat(lookup("srv", "_http._tcp.peers." + domain))
                .contains("50 8080 web-1.peers." + domain, "50 8080 web-2.peers." + domain);
        assertThat(inClient("nslookup " + web).ok()).contains("name = web." + domain);
        assertThat(inClient("nslookup " + podIp("web-1")).ok())
                .contains("name = web-1.peers." + domain);
        assertThat(lookup("cname", "elsewhere." + domain))
                .contains("canonical name = www.example.org");
        assertThat(inClient("nslookup -type=a nothing." + domain + ".").out()).contains("NXDOMAIN");
    }

    private static String lookup(String type, String name) {
        return inClient("nslookup -type=%s %s".formatted(type, name)).ok();
    }

    @Test
    void namesAreFoundByTheLibraryOfTheSystem() {
        assertThat(inClient("getent ahostsv4 web").ok()).startsWith(clusterIp("web") + " ");
        assertThat(inClient("getent hosts web.served").ok()).startsWith(clusterIp("web") + " ");
        assertThat(inClient("getent hosts kubernetes.default.svc").ok())
                .startsWith(new WatchedService(NODE.kubectl(), "kubernetes").clusterIp() + " ");
        assertThat(inClient("getent ahostsv4 web-2.peers").ok()).startsWith(podIp("web-2") + " ");
        assertThat(inClient("getent hosts " + clusterIp("web")).ok())
                .contains("web.served.svc.cluster.local");
        assertThat(kubectl.inPod("neighbour", "getent hosts web").ok())
                .startsWith(clusterIp("web") + " ");
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
    @Test
    void containersAreToldOfServicesInTheirEnvironment() {
        var ip = clusterIp("web");

        assertThat(inClient("env").ok().lines())
                .contains(
                        "WEB_SERVICE_HOST=" + ip,
                        "WEB_SERVICE_PORT=80",
                        "WEB_SERVICE_PORT_HTTP=80",
                        "WEB_PORT=tcp://%s:80".formatted(ip),
                        "WEB_PORT_80_TCP=tcp://%s:80".formatted(ip),
                        "WEB_PORT_80_TCP_PROTO=tcp",
                        "WEB_PORT_80_TCP_PORT=80",
                        "WEB_PORT_80_TCP_ADDR=" + ip,
                        "KUBERNETES_SERVICE_PORT=443")
                .noneMatch(line -> line.startsWith("PEERS_"));
    }

    @Test
    void podsReachTheApiServerByTheNameOfItsService() {
        assertThat(inClient("nc kubernetes.default 443 < /dev/null").exitCode()).isZero();
    }

    @Test
    void initContainersWaitForTheNamesOfServices() {
        var own = NODE.namespace("myapp");
        own.apply(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: myapp-pod
                          labels:
                            app: myapp
                        spec:
                          containers:
                          - name: myapp-container
                            image: busybox:1.28
                            command: ['sh', '-c', 'echo The app is running! && sleep 3600']
                          initContainers:
                          - name: init-myservice
                            image: busybox:1.28
                            command: ['sh', '-c', "until nslookup myservice.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local; do echo waiting for myservice; sleep 2; done"]
                          - name: init-mydb
                            image: busybox:1.28
                            command: ['sh', '-c', "until nslookup mydb.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local; do echo waiting for mydb; sleep 2; done"]
                        """)
                .ok();
        var pod = pod("myapp", "myapp-pod");
        pod.awaitRunning("init-myservice");
        Kubectl.await(
                "it waits",
                () -> own.run("logs", "myapp-pod", "-c", "init-myservice").out(),
                log -> log.contains("waiting for myservice"));
        assertThat(own.status("myapp-pod")).isEqualTo("Init:0/2");

        own.apply(
                        """
                        apiVersion: v1
                        kind: Service
                        metadata:
                          name: myservice
                        spec:
                          ports:
                          - protocol: TCP
                            port: 80
                            targetPort: 9376
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata:
                          name: mydb
                        spec:
                          ports:
                          - protocol: TCP
                            port: 80
                            targetPort: 9377
                        """)
                .ok();
        pod.awaitRunning("myapp-container");

        assertThat(own.status("myapp-pod")).isEqualTo("Running");
        assertThat(own.run("logs", "myapp-pod", "-c", "init-mydb").ok())
                .contains("mydb.myapp.svc.cluster.local");
    }

    private static String balanced(String name, int port, String spec) {
        return """
               apiVersion: v1
               kind: Service
               metadata: {name: %1$s}
               spec:
                 type: LoadBalancer
                 selector: {app: %1$s}
                 ports: [{name: http, port: %2$d, targetPort: http}]
                 %3$s
               ---
               """
                .formatted(name, port, spec);
    }

    private static String answerOf(String ip, int port) {
        try {
            return Connection.whoAnswers(ip, port);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>
    @Test
    void aBalancerMayBeForCertainSourcesOnly() {
        int port = 7_081;
        var own = NODE.namespace("fenced");
        var ranges = "loadBalancerSourceRanges: [%s/32, \"2001:db8::/32\"]";
        own.apply(
                        server("fenced", "fenced", 0)
                                + balanced("fenced", port, ranges.formatted(podIp("client"))))
                .ok();
        pod("fenced", "fenced").awaitReady("server");
        var balancer = new WatchedService(own, "fenced").awaitBalancer();
        var fetch = "timeout 2 /bin/wget -qO- http://%s:%d/".formatted(balancer, port);
        Kubectl.await(
                "the pod in the range is answered",
                () -> inClient(fetch).out(),
                answer -> answer.strip().equals("fenced"));

        assertThatThrownBy(() -> Connection.connect(balancer, port, SILENCE_MILLIS))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(kubectl.inPod("alone", fetch).exitCode()).isIn((Object[]) TIMED_OUT);
        assertThat(answerOf(new WatchedService(own, "fenced").clusterIp(), port))
                .isEqualTo("fenced");

        own.apply(balanced("fenced", port, ranges.formatted(NODE.ip()))).ok();
        Kubectl.await(
                "the node in the range is answered",
                () -> {
                    try (var socket = Connection.connect(balancer, port, SILENCE_MILLIS)) {
                        return socket.isConnected();
                    } catch (IOException _) {
                        return false;
                    }
                },
                connected -> connected);

        assertThat(answerOf(balancer, port)).isEqualTo("fenced");
        assertThat(inClient(fetch).exitCode()).isIn((Object[]) TIMED_OUT);
    }

    /// <https://kubernetes.io/docs/tutorials/services/source-ip/>
    @Test
    void balancersAreToldWhetherTheNodeHasAReadyPod() throws Exception {
        var own = NODE.namespace("told");
        own.apply(
                        server("told", "told", 0)
                                + balanced("told", 7_082, "externalTrafficPolicy: Local"))
                .ok();
        int port =
                (int)
                        own.json("get", "service", "told")
                                .object("spec")
                                .number("healthCheckNodePort", 0);

        HealthPort.await(NODE.ip(), port, 200);
        var answer = HealthPort.ask("127.0.0.1", port).orElseThrow();
        assertThat(answer.headers().firstValue("X-Load-Balancing-Endpoint-Weight")).hasValue("1");
        assertThat(JsonReader.parseObject(answer.body()).text())
                .isEqualTo(
                        "{\"service\":{\"namespace\":\"told\",\"name\":\"told\"},"
                                + "\"localEndpoints\":1,\"serviceProxyHealthy\":true}");

        own.inPod("told", "rm /tmp/healthy").ok();
        HealthPort.await(NODE.ip(), port, 503);

        own.inPod("told", "touch /tmp/healthy").ok();
        HealthPort.await(NODE.ip(), port, 200);

        own.run("delete", "service", "told").ok();
        HealthPort.await(NODE.ip(), port, 0);
    }

    @Test
    void aHealthPortThatIsTakenIsSaid() throws Exception {
        var own = NODE.namespace("taken");
        int port;
        try (var taken = HealthPort.taken()) {
            port = taken.getLocalPort();
            var policy = "externalTrafficPolicy: Local\n  healthCheckNodePort: " + port;
            own.apply(balanced("taken", 7_083, policy)).ok();

            Kubectl.await(
                    "an event of the service",
                    () -> own.run("describe", "service", "taken").ok(),
                    shown ->
                            shown.contains("FailedToStartServiceHealthcheck")
                                    && shown.contains(
                                            "failed to start healthcheck \"taken/taken\" on port "
                                                    + port));
        }

        own.apply(server("taken", "taken", 0)).ok(); // and with what changes it is tried again
        HealthPort.await(NODE.ip(), port, 200);
    }
}
