// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.host.certs.Pki;
import dev.coracle.host.certs.SubjectNames;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is special about sockets, HTTP and TLS. Expected messages are what Go's net/http prints.
class NetworkProberTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell";

    private final Closing closing = new Closing();
    private final Alarms alarms = closing.add(new Alarms(InstantSource.system()));
    private final NetworkProber prober =
            closing.add(
                    new NetworkProber(
                            alarms,
                            (_, ifLate) -> {
                                ifLate.accept("timeout: as said");
                                Thread.sleep(LONG);
                                throw new AssertionError("not interrupted");
                            }));

    @TempDir Path directory;

    @AfterEach
    void closeAll() {
        closing.close();
    }

    private LocalServer server(String response) {
        return closing.add(LocalServer.saying(response));
    }

    private LocalServer server(LocalServer.Behaviour behaviour) {
        return closing.add(LocalServer.start(true, behaviour));
    }

    private List<ProbeReply> ask(ProbeCall call) {
        var told = Collections.synchronizedList(new ArrayList<ProbeReply>());
        prober.perform(call, told::add);
        return told;
    }

    private ProbeReply reply(ProbeCall call) {
        var told = ask(call);
        Eventually.holds(() -> !told.isEmpty());
        return told.getFirst();
    }

    private static ProbeCall.HttpGet get(int port, String path, ProbeCall.Header... headers) {
        return new ProbeCall.HttpGet(
                ProbeCall.Scheme.HTTP, "127.0.0.1", port, path, List.of(headers), LONG);
    }

    private static ProbeCall.HttpGet https(String host, int port) {
        return new ProbeCall.HttpGet(ProbeCall.Scheme.HTTPS, host, port, "/", List.of(), LONG);
    }

    private static ProbeCall.HttpGet brief(ProbeCall.HttpGet call) {
        return new ProbeCall.HttpGet(
                call.scheme(), call.host(), call.port(), call.path(), call.headers(), SHORT);
    }

    private static ProbeCall.Header header(String name, String value) {
        return new ProbeCall.Header(name, value);
    }

    /// The message without the prefix that names the URL.
    private String failure(LocalServer server) {
        var message = ((ProbeReply.Failed) reply(get(server.port(), "/"))).message();
        var prefix = "Get \"http://127.0.0.1:%d/\": ".formatted(server.port());
        assertThat(message).startsWith(prefix);
        return message.substring(prefix.length());
    }

    @Test
    void aRequestIsSentAsGoSendsIt() {
        var server = server(OK);

        reply(
                get(
                        server.port(),
                        "healthz?full=1&x=a b#top",
                        header("User-Agent", "kube-probe/1.36"),
                        header("Accept", "*/*"),
                        header("x-trace", "1"),
                        header("X-Trace", "2")));

        assertThat(server.heads())
                .containsExactly(
                        """
                        GET /healthz?full=1&x=a b HTTP/1.1
                        Host: 127.0.0.1:%d
                        User-Agent: kube-probe/1.36
                        Accept: */*
                        X-Trace: 1
                        X-Trace: 2
                        Connection: close"""
                                .formatted(server.port()));
    }

    @Test
    void theHostHeaderReplacesTheHostOfTheRequestOnly() {
        var server = server(OK);

        reply(get(server.port(), "/", header("Host", "shop.example")));

        assertThat(server.heads()).first().asString().contains("\nHost: shop.example\n");
    }

    @Test
    void aHeaderThatWouldBreakTheRequestIsRefused() {
        var server = server(OK);

        assertThat(reply(get(server.port(), "/", header("X-Note", "a\r\nHost: b"))))
                .isEqualTo(
                        new ProbeReply.Failed(
                                ("Get \"http://127.0.0.1:%d/\": net/http: invalid header field"
                                                + " value for \"X-Note\"")
                                        .formatted(server.port())));
        assertThat(server.heads()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwe\r\n2\r\nll\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\nwell",
                "HTTP/1.0 200 OK\r\n\r\nwell",
                "HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nwell and more",
                "HTTP/1.1 200 OK\nContent-Length: 4\n\nwell",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK
            })
    void aResponseMayHaveAnyForm(String response) {
        assertThat(reply(get(server(response).port(), "/")))
                .isEqualTo(new ProbeReply.Http(200, "well"));
    }

    @Test
    void aResponseMayComeInAnyPieces() {
        var server =
                server(
                        (socket, _) -> {
                            for (byte one : OK.getBytes(StandardCharsets.US_ASCII)) {
                                socket.getOutputStream().write(one);
                            }
                        });

        assertThat(reply(get(server.port(), "/"))).isEqualTo(new ProbeReply.Http(200, "well"));
    }

    @Test
    void aStatusWithoutABodyHasNone() {
        assertThat(reply(get(server("HTTP/1.1 204 No Content\r\n\r\n").port(), "/")))
                .isEqualTo(new ProbeReply.Http(204, ""));
    }

    @Test
    void anEndlessBodyIsReadNoFurtherThanItIsShown() {
        var server =
                server(
                        (socket, _) -> {
                            var out = socket.getOutputStream();
                            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                            while (true) {
                                out.write("x".repeat(1000).getBytes(StandardCharsets.UTF_8));
                            }
                        });

        assertThat(reply(get(server.port(), "/")))
                .isEqualTo(new ProbeReply.Http(200, "x".repeat(10_240)));
        Eventually.holds(() -> server.connections() == 0);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            textBlock =
                    """
                    SSH-2.0-x\\r\\n|malformed HTTP response "SSH-2.0-x"
                    \\25\\3\\1|malformed HTTP response "\\x15\\x03\\x01"
                    \\377"|malformed HTTP response "\\xff\\""
                    HTTP/1.1 abc OK\\r\\n\\r\\n|malformed HTTP status code "abc"
                    HTTP/1.1 2000 OK\\r\\n\\r\\n|malformed HTTP status code "2000"
                    HTCP/1.1 200 OK\\r\\n\\r\\n|malformed HTTP version "HTCP/1.1"
                    HTTP/1.1 200 OK\\r\\nno colon\\r\\n\\r\\n|malformed MIME header: missing colon: "no colon"
                    HTTP/1.1 200 OK\\r\\nA: b\\r\\n|unexpected EOF
                    HTTP/1.1 200|unexpected EOF
                    """)
    void whatIsNoResponseIsShown(String response, String problem) {
        var server = server(response.translateEscapes());

        assertThat(failure(server))
                .isEqualTo("net/http: HTTP/1.x transport connection broken: " + problem);
    }

    @Test
    void aServerThatHangsUpAtOnceIsAnEnd() {
        assertThat(failure(server(""))).isEqualTo("EOF");
    }

    @Test
    void aResetNamesBothEnds() {
        var server =
                server(
                        (socket, _) -> {
                            socket.setSoLinger(true, 0);
                            socket.close();
                        });

        assertThat(failure(server))
                .matches(
                        "read tcp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:"
                                + server.port()
                                + ": read: connection reset by peer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nwell",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nwell"
            })
    void aBodyThatEndsTooSoonIsAFailureWithoutTheUrl(String response) {
        assertThat(reply(get(server(response).port(), "/")))
                .isEqualTo(new ProbeReply.Failed("unexpected EOF"));
    }

    @Test
    void aResponseThatDripsDoesNotOutliveTheTimeout() {
        var server =
                server(
                        (socket, _) -> {
                            var out = socket.getOutputStream();
                            out.write("HTTP/1.1 200 OK\r\nX: ".getBytes(StandardCharsets.UTF_8));
                            while (true) {
                                out.write('x');
                                Thread.sleep(Duration.ofMillis(10));
                            }
                        });
        var url = "http://127.0.0.1:%d/".formatted(server.port());

        assertThat(reply(brief(get(server.port(), "/"))))
                .isEqualTo(
                        new ProbeReply.Failed(
                                "Get \"%s\": context deadline exceeded".formatted(url)
                                        + " (Client.Timeout exceeded while awaiting headers)"));
        Eventually.holds(() -> server.connections() == 0);
    }

    @Test
    void aBodyThatDripsEndsInOtherWords() {
        var server =
                server(
                        (socket, _) -> {
                            var out = socket.getOutputStream();
                            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                            while (true) {
                                out.write('x');
                                Thread.sleep(Duration.ofMillis(10));
                            }
                        });

        assertThat(reply(brief(get(server.port(), "/"))))
                .isEqualTo(
                        new ProbeReply.Failed(
                                "context deadline exceeded (Client.Timeout or context cancellation"
                                        + " while reading body)"));
        Eventually.holds(() -> server.connections() == 0);
    }

    @Test
    void anUnknownNameIsToldAsSuch() {
        assertThat(reply(new ProbeCall.TcpConnect("no-such-host.invalid", 80, LONG)))
                .asString()
                .contains("dial tcp: lookup no-such-host.invalid: ");
    }

    @Test
    void aNameIsConnectedTo() {
        var server = closing.add(LocalServer.silent());

        assertThat(reply(new ProbeCall.TcpConnect("localhost", server.port(), LONG)))
                .isEqualTo(new ProbeReply.Connected());
    }

    @Test
    void anAddressThatNothingLeadsToSaysWhatTheSystemSays() {
        assertThat(reply(new ProbeCall.TcpConnect("255.255.255.255", 80, LONG)))
                .asString()
                .contains("dial tcp 255.255.255.255:80: connect: ")
                .containsPattern("network is unreachable|permission denied|invalid argument");
    }

    @Test
    void whatHangsInAHealthCheckIsInterruptedAndToldAsItSaid() {
        assertThat(reply(new ProbeCall.GrpcCheck("127.0.0.1", 1, "", SHORT)))
                .isEqualTo(new ProbeReply.Failed("timeout: as said"));
    }

    @Test
    void redirectsOnTheSameHostAreFollowedWithHeadersAndReferer() {
        var server =
                server(
                        (socket, head) ->
                                write(
                                        socket,
                                        head.startsWith("GET /a/b ") ? redirect("../c?d=1") : OK));

        var reply =
                reply(get(server.port(), "/a/b", header("Host", "h.example"), header("X", "y")));

        assertThat(reply).isEqualTo(new ProbeReply.Http(200, "well"));
        assertThat(server.heads().getLast())
                .isEqualTo(
                        """
                        GET /c?d=1 HTTP/1.1
                        Host: h.example
                        X: y
                        Referer: http://127.0.0.1:%d/a/b
                        Connection: close"""
                                .formatted(server.port()));
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String redirect(String location) {
        return "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nthis"
                .formatted(location);
    }

    @Test
    void aRedirectToAnotherPortOfTheHostIsFollowed() {
        var target = server(OK);
        var server = server(redirect("http://127.0.0.1:%d/new".formatted(target.port())));

        assertThat(reply(get(server.port(), "/", header("Host", "h.example"))))
                .isEqualTo(new ProbeReply.Http(200, "well"));
        assertThat(target.heads())
                .first()
                .asString()
                .contains("GET /new ", "Host: 127.0.0.1:" + target.port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://0.0.0.0/", "//localhost/", "ftp://elsewhere/", "http:///x"})
    void aRedirectToAnotherHostIsTheAnswer(String location) {
        assertThat(reply(get(server(redirect(location)).port(), "/")))
                .isEqualTo(new ProbeReply.Http(302, "this"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"301 Moved", "304 Not Modified", "308 Permanent Redirect"})
    void aRedirectWithoutALocationIsTheAnswer(String status) {
        assertThat(reply(get(server("HTTP/1.1 " + status + "\r\n\r\n").port(), "/")))
                .isEqualTo(new ProbeReply.Http(Integer.parseInt(status.substring(0, 3)), ""));
    }

    @Test
    void redirectsWithoutEndAreStopped() {
        var server = server(redirect("/again"));

        assertThat(reply(get(server.port(), "/")))
                .isEqualTo(new ProbeReply.Failed("Get \"/again\": stopped after 10 redirects"));
        assertThat(server.heads()).hasSize(10);
    }

    @Test
    void aLocationThatIsNoUrlIsToldWithTheRequest() {
        assertThat(failure(server(redirect("http://127.0.0.1:http/"))))
                .isEqualTo(
                        "failed to parse Location header \"http://127.0.0.1:http/\": parse"
                                + " \"http://127.0.0.1:http/\": invalid port \":http\" after"
                                + " host");
    }

    @Test
    void certificatesAreNotVerifiedAndTheNameIsSaid() throws Exception {
        var asked = new AtomicReference<String>();
        var listener = tlsListener();
        var server =
                closing.add(
                        LocalServer.on(
                                listener,
                                (socket, _) -> {
                                    asked.set(String.valueOf(serverNames(socket)));
                                    write(socket, OK);
                                }));

        assertThat(reply(https("localhost", server.port())))
                .isEqualTo(new ProbeReply.Http(200, "well"));
        assertThat(asked).hasValueMatching(names -> names.contains("localhost"));
        assertThat(reply(https("127.0.0.1", server.port())))
                .isEqualTo(new ProbeReply.Http(200, "well"));
        assertThat(asked).hasValue("[]");
    }

    private static List<String> serverNames(Socket socket) {
        return ((ExtendedSSLSession) ((SSLSocket) socket).getSession())
                .getRequestedServerNames().stream()
                        .map(name -> ((SNIHostName) name).getAsciiName())
                        .toList();
    }

    private SSLServerSocket tlsListener() throws Exception {
        var other = InetAddress.ofLiteral("192.0.2.1");
        var credential =
                Pki.open(
                                directory,
                                SubjectNames.ofApiServer("elsewhere", "node", other, List.of()),
                                Instant.EPOCH)
                        .apiServer();
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "key", credential.key(), new char[0], new Certificate[] {credential.certificate()});
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return (SSLServerSocket)
                context.getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @Test
    void aServerThatRefusesTheHandshakeIsQuoted() {
        var fatalHandshakeFailure = new byte[] {0x15, 3, 3, 0, 2, 2, 40};
        var server =
                closing.add(
                        LocalServer.start(
                                false,
                                (socket, _) -> {
                                    socket.getOutputStream().write(fatalHandshakeFailure);
                                    socket.getInputStream().readAllBytes();
                                }));

        assertThat(reply(https("127.0.0.1", server.port())))
                .isEqualTo(
                        new ProbeReply.Failed(
                                "Get \"https://127.0.0.1:%d/\": remote error: tls: handshake failure"
                                        .formatted(server.port())));
    }

    @Test
    void anHttpServerBehindHttpsIsRecognized() {
        var server =
                closing.add(
                        LocalServer.start(
                                false,
                                (socket, _) -> {
                                    write(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
                                    socket.getInputStream().readAllBytes();
                                }));

        assertThat(reply(https("127.0.0.1", server.port())))
                .isEqualTo(
                        new ProbeReply.Failed(
                                "Get \"https://127.0.0.1:%d/\": http: server gave HTTP response to"
                                                .formatted(server.port())
                                        + " HTTPS client"));
    }

    @Test
    void anotherServerBehindHttpsIsNoTls() {
        var server =
                closing.add(
                        LocalServer.start(
                                false,
                                (socket, _) -> {
                                    write(socket, "220 mail.example ready\r\n");
                                    socket.getInputStream().readAllBytes();
                                }));

        assertThat(reply(https("127.0.0.1", server.port())))
                .asString()
                .contains("tls: first record does not look like a TLS handshake");
    }

    @Test
    void aServerThatHangsUpDuringTheHandshakeIsAnEnd() {
        var server =
                closing.add(
                        LocalServer.start(false, (socket, _) -> socket.getInputStream().read()));

        assertThat(reply(https("127.0.0.1", server.port())))
                .asString()
                .containsPattern("\": (EOF|read tcp .*: read: connection reset by peer)");
    }

    @Test
    void aHandshakeThatHangsEndsWithTheTimeout() {
        var server = closing.add(LocalServer.silent());

        assertThat(reply(brief(https("127.0.0.1", server.port()))))
                .asString()
                .contains("context deadline exceeded (Client.Timeout exceeded while awaiting");
        Eventually.holds(() -> server.connections() == 0);
    }

    @Test
    void manyAreToldOnceEachEvenWhenTimeIsUpAsTheyAnswer() {
        var server =
                server(
                        (socket, _) -> {
                            Thread.sleep(SHORT);
                            write(socket, OK);
                        });
        var told = Collections.synchronizedList(new ArrayList<ProbeReply>());
        for (int i = 0; i < 200; i++) {
            prober.perform(brief(get(server.port(), "/")), told::add);
        }

        Eventually.holds(() -> told.size() >= 200 && server.connections() == 0);
        prober.close();
        assertThat(told).hasSize(200);
    }

    @Test
    void afterClosingEveryCheckFailsAtOnce() {
        prober.close();

        assertThat(ask(get(1, "/"))).containsExactly(new ProbeReply.Failed("context canceled"));
    }
}
