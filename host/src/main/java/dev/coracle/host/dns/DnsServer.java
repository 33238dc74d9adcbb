// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import dev.coracle.core.net.dns.ClusterNames;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Cluster DNS at one address, over UDP and TCP.
///
/// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
public final class DnsServer implements AutoCloseable {
    /// Bursts of queries wait here, not at the clients.
    private static final int UDP_BUFFER_BYTES = 4 << 20;

    private static final int PORT_ATTEMPTS = 16;
    private static final int TCP_BACKLOG = 128;

    private final Closing closing = new Closing();
    private final InetSocketAddress address;

    /// What it stands between: `names` are those of this moment, `others` knows all other names.
    public record Parts(
            Supplier<ClusterNames> names,
            AnswerCache others,
            RandomGenerator random,
            Alarms alarms,
            Consumer<Throwable> onCrash) {}

    /// Listens at `address` and nowhere else; port 0 is any that is free. Connections on which
    /// nothing happens for 10 s are closed.
    ///
    /// @throws BindException naming the address, if somebody else has it
    public static DnsServer start(InetSocketAddress address, Parts parts) throws IOException {
        return start(address, parts, Duration.ofSeconds(10));
    }

    static DnsServer start(InetSocketAddress address, Parts parts, Duration idle)
            throws IOException {
        return start(
                address,
                new Responder(parts.names(), parts.others(), parts.random()),
                parts.alarms(),
                idle,
                parts.onCrash());
    }

    static DnsServer start(
            InetSocketAddress address,
            Responder responder,
            Alarms alarms,
            Duration idle,
            Consumer<Throwable> onCrash)
            throws IOException {
        var sockets = Sockets.open(address);
        var server = new DnsServer(sockets.address());
        server.closing.add(new UdpListener(sockets.udp, responder, onCrash)).start();
        server.closing.add(new TcpListener(sockets.tcp, responder, alarms, idle, onCrash)).start();
        return server;
    }

    /// Both of the same port.
    private record Sockets(DatagramChannel udp, ServerSocket tcp) {

        /// A port that is free for the one may be taken for the other: any free one is looked for
        /// until both have it.
        static Sockets open(InetSocketAddress address) throws IOException {
            for (int attempt = 1; ; attempt++) {
                try {
                    return bind(address);
                } catch (BindException e) {
                    if (address.getPort() != 0 || attempt == PORT_ATTEMPTS) {
                        var named =
                                new BindException(
                                        "cannot serve DNS at " + address + ": " + e.getMessage());
                        named.initCause(e);
                        throw named;
                    }
                }
            }
        }

        private static Sockets bind(InetSocketAddress address) throws IOException {
            var udp = DatagramChannel.open();
            try {
                udp.setOption(StandardSocketOptions.SO_RCVBUF, UDP_BUFFER_BYTES);
                udp.bind(address);
                var tcp = new ServerSocket();
                try {
                    tcp.bind(udp.getLocalAddress(), TCP_BACKLOG);
                    return new Sockets(udp, tcp);
                } catch (IOException e) {
                    tcp.close();
                    throw e;
                }
            } catch (IOException e) {
                udp.close();
                throw e;
            }
        }

        InetSocketAddress address() {
            return new InetSocketAddress(tcp.getInetAddress(), tcp.getLocalPort());
        }
    }

    private DnsServer(InetSocketAddress address) {
        this.address = address;
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        closing.close();
    }
}
