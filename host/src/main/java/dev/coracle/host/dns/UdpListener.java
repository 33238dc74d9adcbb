// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import dev.coracle.host.loop.Workers;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers datagrams: one thread reads them and answers what it can at once; what others must be
/// asked for gets a virtual thread.
///
/// What other ways of sharing the work cost: `docs/decisions/0007-dnsjava-for-the-wire-format.md`.
final class UdpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UdpListener.class);

    /// More than any query has; of a longer one the rest is cut off.
    private static final int LONGEST_QUERY = 4096;

    private final DatagramChannel channel;
    private final Responder responder;
    private final Consumer<Throwable> onCrash;
    private final Workers workers;

    UdpListener(DatagramChannel channel, Responder responder, Consumer<Throwable> onCrash) {
        this.channel = channel;
        this.responder = responder;
        this.onCrash = onCrash;
        this.workers = new Workers(onCrash);
    }

    void start() {
        Thread.ofPlatform()
                .daemon()
                .name("dns udp")
                .uncaughtExceptionHandler((_, crash) -> onCrash.accept(crash))
                .start(this::run);
    }

    private void run() {
        var buffer = ByteBuffer.allocateDirect(LONGEST_QUERY);
        while (channel.isOpen()) {
            try {
                buffer.clear();
                var client = channel.receive(buffer);
                buffer.flip();
                var query = new byte[buffer.remaining()];
                buffer.get(query);
                answer(query, client);
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException e) {
                LOG.debug("a datagram was lost: {}", e.toString());
            }
        }
    }

    private void answer(byte[] query, SocketAddress client) {
        switch (responder.respond(query, true)) {
            case Reply.Now(var bytes) -> send(bytes, client);
            case Reply.Later(var bytes) ->
                    workers.run("dns forward", () -> send(bytes.get(), client));
            case Reply.Silence() -> {}
        }
    }

    /// A client that cannot be reached asks again, or is gone.
    private void send(byte[] bytes, SocketAddress client) {
        try {
            channel.send(ByteBuffer.wrap(bytes), client);
        } catch (IOException e) {
            LOG.debug("{} could not be answered: {}", client, e.toString());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
