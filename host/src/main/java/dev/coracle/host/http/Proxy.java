// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.ip.HostAndPort;
import dev.coracle.host.certs.UnverifiedTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// Passes requests on to what listens in a pod, and its answers back: bodies as they come, both
/// ways, and changes of protocol too.
///
/// Differs from upstream: HTTP/1.1 is spoken to the pod in any case, trailers are dropped, and
/// links in HTML pages are left as they are.
///
/// <https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/>,
/// "Manually constructing apiserver proxy URLs"
final class Proxy {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int FIRST_ERROR = 400;
    private static final int HANDSHAKE_MILLIS = 10_000;

    /// How long a client may go on sending after it has the answer.
    private static final Duration LINGER = Duration.ofSeconds(1);

    /// Headers that speak of one connection, not of the message.
    private static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    /// Headers that are for us, or that we write ourselves.
    private static final Set<String> OURS =
            Set.of(
                    "authorization",
                    "content-length",
                    "expect",
                    "host",
                    "http2-settings",
                    "x-forwarded-for",
                    "x-forwarded-uri");

    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD", "DELETE", "OPTIONS");

    /// `/api/v1/namespaces/NAMESPACE/services/NAME/proxy`
    private static final int STEPS = 7;

    private static final String NOT_IN_PATHS = "\"<>\\^`{|}?#";

    private static final Pattern PARAMETERS = Pattern.compile(";[^/]*");

    private final ProxyTargets targets;
    private final PodAccess pods;
    private final SSLSocketFactory tls = UnverifiedTls.context().getSocketFactory();

    Proxy(ProxyTargets targets, PodAccess pods) {
        this.targets = targets;
        this.pods = pods;
    }

    /// A request on its way. `prefix` is the path up to and with `proxy`, `path` what follows it.
    private record Passage(
            Exchange exchange, ProxyTargets.Target target, String prefix, String path) {
        static Passage of(Exchange exchange, ProxyTargets.Target target) {
            var whole = encoded(path(exchange.request().getHttpURI()));
            int end = 0;
            for (int steps = 0; steps < STEPS; steps++) {
                int next = whole.indexOf('/', end + 1);
                end = next < 0 ? whole.length() : next;
            }
            return new Passage(exchange, target, whole.substring(0, end), whole.substring(end));
        }

        /// Without dot segments, but with the parameters (`;v=1`) that a canonical path lacks.
        private static String path(HttpURI uri) {
            var canonical = Objects.requireNonNullElse(uri.getCanonicalPath(), "/");
            var sent = Objects.requireNonNullElse(uri.getPath(), "/");
            return PARAMETERS.matcher(sent).replaceAll("").equals(canonical) ? sent : canonical;
        }

        /// With everything that no path may hold as a percent sign and number.
        private static String encoded(String path) {
            var text = new StringBuilder();
            for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
                boolean plain = b > ' ' && b < 0x7f && NOT_IN_PATHS.indexOf(b) < 0;
                text.append(plain ? (char) b : "%%%02X".formatted(b & 0xff));
            }
            return text.toString();
        }

        String query() {
            var query = exchange.request().getHttpURI().getQuery();
            return query == null ? "" : "?" + query;
        }

        Request request() {
            return exchange.request();
        }

