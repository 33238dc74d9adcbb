// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.net.dns.ClusterZone;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.host.dns.AnswerCache;
import dev.coracle.host.dns.ClusterDnsFeed;
import dev.coracle.host.dns.DnsServer;
import dev.coracle.host.dns.Forwarder;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Cluster DNS: the names of what the API holds, served to pods.
final class ClusterDns implements AutoCloseable {
    private final Closing closing;
    private final InetSocketAddress address;

    /// What it stands between; `resolvConf` is the text of the node's own resolver configuration.
    record Parts(
            Registry registry,
            String resolvConf,
            RandomGenerator random,
            Alarms alarms,
            InstantSource clock,
            Consumer<Throwable> onCrash) {}

    /// Listens at `address` and nowhere else, for clients that ask at the address of `zone`'s
    /// server; neither is forwarded to, should the node's own resolver configuration name it.
    ///
    /// @throws IOException if the address cannot be had
    static ClusterDns start(InetSocketAddress address, ClusterZone zone, Parts parts)
            throws IOException {
        var closing = new Closing();
        try {
            var feed =
                    closing.add(
                            new ClusterDnsFeed(
                                    zone,
                                    new ClusterDnsFeed.Parts(
                                            parts.registry,
                                            ResourceTypes.SERVICES,
                                            ResourceTypes.ENDPOINT_SLICES,
                                            ResourceTypes.NAMESPACES,
                                            parts.clock,
                                            parts.onCrash)));
            feed.start();
            var own =
                    new HashSet<>(
                            List.of(
                                    address.getAddress(),
                                    InetAddress.getByAddress(zone.server().bytes())));
            var forwarder =
                    new Forwarder(
                            Forwarder.resolvers(parts.resolvConf, own), parts.random, parts.clock);
            var server =
                    closing.add(
                            DnsServer.start(
                                    address,
                                    new DnsServer.Parts(
                                            feed::names,
                                            new AnswerCache(forwarder, parts.clock),
                                            parts.random,
                                            parts.alarms,
                                            parts.onCrash)));
            return new ClusterDns(closing, server.address());
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    private ClusterDns(Closing closing, InetSocketAddress address) {
        this.closing = closing;
        this.address = address;
    }

    /// Where it listens.
    InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        closing.close();
    }
}
