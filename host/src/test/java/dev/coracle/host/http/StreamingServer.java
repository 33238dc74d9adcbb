// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// Stands for the container runtime's, or for what listens in a pod: takes one connection after
/// another.
final class StreamingServer implements AutoCloseable {
    final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    private final ServerSocket server;

    StreamingServer(Consumer<Socket> behaviour) throws IOException {
        this(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()), behaviour);
    }

    StreamingServer(ServerSocket server, Consumer<Socket> behaviour) {
        this.server = server;
        Thread.startVirtualThread(() -> accept(behaviour));
    }

    URI uri() {
        return URI.create("http://127.0.0.1:%d/exec/token".formatted(server.getLocalPort()));
    }

    private void accept(Consumer<Socket> behaviour) {
        try {
            while (true) {
                try (var socket = server.accept()) {
                    heads.add(head(socket.getInputStream()));
                    behaviour.accept(socket);
                }
            }
        } catch (IOException e) {
            assertThat(server.isClosed()).isTrue();
        }
    }

    /// Switches, greets in the same packet, returns what it gets, ends at a `q`.
    static void echo(Socket socket) {
        try {
            var out = socket.getOutputStream();
            out.write(
                    ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                    + "Upgrade: SPDY/3.1\r\n"
                                    + "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n"
                                    + "hello\n")
                            .getBytes(StandardCharsets.US_ASCII));
            int c;
            do {
                c = socket.getInputStream().read();
                if (c >= 0) {
                    out.write(c);
                }
            } while (c >= 0 && c != 'q');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void refuse(Socket socket) {
        try {
            socket.getOutputStream()
                    .write(
                            ("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n"
                                            + "Content-Length: 7\r\n\r\nno v5!\n")
                                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    /// Says this to everybody.
    static Consumer<Socket> saying(String answer) {
        return socket -> say(socket, answer);
    }

    static void say(Socket socket, String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /// Up to and with the empty line.
    static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            assertThat(c).as("ended after \"%s\"", head).isNotNegative();
            head.append((char) c);
        }
        return head.toString();
    }
}
