// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Workers;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers connections, each on a virtual thread of its own.
///
/// A client may send queries without waiting for answers, and gets each answer as soon as it is
/// known, in whatever order. There are limits to how many connections there are, how many queries
/// of one are under way, and how long one may take to send a query or to read an answer.
///
/// <https://www.rfc-editor.org/rfc/rfc7766>
final class TcpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);
    private static final int MOST_CONNECTIONS = 1000;
    private static final int MOST_PENDING = 64;
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final Semaphore connections = new Semaphore(MOST_CONNECTIONS);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ServerSocket listening;
    private final Responder responder;
    private final Alarms alarms;
    private final Duration idle;
    private final Workers workers;

    TcpListener(
            ServerSocket listening,
            Responder responder,
            Alarms alarms,
            Duration idle,
            Consumer<Throwable> onCrash) {
        this.listening = listening;
        this.responder = responder;
        this.alarms = alarms;
        this.idle = idle;
        this.workers = new Workers(onCrash);
    }

    void start() {
        workers.run("dns tcp", this::accept);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var socket = listening.accept();
                if (connections.tryAcquire()) {
                    open.add(socket);
                    workers.run("dns connection", () -> serve(socket));
                } else {
                    socket.close();
                }
            } catch (IOException e) { // closed, or the client left, or too many open files
                LOG.debug("not accepted: {}", e.toString());
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var pending = new Semaphore(MOST_PENDING);
            var input = new DataInputStream(socket.getInputStream());
            while (!socket.isClosed()) {
                pending.acquireUninterruptibly();
                answer(read(socket, input), socket, pending);
            }
        } catch (IOException e) {
            LOG.debug("the end of a connection: {}", e.toString());
        } finally {
            open.remove(socket);
            connections.release();
        }
    }

    private byte[] read(Socket socket, DataInputStream input) throws IOException {
        try (var _ = alarms.in(idle, () -> end(socket))) {
            return Wire.readFramed(input);
        }
    }

    private void answer(byte[] query, Socket socket, Semaphore pending) throws IOException {
        switch (responder.respond(query, false)) {
            case Reply.Now(var bytes) -> {
                write(socket, bytes);
                pending.release();
            }
            case Reply.Later(var bytes) ->
                    workers.run(
                            "dns forward",
                            () -> {
                                try {
                                    write(socket, bytes.get());
                                } catch (IOException e) {
                                    LOG.debug("not answered: {}", e.toString());
                                    end(socket);
                                } finally {
                                    pending.release();
                                }
                            });
            case Reply.Silence() -> end(socket); // who sends no queries is not listened to
        }
    }

    private void write(Socket socket, byte[] bytes) throws IOException {
        var message = Wire.framed(bytes);
        try (var _ = alarms.in(idle, () -> end(socket))) {
            synchronized (socket) {
                socket.getOutputStream().write(message);
            }
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.toString());
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        open.forEach(TcpListener::end);
    }
}
