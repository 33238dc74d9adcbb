// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;

/// Ties an upgraded connection of a client (SPDY or WebSocket) to a server behind us, such as the
/// streaming server of the container runtime: the request is passed on, and once that server has
/// switched protocols, bytes are copied both ways without being looked at.
///
/// A refusal of that server is passed on as it is.
final class Tunnel {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int REFUSAL_BYTES = 64 * 1024;

    /// As long as upstream lets a streaming connection be silent.
    private static final long IDLE_MILLIS = 4 * 60 * 60 * 1000L;

    /// Headers that speak of the connection to us, or to us alone.
    private static final Set<String> NOT_PASSED_ON =
            Set.of("host", "authorization", "content-length", "transfer-encoding");

    private Tunnel() {}

    /// Through the container runtime's server, which knows from the address what is wanted.
    static void open(Exchange exchange, URI target) throws IOException {
        if (!isPossible(exchange)) {
            throw ApiException.badRequest("Upgrade request required");
        }
        var backend = new Backend(connect(target));
        boolean tied = false;
        try {
            var answer = tie(exchange, backend, head(exchange, target));
            tied = answer.code() == Backend.SWITCHING_PROTOCOLS;
            if (!tied) {
                refuse(exchange, answer, backend);
            }
        } finally {
            if (!tied) {
                backend.close();
            }
        }
    }

    /// Whether the client wants another protocol, and that can be had.
    static boolean isPossible(Exchange exchange) {
        return !exchange.header("Upgrade").isEmpty()
                && exchange.request().getConnectionMetaData().getHttpVersion()
                        == HttpVersion.HTTP_1_1;
    }

    /// Sends `head` to `backend` and returns what that answers. If it switches protocols, so does
    /// the client's connection, and `backend` is no longer the caller's; else, nothing was sent to
    /// the client.
    static Backend.Head tie(Exchange exchange, Backend backend, byte[] head) throws IOException {
        backend.send(head);
        var answer = backend.readHead();
        if (answer.code() == Backend.SWITCHING_PROTOCOLS) {
            var request = exchange.request();
            var endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
            request.setAttribute(
                    HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new Tied(exchange, endPoint, backend));
            exchange.response().setStatus(Backend.SWITCHING_PROTOCOLS);
            for (var header : answer.headers()) {
                exchange.response().getHeaders().add(header.name(), header.value());
            }
            exchange.end();
        }
        return answer;
    }

    private static Socket connect(URI target) {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(target.getHost(), target.getPort()), CONNECT_MILLIS);
            return socket;
        } catch (IOException e) {
            Backend.closeQuietly(socket);
            throw new ApiException(
                    Status.of(
                            Status.Reason.INTERNAL_ERROR,
                            "error dialing backend %s:%d: %s"
                                    .formatted(
                                            target.getHost(), target.getPort(), e.getMessage())));
        }
    }

    private static byte[] head(Exchange exchange, URI target) {
        var path =
                target.getRawPath()
                        + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
        var head = new StringBuilder();
        head.append("%s %s HTTP/1.1\r\n".formatted(exchange.method(), path));
        head.append("Host: %s:%d\r\n".formatted(target.getHost(), target.getPort()));
        for (var field : exchange.request().getHeaders()) {
            if (!NOT_PASSED_ON.contains(field.getLowerCaseName())) {
                head.append("%s: %s\r\n".formatted(field.getName(), field.getValue()));
            }
        }
        if (exchange.method().equals("POST")) {
            head.append("Content-Length: 0\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void refuse(Exchange exchange, Backend.Head answer, Backend backend)
            throws IOException {
        for (var header : answer.headers()) {
            if (header.name().toLowerCase(Locale.ROOT).startsWith("sec-websocket-")) {
                exchange.response().getHeaders().add(header.name(), header.value());
            }
        }
        var type = answer.header("Content-Type");
        exchange.send(
                answer.code(),
                type.isEmpty() ? "text/plain" : type,
                backend.body(answer).readNBytes(REFUSAL_BYTES));
    }

    /// The client's end, once both sides have switched protocols. One thread for each direction.
    private static final class Tied extends AbstractConnection implements Connection.UpgradeTo {
        private static final int BUFFER_BYTES = 16 * 1024;

        private final Backend backend;
        private ByteBuffer early = BufferUtil.EMPTY_BUFFER;

        Tied(Exchange exchange, EndPoint endPoint, Backend backend) {
            super(endPoint, exchange.request().getComponents().getExecutor());
            this.backend = backend;
        }

        /// What the client sent before it saw the switch.
        @Override
        public void onUpgradeTo(ByteBuffer buffer) {
            early = BufferUtil.copy(buffer);
        }

        @Override
        public void onOpen() {
            super.onOpen();
            getEndPoint().setIdleTimeout(IDLE_MILLIS);
            getExecutor().execute(this::copyToClient);
            getExecutor().execute(this::sendEarly);
        }

        private void sendEarly() {
            try {
                send(early);
                fillInterested();
            } catch (IOException e) {
                end();
            }
        }

        private void send(ByteBuffer bytes) throws IOException {
            backend.send(BufferUtil.toArray(bytes));
        }

        @Override
        public void onFillable() {
            try {
                var buffer = BufferUtil.allocate(BUFFER_BYTES);
                while (true) {
                    BufferUtil.clear(buffer);
                    int filled = getEndPoint().fill(buffer);
                    if (filled < 0) {
                        backend.socket().shutdownOutput();
                        return;
                    }
                    if (filled == 0) {
                        fillInterested();
                        return;
                    }
                    send(buffer);
                }
            } catch (IOException e) {
                end();
            }
        }

        private void copyToClient() {
            var bytes = new byte[BUFFER_BYTES];
            try {
                var from = backend.rest();
                for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
                    try (var blocker = Blocker.callback()) {
                        getEndPoint().write(blocker, ByteBuffer.wrap(bytes, 0, count));
                        blocker.block();
                    }
                }
            } catch (IOException e) {
                // One side is gone, which ends the other, too.
            } finally {
                end();
            }
        }

        private void end() {
            backend.close();
            close();
        }

        @Override
        public void onClose(@org.jspecify.annotations.Nullable Throwable cause) {
            backend.close();
            super.onClose(cause);
        }
    }
}
