// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.net.dns.ClusterZone;
import dev.coracle.core.registry.Bootstrap;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;

/// Cluster DNS on loopback, for an API that is nowhere else, and at a time that can be moved.
final class LocalClusterDns implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ClusterZone ZONE =
            new ClusterZone(
                    "cluster.local",
                    IpAddress.parse("10.96.0.10").orElseThrow(),
                    List.of(IpRange.of("10.96.0.0/12")));

    private final Closing closing = new Closing();
    private final List<Throwable> crashes = new CopyOnWriteArrayList<>();
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final InstantSource clock = () -> InstantSource.system().instant().plus(ahead.get());
    private final StoreRegistry registry =
            new StoreRegistry(
                    closing.add(MvccStore.open(new MemoryJournal(), Retention.DEFAULT)),
                    Schemas.load(),
                    clock,
                    new SplittableRandom(1),
                    List.of());

    LocalClusterDns() {
        Bootstrap.apply(registry);
    }

    /// One that forwards to the name servers that `resolvConf` names.
    ClusterDns start(InetSocketAddress address, String resolvConf) throws IOException {
        return closing.add(
                ClusterDns.start(
                        address,
                        ZONE,
                        new ClusterDns.Parts(
                                registry,
                                resolvConf,
                                new SplittableRandom(1),
                                closing.add(new Alarms(clock)),
                                clock,
                                crashes::add)));
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /// Creates a service of the namespace `default`.
    void createService(String name, String spec) {
        registry.create(
                ResourceTypes.SERVICES,
                "default",
                JsonReader.parseObject(
                        """
                        {"apiVersion":"v1","kind":"Service","metadata":{"name":"%s"},"spec":%s}"""
                                .formatted(name, spec)),
                WriteOptions.by("test"));
    }

    /// Lets that much time pass at once.
    void advance(Duration by) {
        ahead.updateAndGet(by::plus);
    }

    /// What `dns` answers a client that asks over UDP, and over TCP if that was truncated.
    static Message ask(ClusterDns dns, String name, int type) throws IOException {
        return ask(dns, name, type, false);
    }

    /// What `dns` answers over UDP.
    static Message askOnce(ClusterDns dns, String name, int type) throws IOException {
        return ask(dns, name, type, true);
    }

    private static Message ask(ClusterDns dns, String name, int type, boolean once)
            throws IOException {
        var resolver = new SimpleResolver(dns.address());
        resolver.setTimeout(PATIENCE);
        resolver.setIgnoreTruncation(once);
        return resolver.send(Message.newQuery(Record.newRecord(new Name(name), type, DClass.IN)));
    }

    @Override
    public void close() {
        closing.close();
        assertThat(crashes).isEmpty();
    }
}
