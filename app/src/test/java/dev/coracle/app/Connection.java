// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Who answers at an address, asked over a new connection each time: the stand-in servers answer
/// with the name of their pod.
final class Connection {
    private static final int PATIENCE_MILLIS = 10_000;

    private Connection() {}

    /// @throws IOException if the connection is refused, breaks, or nothing comes
    static String whoAnswers(String ip, int port) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(ip), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream()
                    .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            var answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (!answer.startsWith("HTTP/1.")) {
                throw new IOException("no answer of " + ip + " but \"" + answer + '"');
            }
            return answer.substring(answer.indexOf("\r\n\r\n")).strip();
        }
    }

    /// A connection that is there within so many milliseconds.
    ///
    /// @throws java.net.SocketTimeoutException if nobody says anything to that
    static Socket connect(String ip, int port, int millis) throws IOException {
        var socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(ip), port), millis);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    static List<String> whoAnswers(String ip, int port, int times) throws IOException {
        var names = new ArrayList<String>();
        for (int i = 0; i < times; i++) {
            names.add(whoAnswers(ip, port));
        }
        return names;
    }

    /// Asks with a datagram; always from the same port when it is the same socket.
    static String whoAnswers(DatagramSocket socket, String ip, int port) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        var question = new DatagramPacket(new byte[] {'?'}, 1);
        question.setSocketAddress(new InetSocketAddress(InetAddress.ofLiteral(ip), port));
        socket.send(question);
        var answer = new DatagramPacket(new byte[256], 256);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    }
}