        String host() {
            var authority = request().getHttpURI().getAuthority();
            return authority == null || authority.isEmpty() ? exchange.header("Host") : authority;
        }
    }

    /// @throws ApiException as [ProxyTargets#of], and 503 if the pod does not answer
    void serve(Exchange exchange, ResourceType type, ObjectKey key) throws IOException {
        var passage = Passage.of(exchange, targets.of(type, key));
        boolean upgrades =
                Tunnel.isPossible(exchange)
                        && exchange.headerList(HttpHeader.CONNECTION)
                                .toLowerCase(Locale.ROOT)
                                .contains("upgrade");
        if (upgrades) {
            upgrade(passage);
        } else if (passage.path().isEmpty() && Set.of("GET", "HEAD").contains(exchange.method())) {
            redirect(exchange, passage.prefix() + "/" + passage.query());
        } else {
            forward(passage);
        }
    }

    /// Relative links are right only below a path that ends with a slash.
    private static void redirect(Exchange exchange, String location) throws IOException {
        exchange.response().setStatus(301);
        exchange.response().getHeaders().put(HttpHeader.LOCATION, location);
        exchange.response().getHeaders().put(HttpHeader.CONTENT_LENGTH, 0);
        exchange.end();
    }

    private void upgrade(Passage passage) throws IOException {
        var backend = connect(passage.target());
        boolean tied = false;
        try {
            var head =
                    head(
                            passage,
                            "Connection: Upgrade\r\nUpgrade: %s\r\n"
                                    .formatted(passage.exchange().header("Upgrade")));
            var answer = tie(passage.exchange(), backend, head);
            tied = answer.code() == Backend.SWITCHING_PROTOCOLS;
            if (!tied && answer.code() < FIRST_ERROR) {
                throw new ApiException(
                        Status.of(
                                Status.Reason.INTERNAL_ERROR,
                                "invalid upgrade response: status code " + answer.code()));
            }
            if (!tied) {
                relay(passage, backend, answer);
            }
        } finally {
            if (!tied) {
                backend.close();
            }
        }
    }

    private static Backend.Head tie(Exchange exchange, Backend backend, byte[] head)
            throws IOException {
        try {
            return Tunnel.tie(exchange, backend, head);
        } catch (IOException e) {
            if (exchange.isCommitted()) {
                throw e;
            }
            throw unreachable(e);
        }
    }

    private void forward(Passage passage) throws IOException {
        var request = passage.request();
        request.addIdleTimeoutListener(_ -> false); // either side may be silent for long
        var backend = connect(passage.target());
        request.addFailureListener(_ -> backend.close());
        var body = RequestBody.of(request);
        try {
            relay(passage, backend, answer(passage, backend, body));
        } finally {
            backend.close();
            body.stop();
        }
    }

    private static Backend.Head answer(Passage passage, Backend backend, RequestBody body) {
        try {
            backend.send(head(passage, body.header() + "Connection: close\r\n"));
            body.startSending(backend);
            return backend.readHead();
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private Backend connect(ProxyTargets.Target target) {
        var plain = dial(target.address());
        try {
            return new Backend(target.secure() ? secured(plain, target.address()) : plain);
        } catch (IOException e) {
            Backend.closeQuietly(plain);
            throw unreachable(e);
        }
    }

    private Socket dial(InetSocketAddress address) {
        try {
            return pods.connect(address);
        } catch (IOException e) {
            throw unreachable(
                    "dial tcp %s: %s"
                            .formatted(
                                    text(address),
                                    e instanceof SocketTimeoutException
                                            ? "i/o timeout"
                                            : "connect: " + words(e)));
        }
    }

    private Socket secured(Socket plain, InetSocketAddress address) throws IOException {
        var host = address.getAddress().getHostAddress();
        var socket = (SSLSocket) tls.createSocket(plain, host, address.getPort(), true);
        plain.setSoTimeout(HANDSHAKE_MILLIS);
        try {
            socket.startHandshake();
        } catch (SocketTimeoutException e) {
            throw new IOException("net/http: TLS handshake timeout", e);
        }
        plain.setSoTimeout(0);
        return socket;
    }

    private static String text(InetSocketAddress address) {
        return HostAndPort.text(address.getAddress().getHostAddress(), address.getPort());
    }

    private static ApiException unreachable(IOException failure) {
        return unreachable(words(failure));
    }

    private static ApiException unreachable(String why) {
        return Errors.unavailable("error trying to reach service: " + why);
    }

    private static String words(IOException failure) {
        var message = String.valueOf(failure.getMessage());
        if (failure instanceof SSLException) {
            return message.contains("SSL message")
                    ? "http: server gave HTTP response to HTTPS client"
                    : "tls: " + message;
        }
        return failure instanceof SocketException ? message.toLowerCase(Locale.ROOT) : message;
    }

    /// The head of the request that the pod gets; `more` are lines about the connection.
    private static byte[] head(Passage passage, String more) {
        var path = passage.path().isEmpty() ? "/" : passage.path();
        var text = new StringBuilder();
        text.append(passage.exchange().method()).append(' ').append(path);
        text.append(passage.query()).append(" HTTP/1.1\r\n");
        text.append("Host: ").append(passage.host()).append("\r\n");
        var connection = namedByConnection(passage.exchange().headerList(HttpHeader.CONNECTION));
        for (var field : passage.request().getHeaders()) {
            var name = field.getLowerCaseName();
            if (!HOP_BY_HOP.contains(name)
                    && !OURS.contains(name)
                    && !connection.contains(name)
                    && !name.startsWith(":")) {
                text.append(field.getName()).append(": ").append(field.getValue()).append("\r\n");
            }
        }
        var before =
                String.join(", ", passage.request().getHeaders().getValuesList("X-Forwarded-For"));
        text.append("X-Forwarded-For: ")
                .append(before.isEmpty() ? "" : before + ", ")
                .append(Request.getRemoteAddr(passage.request()))
                .append("\r\n");
        text.append("X-Forwarded-Uri: ").append(passage.prefix()).append(path).append("\r\n");
        return text.append(more).append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Set<String> namedByConnection(String connection) {
        var names = new HashSet<String>();
        for (var name : connection.split(",")) {
            names.add(name.strip().toLowerCase(Locale.ROOT));
        }
        return names;
    }

    private static void relay(Passage passage, Backend backend, Backend.Head answer)
            throws IOException {
        var exchange = passage.exchange();
        var headers = exchange.response().getHeaders();
        exchange.response().setStatus(answer.code());
        var connection = namedByConnection(answer.header("Connection"));
        if (!answer.header("Date").isEmpty()) {
            headers.remove(HttpHeader.DATE);
        }
        if (answer.header("Cache-Control").isEmpty()) {
            headers.put(HttpHeader.CACHE_CONTROL, "no-cache, private");
        }
        boolean chunked = !answer.header("Transfer-Encoding").isEmpty();
        for (var header : answer.headers()) {
            var name = header.name().toLowerCase(Locale.ROOT);
            if (name.equals("location")) {
                headers.add(header.name(), located(passage, header.value()));
            } else if (!HOP_BY_HOP.contains(name)
                    && !connection.contains(name)
                    && !(chunked && name.equals("content-length"))) {
                headers.add(header.name(), header.value());
            }
        }
        if (!exchange.method().equals("HEAD") && answer.code() != 204 && answer.code() != 304) {
            copy(exchange, backend, answer);
        }
        exchange.end();
    }

    private static void copy(Exchange exchange, Backend backend, Backend.Head answer)
            throws IOException {
        var body = backend.body(answer);
        var bytes = new byte[BUFFER_BYTES];
        exchange.write(ByteBuffer.allocate(0)); // the head at once, however long the rest takes
        for (int count = body.read(bytes); count >= 0; count = body.read(bytes)) {
            exchange.write(ByteBuffer.wrap(bytes, 0, count));
        }
    }

    /// A redirect to the same server, seen from the client's side.
    private static String located(Passage passage, String location) {
        URI uri;
        try {
            uri = URI.create(location);
        } catch (IllegalArgumentException _) {
            return location;
        }
        var path = uri.getRawPath() == null ? "" : uri.getRawPath();
        var authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        boolean asked = authority.equals(passage.host());
        boolean same =
                authority.isEmpty() || asked || authority.equals(text(passage.target().address()));
        if (!same || !path.startsWith("/")) {
            return location;
        }
        var prefixed = path.startsWith(passage.prefix()) ? path : passage.prefix() + path;
        return (asked && !authority.isEmpty() ? uri.getScheme() + "://" + authority : "")
                + prefixed
                + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())
                + (uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment());
    }

    /// What the client sends after the head, passed on by a thread of its own: the answer may come
    /// before its end.
    private static final class RequestBody {
        private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

        private final Request request;

        /// What is there already, when that had to be looked at.
        private final Content.@Nullable Chunk first;

        /// In bytes; -1 when not known before the end.
        private final long length;

        private @Nullable Thread sender;

        private RequestBody(Request request, Content.@Nullable Chunk first, long length) {
            this.request = request;
            this.first = first;
            this.length = length;
        }

        static RequestBody of(Request request) {
            long length = request.getLength();
            if (length >= 0) {
                return new RequestBody(request, null, length);
            }
            if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_2) {
                boolean chunked = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
                return new RequestBody(request, null, chunked ? -1 : 0);
            }
            // HTTP/2 announces no body: there is one unless it has ended already.
            var first = request.read();
            boolean ended = first != null && first.isLast() && !first.hasRemaining();
            return new RequestBody(request, first, ended ? 0 : -1);
        }

        String header() {
            if (length < 0) {
                return "Transfer-Encoding: chunked\r\n";
            }
            return length == 0 && WITHOUT_BODY.contains(request.getMethod())
                    ? ""
                    : "Content-Length: %d\r\n".formatted(length);
        }

        void startSending(Backend backend) {
            if (length != 0) {
                sender = Thread.ofVirtual().name("proxied-body").start(() -> send(backend));
            }
        }

        private void send(Backend backend) {
            try {
                if (first != null && first.hasRemaining()) {
                    var bytes = new byte[first.remaining()];
                    first.getByteBuffer().get(bytes);
                    first.release();
                    send(backend, bytes, bytes.length);
                }
                if (first == null || !first.isLast()) {
                    copy(backend);
                }
                if (length < 0) {
                    backend.send(LAST_CHUNK);
                }
            } catch (IOException e) {
                // The pod may answer all the same, and its answer says more than this.
            }
        }

        private void copy(Backend backend) throws IOException {
            var in = Content.Source.asInputStream(request);
            var bytes = new byte[BUFFER_BYTES];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                send(backend, bytes, count);
            }
        }

        private void send(Backend backend, byte[] bytes, int count) throws IOException {
            if (length < 0) {
                backend.send("%x\r\n".formatted(count).getBytes(StandardCharsets.US_ASCII));
            }
            backend.send(bytes, count);
            if (length < 0) {
                backend.send(LINE_END);
            }
        }

        /// Returns once nobody reads the request any more. Nothing can be sent by now.
        void stop() {
            var running = sender;
            if (running == null) {
                return;
            }
            try {
                if (!running.join(LINGER)) {
                    request.fail(new IOException("answered before the request was sent whole"));
                    running.join();
                }
            } catch (InterruptedException e) {
                request.fail(e);
                Thread.currentThread().interrupt();
            }
        }
    }
}
