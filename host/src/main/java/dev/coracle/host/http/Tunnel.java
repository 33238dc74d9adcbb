// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;

/// Ties an upgraded connection of a client (SPDY or WebSocket) to the streaming server of the
/// container runtime: the request is passed on, and once that server has switched protocols, bytes
/// are copied both ways without being looked at.
///
/// A refusal of the runtime's server is passed on as it is.
final class Tunnel {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int HEAD_BYTES = 64 * 1024;
    private static final int REFUSAL_BYTES = 64 * 1024;
    private static final int SWITCHING_PROTOCOLS = 101;

    /// As long as upstream lets a streaming connection be silent.
    private static final long IDLE_MILLIS = 4 * 60 * 60 * 1000L;

    /// Headers that speak of the connection to us, or to us alone.
    private static final Set<String> NOT_PASSED_ON =
            Set.of("host", "authorization", "content-length", "transfer-encoding");

    private Tunnel() {}

    /// What the runtime's server answered.
    private record Head(int code, String reason, List<String[]> headers) {
        String header(String name) {
            return headers.stream()
                    .filter(header -> header[0].equalsIgnoreCase(name))
                    .map(header -> header[1])
                    .findFirst()
                    .orElse("");
        }
    }

    static void open(Exchange exchange, URI target) throws IOException {
        var request = exchange.request();
        if (exchange.header("Upgrade").isEmpty()
                || request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_1) {
            throw ApiException.badRequest("Upgrade request required");
        }
        var socket = connect(target);
        boolean tied = false;
        try {
            socket.getOutputStream().write(head(exchange, target));
            var in = new BufferedInputStream(socket.getInputStream());
            var answer = read(in);
            if (answer.code() != SWITCHING_PROTOCOLS) {
                refuse(exchange, answer, in);
                return;
            }
            var endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
            request.setAttribute(
                    HttpStream.UPGRADE_CONNECTION_ATTRIBUTE,
                    new Tied(exchange, endPoint, socket, in));
            exchange.response().setStatus(SWITCHING_PROTOCOLS);
            for (var header : answer.headers()) {
                exchange.response().getHeaders().add(header[0], header[1]);
            }
            exchange.end();
            tied = true;
        } finally {
            if (!tied) {
                socket.close();
            }
        }
    }

    private static Socket connect(URI target) {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(target.getHost(), target.getPort()), CONNECT_MILLIS);
            return socket;
        } catch (IOException e) {
            closeQuietly(socket);
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

    private static Head read(InputStream in) throws IOException {
        var status = line(in).split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
            throw new IOException("the container runtime's streaming server does not speak HTTP");
        }
        var headers = new ArrayList<String[]>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.add(
                        new String[] {line.substring(0, colon), line.substring(colon + 1).strip()});
            }
        }
        return new Head(Integer.parseInt(status[1]), status.length > 2 ? status[2] : "", headers);
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || line.size() > HEAD_BYTES) {
                throw new IOException("the container runtime's streaming server broke off");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private static void refuse(Exchange exchange, Head answer, InputStream in) throws IOException {
        var length = answer.header("Content-Length");
        byte[] body;
        if (length.matches("\\d{1,9}")) {
            body = in.readNBytes(Math.min(Integer.parseInt(length), REFUSAL_BYTES));
        } else if (answer.header("Transfer-Encoding").toLowerCase(Locale.ROOT).equals("chunked")) {
            body = chunks(in);
        } else {
            body = in.readNBytes(REFUSAL_BYTES);
        }
        for (var header : answer.headers()) {
            if (header[0].toLowerCase(Locale.ROOT).startsWith("sec-websocket-")) {
                exchange.response().getHeaders().add(header[0], header[1]);
            }
        }
        var type = answer.header("Content-Type");
        exchange.send(answer.code(), type.isEmpty() ? "text/plain" : type, body);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var body = new ByteArrayOutputStream();
        while (body.size() < REFUSAL_BYTES) {
            int size;
            try {
                size = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
            } catch (NumberFormatException e) {
                throw new IOException("the container runtime's streaming server broke off", e);
            }
            if (size == 0) {
                break;
            }
            body.writeBytes(in.readNBytes(Math.min(size, REFUSAL_BYTES)));
            line(in);
        }
        return body.toByteArray();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closing is all that was left to do with it.
        }
    }

    /// The client's end, once both sides have switched protocols. One thread for each direction.
    private static final class Tied extends AbstractConnection implements Connection.UpgradeTo {
        private static final int BUFFER_BYTES = 16 * 1024;

        private final Socket socket;
        private final InputStream fromRuntime;
        private ByteBuffer early = BufferUtil.EMPTY_BUFFER;

        Tied(Exchange exchange, EndPoint endPoint, Socket socket, InputStream fromRuntime) {
            super(endPoint, exchange.request().getComponents().getExecutor());
            this.socket = socket;
            this.fromRuntime = fromRuntime;
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
            socket.getOutputStream().write(BufferUtil.toArray(bytes));
        }

        @Override
        public void onFillable() {
            try {
                var buffer = BufferUtil.allocate(BUFFER_BYTES);
                while (true) {
                    BufferUtil.clear(buffer);
                    int filled = getEndPoint().fill(buffer);
                    if (filled < 0) {
                        socket.shutdownOutput();
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
                for (int count = fromRuntime.read(bytes);
                        count >= 0;
                        count = fromRuntime.read(bytes)) {
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
            closeQuietly(socket);
            close();
        }

        @Override
        public void onClose(@org.jspecify.annotations.Nullable Throwable cause) {
            closeQuietly(socket);
            super.onClose(cause);
        }
    }
}
