// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import static dev.coracle.core.net.NetObjects.endpoint;
import static dev.coracle.core.net.NetObjects.ready;
import static dev.coracle.core.net.NetObjects.service;
import static dev.coracle.core.net.NetObjects.slice;
import static dev.coracle.core.net.NetObjects.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.net.NetObjects;
import dev.coracle.core.net.RuleBook;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a load balancer hears.
@Timeout(180)
class HealthPortsTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MANY = 40;
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<EventRequest> events = new ArrayList<>();
    private final RuleBook book = new RuleBook(NetObjects.ON);
    private Instant now = T0;
    private final InstantSource clock = () -> now;
    private final HealthPorts ports = new HealthPorts(NetObjects.NODE, events::add, clock);
    private int port;

    @BeforeEach
    void choosePort() throws IOException {
        port = freePort();
    }

    @AfterEach
    void close() {
        ports.close();
        client.close();
    }

    private static int freePort() throws IOException {
        return freePorts(1).getFirst();
    }

    private static List<Integer> freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0));
        }
        for (var socket : sockets) {
            socket.close();
        }
        return sockets.stream().map(ServerSocket::getLocalPort).toList();
    }

    /// Makes the ports say what the book does.
    private void update() {
        book.table();
        ports.update(book.healthPorts());
    }

    private void local(String name, int healthPort) {
        book.service(
                with(
                        service(name, "10.96.0.9"),
                        "{'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local', 'healthCheckNodePort': %d}"
                                .formatted(healthPort)));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return get(port, path);
    }

    private HttpResponse<String> get(int from, String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:%d%s".formatted(from, path));
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private boolean listens(int at) throws IOException {
        try (var _ = new Socket(LOOPBACK, at)) {
            return true;
        } catch (ConnectException _) {
            return false;
        }
    }

    @Test
    void whereEndpointsAreReadyTheAnswerIsYes() throws Exception {
        local("web", port);
        book.slice(slice("web-1", "web", ready("10.244.0.7"), ready("10.244.0.8")));
        update();

        for (var path : List.of("/healthz", "/", "/whatever?x=1")) {
            var answer = get(path);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().map())
                    .containsEntry("content-type", List.of("application/json"))
                    .containsEntry("x-content-type-options", List.of("nosniff"))
                    .containsEntry("x-load-balancing-endpoint-weight", List.of("2"));
            assertThat(JsonReader.parseObject(answer.body()))
                    .isEqualTo(
                            NetObjects.json(
                                    """
                                    {'service': {'namespace': 'default', 'name': 'web'},
                                     'localEndpoints': 2, 'serviceProxyHealthy': true}"""));
        }
    }

    @Test
    void whereNoneIsReadyTheAnswerIsNo() throws Exception {
        local("web", port);
        book.slice(slice("web-1", "web", ready("10.244.0.7")));
        update();
        assertThat(get("/").statusCode()).isEqualTo(200);

        book.slice(
                slice("web-1", "web", endpoint("10.244.0.7", NetObjects.NODE, false, true, true)));
        update();

        var answer = get("/");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("x-load-balancing-endpoint-weight")).hasValue("0");
        assertThat(answer.body()).contains("\"localEndpoints\": 0");
    }

    @Test
    void eachServiceHasItsPortAsLongAsItAsksForIt() throws Exception {
        int other = freePort();
        local("web", port);
        local("shop", other);
        book.slice(slice("web-1", "web", ready("10.244.0.7")));
        update();
        assertThat(get("/").statusCode()).isEqualTo(200);
        assertThat(get(other, "/").body()).contains("\"name\": \"shop\"");

        book.serviceGone(new ObjectKey("default", "web"));
        update();

        assertThat(listens(port)).isFalse();
        assertThat(get(other, "/").statusCode()).isEqualTo(503);

        local("again", port);
        update();

        assertThat(get("/").body()).contains("\"name\": \"again\"");
        assertThat(events).isEmpty();
    }

    @Test
    void aPortMayGoFromOneServiceToTheNext() throws Exception {
        for (int i = 0; i < 2 * MANY; i++) {
            book.serviceGone(new ObjectKey("default", "service-" + (i - 1)));
            update();
            local("service-" + i, port);
            update();
        }

        assertThat(get("/").body()).contains("service-79");
        assertThat(events).isEmpty();
    }

    @Test
    void connectionsThatLastHearNothingOfAServiceThatIsGone() throws Exception {
        local("web", port);
        book.slice(slice("web-1", "web", ready("10.244.0.7")));
        update();
        try (var socket = new Socket(LOOPBACK, port)) {
            assertThat(ask(socket)).startsWith("HTTP/1.1 200 ");
            book.serviceGone(new ObjectKey("default", "web"));

            update();

            assertThat(ask(socket)).startsWith("HTTP/1.1 503 ").doesNotContain("web");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    /// One more answer of the same connection.
    private static String ask(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: node\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        var in = socket.getInputStream();
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        var length = head.toString().replaceAll("(?is).*content-length: ([0-9]+).*", "$1");
        return head
                + new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.US_ASCII);
    }

    @Test
    void aPortThatIsTakenIsSaidAndHadLater() throws Exception {
        local("web", port);
        try (var _ = new ServerSocket(port)) {
            update();

            assertThat(events)
                    .containsExactly(
                            new EventRequest(
                                    new EventRequest.Reference(
                                            "v1", "Service", "default", "web", "web", "", ""),
                                    "Warning",
                                    "FailedToStartServiceHealthcheck",
                                    "node yard failed to start healthcheck \"default/web\" on port %d: Address already in use"
                                            .formatted(port),
                                    "kube-proxy",
                                    "yard"));
        }

        update();

        assertThat(get("/").statusCode()).isEqualTo(503);
        assertThat(events).hasSize(1);
    }

    @Test
    void rulesThatAreLateForAMinuteAreNoPlaceToSendPacketsTo() throws Exception {
        local("web", port);
        book.slice(slice("web-1", "web", ready("10.244.0.7")));
        update();

        ports.rulesFail();
        now = T0.plus(MINUTE).minusMillis(1);
        ports.rulesFail();
        assertThat(get("/").statusCode()).isEqualTo(200);

        now = T0.plus(MINUTE);
        assertThat(get("/").statusCode()).isEqualTo(503);
        assertThat(get("/").body())
                .contains("\"localEndpoints\": 1", "\"serviceProxyHealthy\": false");

        update();
        assertThat(get("/").statusCode()).isEqualTo(200);
    }

    @Test
    void howeverManyPortsThereAreNoThreadIsTheirOwn() throws Exception {
        local("web", port);
        update();
        get("/");
        int before = platformThreads().size();

        for (int each : freePorts(MANY)) {
            local("more-" + each, each);
        }
        update();

        assertThat(events).isEmpty();
        assertThat(book.healthPorts()).hasSize(MANY + 1);
        for (int each : book.healthPorts().keySet()) {
            assertThat(get(each, "/").statusCode()).isEqualTo(503);
        }
        assertThat(platformThreads()).hasSizeLessThan(before + MANY / 2);
    }

    private static Set<String> platformThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(thread -> thread.threadId() + " " + thread.getName())
                .collect(Collectors.toSet());
    }

    @Test
    void whenItIsClosedNothingListens() throws Exception {
        local("web", port);
        update();
        get("/");

        ports.close();

        assertThat(listens(port)).isFalse();
    }
}
