// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Listens on loopback and does with each connection what the test wants.
final class LocalServer implements AutoCloseable {
    /// Answers one connection, which is closed afterwards. `head` is empty if it was not read.
    interface Behaviour {
        void answer(Socket socket, String head) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final boolean readsHead;
    private final Behaviour behaviour;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private LocalServer(ServerSocket listener, boolean readsHead, Behaviour behaviour) {
        this.listener = listener;
        this.readsHead = readsHead;
        this.behaviour = behaviour;
        Thread.ofVirtual().name("local server").start(this::accept);
    }

    static LocalServer start(boolean readsHead, Behaviour behaviour) {
        try {
            return new LocalServer(
                    new ServerSocket(0, 256, InetAddress.getLoopbackAddress()),
                    readsHead,
                    behaviour);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// On a socket of another kind, such as TLS.
    static LocalServer on(ServerSocket listener, Behaviour behaviour) {
        return new LocalServer(listener, true, behaviour);
    }

    /// Sends `response` to whoever has asked for something.
    static LocalServer saying(String response) {
        return start(
                true,
                (socket, _) ->
                        socket.getOutputStream()
                                .write(response.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /// Accepts and says nothing.
    static LocalServer silent() {
        return start(false, (socket, _) -> socket.getInputStream().readAllBytes());
    }

    private void accept() {
        try {
            while (true) {
                var socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException _) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            behaviour.answer(socket, readsHead ? head(socket) : "");
        } catch (IOException _) {
            // the client has gone, as some tests want
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private String head(Socket socket) throws IOException {
        var reader =
                new BufferedReader(
                        new InputStreamReader(
                                socket.getInputStream(), StandardCharsets.ISO_8859_1));
        var lines = new ArrayList<String>();
        for (var line = reader.readLine();
                line != null && !line.isEmpty();
                line = reader.readLine()) {
            lines.add(line);
        }
        var head = String.join("\n", lines);
        heads.add(head);
        return head;
    }

    int port() {
        return listener.getLocalPort();
    }

    /// The request lines and headers so far.
    List<String> heads() {
        return heads;
    }

    /// How many connections are open.
    int connections() {
        return open.size();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
