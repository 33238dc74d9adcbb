// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A node with a bridge, two pods on it and a neighbour outside, each in a network namespace.
///
///     outside 192.0.2.9 --- 192.0.2.1 node 10.244.0.1 --- 10.244.0.7 one
///                                                     \-- 10.244.0.8 two
///
/// Servers in them answer with their own name and the address they were reached from.
final class Lab {
    static final NodeNetwork NETWORK =
            new NodeNetwork("coracle-lab", "cor-lab", "10.244.0.0/24", "10.96.0.0/12", true);
    static final String NODE_IP = "192.0.2.1";
    static final String OUTSIDE_IP = "192.0.2.9";
    private static final int CONNECT_MILLIS = 400;
    private static final int ANSWER_MILLIS = 2_000;
    private static final int BYTES = 100;

    private final List<Namespace> namespaces = new ArrayList<>();
    private final List<AutoCloseable> servers = new ArrayList<>();
    final Namespace node;
    final Namespace one;
    final Namespace two;
    final Namespace outside;

    Lab() throws Exception {
        Namespace.assumePossible();
        node = open("node");
        one = open("one");
        two = open("two");
        outside = open("outside");
        node.run("ip", "link", "add", NETWORK.bridge(), "type", "bridge", "nf_call_iptables", "1");
        node.run("ip", "address", "add", "10.244.0.1/24", "dev", NETWORK.bridge());
        node.run("ip", "link", "set", NETWORK.bridge(), "up");
        node.run("ip", "route", "add", NETWORK.serviceCidr(), "dev", NETWORK.bridge());
        node.run("sysctl", "-qw", "net.ipv4.ip_forward=1");
        node.run("sysctl", "-qw", "net.ipv4.conf.%s.route_localnet=1".formatted(NETWORK.bridge()));
        plug(one, "10.244.0.7/24", "10.244.0.1");
        plug(two, "10.244.0.8/24", "10.244.0.1");
        plug(outside, OUTSIDE_IP + "/24", NODE_IP);
    }

    private Namespace open(String purpose) throws Exception {
        var namespace = Namespace.open(purpose);
        namespaces.add(namespace);
        return namespace;
    }

    private void plug(Namespace peer, String address, String gateway) throws Exception {
        var end = "to-" + (peer == one ? "one" : peer == two ? "two" : "outside");
        node.run(
                "ip",
                "link",
                "add",
                end,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                peer.name());
        if (peer == outside) {
            node.run("ip", "address", "add", NODE_IP + "/24", "dev", end);
        } else {
            node.run("ip", "link", "set", end, "master", NETWORK.bridge());
            // as the CNI plug-in does, for pods that meet themselves
            node.run("bridge", "link", "set", "dev", end, "hairpin", "on");
        }
        node.run("ip", "link", "set", end, "up");
        peer.run("ip", "address", "add", address, "dev", "eth0");
        peer.run("ip", "link", "set", "eth0", "up");
        peer.run("ip", "route", "add", "default", "via", gateway);
    }

    /// Serves TCP in a namespace until the lab is closed.
    void serveTcp(Namespace where, String name, int port) throws Exception {
        var server = where.in(() -> new ServerSocket(port, 50, InetAddress.ofLiteral("0.0.0.0")));
        servers.add(server);
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            while (!server.isClosed()) {
                                try (var client = server.accept()) {
                                    var peer = client.getInetAddress().getHostAddress();
                                    client.getOutputStream().write(bytes(name + " " + peer));
                                } catch (IOException _) {
                                    // closed
                                }
                            }
                        });
    }

    /// Serves UDP in a namespace until the lab is closed.
    void serveUdp(Namespace where, String name, int port) throws Exception {
        var server = where.in(() -> new DatagramSocket(port, InetAddress.ofLiteral("0.0.0.0")));
        servers.add(server);
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            while (!server.isClosed()) {
                                try {
                                    var packet = new DatagramPacket(new byte[BYTES], BYTES);
                                    server.receive(packet);
                                    var peer = packet.getAddress().getHostAddress();
                                    packet.setData(bytes(name + " " + peer));
                                    server.send(packet);
                                } catch (IOException _) {
                                    // closed
                                }
                            }
                        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// What a server answers to a new connection: `one 10.244.0.8`; or `refused`, or `nothing`.
    String ask(Namespace from, String ip, int port) throws Exception {
        return from.in(
                () -> {
                    try (var socket = new Socket()) {
                        socket.connect(
                                new InetSocketAddress(InetAddress.ofLiteral(ip), port),
                                CONNECT_MILLIS);
                        socket.setSoTimeout(ANSWER_MILLIS);
                        return new String(
                                socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    } catch (ConnectException _) {
                        return "refused";
                    } catch (SocketTimeoutException _) {
                        return "nothing";
                    }
                });
    }

    /// A client of UDP whose every packet is part of one flow.
    DatagramSocket udpClient(Namespace from, String ip, int port) throws Exception {
        var socket =
                from.in(
                        () -> {
                            var opened = new DatagramSocket();
                            opened.connect(new InetSocketAddress(InetAddress.ofLiteral(ip), port));
                            opened.setSoTimeout(CONNECT_MILLIS);
                            return opened;
                        });
        servers.add(socket);
        return socket;
    }

    static String ask(DatagramSocket client) throws IOException {
        var answer = new DatagramPacket(new byte[BYTES], BYTES);
        try {
            client.send(new DatagramPacket(bytes("?"), 1));
            client.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
        } catch (SocketTimeoutException _) {
            return "nothing";
        } catch (IOException _) {
            return "refused"; // Java's words for an unreachable port differ
        }
    }

    void close() throws Exception {
        for (var server : servers) {
            server.close();
        }
        for (var namespace : namespaces) {
            namespace.close();
        }
    }
}
