// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// What is probed, in a process of its own: answers each request with the microsecond in which it
/// came, since the epoch. Prints its port, and ends when its input does.
public final class ProbeTarget {
    private static final int BACKLOG = 1_024;
    private static final int LONGEST_REQUEST = 4_096;

    private ProbeTarget() {}

    public static void main(String[] args) throws IOException {
        var listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        System.out.println(listener.getLocalPort());
        Thread.ofPlatform().daemon().start(() -> accept(listener));
        var _ = System.in.read(); // ends with the process that started this one
    }

    private static void accept(ServerSocket listener) {
        try {
            while (true) {
                var socket = listener.accept();
                Thread.ofVirtual().start(() -> answer(socket));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void answer(Socket socket) {
        try (socket) {
            if (socket.getInputStream().read(new byte[LONGEST_REQUEST]) > 0) {
                var now = Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
                var response =
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
                                .formatted(now.length(), now);
                socket.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException _) {
            // the prober has gone
        }
    }
}
