// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static dev.coracle.host.http.RunningApi.DEFAULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.ResourceTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class ProxyTest {
    private static final String POD = DEFAULT + "/pods/web:8080/proxy";
    private static final String SERVICE = DEFAULT + "/services/web:80/proxy";
    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";

    private static final int LONG = 5_000_000;

    @TempDir Path directory;
    private RunningApi api;

    @BeforeEach
    void start() throws IOException {
        api = new RunningApi(directory);
        api.create(
                ResourceTypes.SERVICE_ACCOUNTS,
                """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}
                """);
        api.create(
                ResourceTypes.PODS,
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},
                 "spec":{"nodeName":"yard","containers":[{"name":"main","image":"busybox",
                  "ports":[{"containerPort":9000}]}]}}
                """);
        setAddress("10.1.0.5");
        api.create(
                ResourceTypes.SERVICES,
                """
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},
                 "spec":{"clusterIP":"None","ports":[{"name":"http","port":80},
                  {"name":"other","port":81}]}}
                """);
        endpoints("10.1.0.5", "default");
    }

    private void setAddress(String ip) {
        var key = new ObjectKey("default", "web");
        var status =
                """
                {"phase":"Running","podIP":"%s","podIPs":[{"ip":"%s"}]}
                """
                        .formatted(ip, ip);
        api.registry.update(
                ResourceTypes.PODS,
                key,
                "status",
                api.registry
                        .get(ResourceTypes.PODS, key)
                        .with("status", JsonReader.parseObject(status)),
                Api.WriteOptions.by("test"));
    }

    private void endpoints(String ip, String namespace) {
        api.create(
                ResourceTypes.ENDPOINTS,
                """
                {"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"web"},"subsets":[
                 {"addresses":[{"ip":"%s","targetRef":
                   {"kind":"Pod","name":"web","namespace":"%s"}}],
                  "ports":[{"name":"http","port":8080}]},
                 {"notReadyAddresses":[{"ip":"10.1.0.6"}],"ports":[{"name":"other","port":8081}]}]}
                """
                        .formatted(ip, namespace));
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aRequestReachesThePodWithPathQueryHeadersAndBody() throws Exception {
        try (var backend = new StreamingServer(StreamingServer.saying(HELLO))) {
            api.pods.backend = backend.address();

            var answer =
                    api.send(
                            "PUT",
                            POD + "/a%20b/c?x=%2F&y=1",
                            "",
                            "X-Mine",
                            "yes",
                            "Authorization",
                            "Bearer none");

            assertThat(answer.code()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("hello\n");
            assertThat(api.pods.connections.take())
                    .isEqualTo(new InetSocketAddress("10.1.0.5", 8080));
            assertThat(backend.heads.take())
                    .startsWith("PUT /a%20b/c?x=%2F&y=1 HTTP/1.1\r\n")
                    .containsIgnoringCase("\r\nX-Mine: yes\r\n")
                    .containsIgnoringCase("\r\nX-Forwarded-For: 127.0.0.1\r\n")
                    .containsIgnoringCase("\r\nX-Forwarded-Uri: " + POD + "/a%20b/c\r\n")
                    .containsIgnoringCase(
                            "\r\nHost: 127.0.0.1:" + api.server.address().getPort() + "\r\n")
                    .doesNotContainIgnoringCase("\r\nAuthorization:");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/queues/%2F/one, /queues/%2F/one",
        "/100%25, /100%25",
        "/a;v=1/b, /a;v=1/b",
        "/a/../b, /b",
        "/%C3%A4/, /%C3%A4/",
        "/x%20y, /x%20y"
    })
    void pathsStayAsTheyWereWritten(String asked, String seen) throws Exception {
        try (var backend = new StreamingServer(StreamingServer.saying(HELLO))) {
            api.pods.backend = backend.address();

            assertThat(api.get(POD + asked).text()).isEqualTo("hello\n");
            assertThat(backend.heads.take()).startsWith("GET " + seen + " HTTP/1.1\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "services/web:80, 8080",
        "services/web:http, 8080",
        "services/http:web:80, 8080",
        "pods/web, 9000",
        "pods/http:web:, 9000",
        "pods/web:81, 81"
    })
    void serviceAndPodAreFoundByNumberAndName(String name, int port) throws Exception {
        try (var backend = new StreamingServer(StreamingServer.saying(HELLO))) {
            api.pods.backend = backend.address();

            assertThat(api.get(DEFAULT + "/" + name + "/proxy/").text()).isEqualTo("hello\n");
            assertThat(api.pods.connections.take())
                    .isEqualTo(new InetSocketAddress("10.1.0.5", port));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "services/web:other | 503 | no endpoints available for service \"web:other\"",
                "services/web:99 | 503 | no service port 99 found for service \"web\"",
                "services/web | 503 | no endpoints available for service \"web\"",
                "services/ftp:web:80 | 400 | invalid service request \"ftp:web:80\"",
                "services/absent:80 | 404 | services \"absent\" not found",
                "pods/absent:80 | 404 | pods \"absent\" not found",
                "services/web:80 | 503 | error trying to reach service: dial tcp 10.1.0.5:8080:"
                        + " connect: connection refused"
            })
    void whyNothingIsReachedIsSaidInUpstreamsWords(String name, int code, String message) {
        var answer = api.get(DEFAULT + "/" + name + "/proxy/");

        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.code()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "169.254.169.254", "224.0.0.1", "0.0.0.0"})
    void noPodLeadsToAnAddressThatIsNoPods(String ip) {
        setAddress(ip);

        assertThat(api.get(POD + "/").message()).isEqualTo("address not allowed");
        assertThat(api.pods.connections).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.9, default", "10.1.0.5, kube-system"})
    void endpointsWrittenByHandLeadToNobodyElse(String ip, String namespace) {
        api.delete(DEFAULT + "/endpoints/web");
        endpoints(ip, namespace);

        assertThat(api.get(SERVICE + "/").message())
                .isEqualTo("no endpoints available for service \"web:80\"");
        assertThat(api.pods.connections).isEmpty();
    }

    @Test
    void onlyWhoMayUseTheSubresourceIsLetThrough() {
        assertThat(api.anonymous(SERVICE + "/").code()).isEqualTo(401);
        var attributes = Attributes.of("POST", SERVICE + "/x/y", false);
        assertThat(attributes.subresource()).isEqualTo("proxy");
        assertThat(attributes.verb()).isEqualTo("create");
        assertThat(attributes.name()).isEqualTo("web:80");
    }

    @Test
    void aPathWithoutItsSlashIsSentToTheOneWithIt() {
        var answer = api.get(SERVICE + "?a=b");

        assertThat(answer.code()).isEqualTo(301);
        assertThat(answer.header("Location")).isEqualTo(SERVICE + "/?a=b");
    }

    @ParameterizedTest
    @CsvSource({
        "/there?a=b, " + POD + "/there?a=b",
        "http://10.1.0.5:8080/there, " + POD + "/there",
        "http://elsewhere/there, http://elsewhere/there",
        "there, there",
        POD + "/there, " + POD + "/there"
    })
    void redirectsOfThePodStayBehindTheProxy(String location, String seen) throws IOException {
        try (var backend =
                new StreamingServer(
                        StreamingServer.saying(
                                "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                                        .formatted(location)))) {
            api.pods.backend = backend.address();

            var answer = api.get(POD + "/here");

            assertThat(answer.code()).isEqualTo(302);
            assertThat(answer.header("Location")).isEqualTo(seen);
        }
    }

    @Test
    void anAnswerIsPassedOnWhileItIsWritten() throws Exception {
        var more = new SynchronousQueue<String>();
        try (var backend =
                new StreamingServer(
                        socket -> {
                            StreamingServer.say(
                                    socket,
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                            + "4\r\none\n\r\n");
                            StreamingServer.say(socket, taken(more));
                        })) {
            api.pods.backend = backend.address();
            try (var body = api.open(POD + "/").body()) {
                assertThat(text(body, 4)).isEqualTo("one\n");
                more.put("4\r\ntwo\n\r\n0\r\n\r\n");
                assertThat(text(body, 4)).isEqualTo("two\n");
                assertThat(body.read()).isEqualTo(-1);
            }
        }
    }

    private static String taken(SynchronousQueue<String> queue) {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(InputStream in, int count) throws IOException {
        return new String(in.readNBytes(count), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void bodiesAreLongerThanTheApiItselfTakes(HttpClient.Version version) throws Exception {
        try (var backend = new StreamingServer(ProxyTest::count)) {
            api.pods.backend = backend.address();
            var body = HttpRequest.BodyPublishers.ofByteArray(new byte[LONG]);
            var unannounced = HttpRequest.BodyPublishers.fromPublisher(body);

            for (var each : List.of(body, unannounced)) {
                var answer =
                        api.bytes(
                                HttpRequest.newBuilder(api.uri(POD + "/"))
                                        .version(version)
                                        .POST(each));
                assertThat(new String(answer.body(), StandardCharsets.US_ASCII))
                        .isEqualTo(String.valueOf(LONG));
            }
            assertThat(backend.heads.take()).containsIgnoringCase("\r\nContent-Length: " + LONG);
            assertThat(backend.heads.take())
                    .containsIgnoringCase("\r\nTransfer-Encoding: chunked\r\n");
        }
    }

    /// Says that it got as much as it waits for.
    private static void count(Socket socket) {
        try {
            var in = socket.getInputStream();
            long count = 0;
            var bytes = new byte[64 * 1024];
            while (count < LONG) {
                count += in.read(bytes);
            }
            var text = String.valueOf(Math.min(count, LONG));
            StreamingServer.say(
                    socket,
                    "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(text.length(), text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNotTakenForWhole() throws IOException {
        try (var backend =
                new StreamingServer(
                        StreamingServer.saying(
                                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell"))) {
            api.pods.backend = backend.address();
            var body = api.open(POD + "/").body();

            assertThat(catchThrowable(body::readAllBytes)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aPodThatSaysNothingIsUnavailable() throws IOException {
        try (var backend = new StreamingServer(_ -> {})) {
            api.pods.backend = backend.address();

            assertThat(api.get(POD + "/").message())
                    .isEqualTo("error trying to reach service: EOF");
        }
    }

    @Test
    void tlsIsSpokenToWhoeverHasAnyCertificate() throws Exception {
        var listening =
                api.admin
                        .getServerSocketFactory()
                        .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        try (var backend = new StreamingServer(listening, StreamingServer.saying(HELLO))) {
            api.pods.backend = backend.address();

            assertThat(api.get(DEFAULT + "/pods/https:web:8443/proxy/").text())
                    .isEqualTo("hello\n");
            assertThat(api.get(DEFAULT + "/services/https:web:80/proxy/").text())
                    .isEqualTo("hello\n");
        }
    }

    @Test
    void whatTheClientAbandonsIsEnded() throws Exception {
        var ended = new SynchronousQueue<Integer>();
        try (var backend =
                new StreamingServer(
                        socket -> {
                            StreamingServer.say(socket, "HTTP/1.1 200 OK\r\n\r\nhello");
                            handOver(socket, ended);
                        })) {
            api.pods.backend = backend.address();
            try (var body = api.open(POD + "/").body()) {
                assertThat(text(body, 5)).isEqualTo("hello");
            }

            assertThat(ended.take()).isEqualTo(-1);
        }
    }

    /// Reads one more byte, or the end.
    private static void handOver(Socket socket, SynchronousQueue<Integer> queue) {
        try {
            queue.put(socket.getInputStream().read());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aStopOfTheServerEndsWhatIsUnderWay() throws Exception {
        try (var backend =
                new StreamingServer(
                        socket -> {
                            StreamingServer.say(
                                    socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell");
                            taken(new SynchronousQueue<>());
                        })) {
            api.pods.backend = backend.address();
            var body = api.open(POD + "/").body();
            assertThat(text(body, 4)).isEqualTo("hell");

            api.server.close();

            assertThat(catchThrowable(body::readAllBytes)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void protocolsAreSwitchedThroughTheProxy() throws Exception {
        try (var backend = new StreamingServer(StreamingServer::echo);
                var client =
                        api.admin
                                .getSocketFactory()
                                .createSocket(
                                        api.server.address().getAddress(),
                                        api.server.address().getPort())) {
            api.pods.backend = backend.address();
            client.getOutputStream()
                    .write(
                            """
                            GET %s/chat?room=1 HTTP/1.1
                            Host: localhost
                            Connection: keep-alive, Upgrade
                            Upgrade: websocket
                            Sec-WebSocket-Key: a2V5

                            """
                                    .formatted(POD)
                                    .replace("\n", "\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            var in = client.getInputStream();

            assertThat(StreamingServer.head(in)).startsWith("HTTP/1.1 101 ");
            assertThat(backend.heads.take())
                    .startsWith("GET /chat?room=1 HTTP/1.1\r\n")
                    .contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
                    .containsIgnoringCase("\r\nSec-WebSocket-Key: a2V5\r\n");
            assertThat(text(in, 6)).isEqualTo("hello\n");
            client.getOutputStream().write("q".getBytes(StandardCharsets.US_ASCII));
            assertThat(text(in, 1)).isEqualTo("q");
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
