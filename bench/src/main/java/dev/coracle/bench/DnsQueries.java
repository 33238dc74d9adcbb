// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.net.dns.ClusterNames;
import dev.coracle.core.net.dns.ClusterZone;
import dev.coracle.core.net.dns.DnsIndex;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service;
import dev.coracle.host.dns.AnswerCache;
import dev.coracle.host.dns.DnsServer;
import dev.coracle.host.dns.Forwarder;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/// How many queries about names of the cluster are answered a second, and how soon: a thousand
/// services with ten endpoints each, over UDP on loopback, the client being another process on the
/// same cores. And what following one change of an endpoint slice costs the index.
public final class DnsQueries {
    private static final int SERVICES = 1_000;
    private static final int ENDPOINTS = 10;
    private static final int CHANGES = 20_000;

    private final PrintStream out;
    private final Closing closing = new Closing();

    DnsQueries(PrintStream out) {
        this.out = out;
    }

    /// This alone, for looking at it with a profiler.
    public static void main(String[] args) throws IOException, InterruptedException {
        new DnsQueries(System.out).run();
    }

    void run() throws IOException, InterruptedException {
        try (closing) {
            var index = index();
            out.printf("DNS index, one changed endpoint slice: %d ns%n", change(index).toNanos());
            client(start(index).address());
        }
    }

    private DnsServer start(DnsIndex index) throws IOException {
        var clock = InstantSource.system();
        var random = RandomGenerator.of("SecureRandom");
        var zone =
                new ClusterZone(
                        "cluster.local",
                        IpAddress.parse("10.96.0.10").orElseThrow(),
                        List.of(IpRange.of("10.96.0.0/12")));
        var names = new ClusterNames(index, zone, 1);
        return closing.add(
                DnsServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new DnsServer.Parts(
                                () -> names,
                                new AnswerCache(new Forwarder(List.of(), random, clock), clock),
                                random,
                                closing.add(new Alarms(clock)),
                                Throwable::printStackTrace)));
    }

    private static DnsIndex index() {
        var index = DnsIndex.EMPTY.withNamespace("default");
        for (int i = 0; i < SERVICES; i++) {
            index = index.with(service(i)).with(slice(i, 0));
        }
        return index;
    }

    private static Service service(int i) {
        return Service.of(
                JsonReader.parseObject(
                        """
                        {"metadata":{"name":"svc-%d","namespace":"default"},
                         "spec":{"clusterIP":"10.97.%d.%d","ports":[{"name":"http","port":80}]}}"""
                                .formatted(i, i >> Byte.SIZE, i & 0xff)));
    }

    /// One of the addresses is different in each `generation`.
    private static EndpointSlice slice(int i, int generation) {
        var endpoints = new StringBuilder();
        for (int n = 0; n < ENDPOINTS; n++) {
            endpoints
                    .append(n == 0 ? "" : ",")
                    .append(
                            "{\"addresses\":[\"10.%d.%d.%d\"]}"
                                    .formatted(
                                            n == 0 ? 100 + generation % 100 : n,
                                            i >> Byte.SIZE,
                                            i & 0xff));
        }
        return EndpointSlice.of(
                JsonReader.parseObject(
                        """
                        {"metadata":{"name":"svc-%d-x","namespace":"default",
                                     "labels":{"kubernetes.io/service-name":"svc-%d"}},
                         "ports":[{"name":"http","port":80}],"endpoints":[%s]}"""
                                .formatted(i, i, endpoints)));
    }

    private static Duration change(DnsIndex from) {
        var slices = List.of(slice(500, 1), slice(500, 2));
        var index = from;
        long began = 0;
        for (int i = 0; i < 2 * CHANGES; i++) {
            if (i == CHANGES) { // the first half warms up
                began = System.nanoTime();
            }
            index = index.with(slices.get(i % 2));
        }
        var took = Duration.ofNanos((System.nanoTime() - began) / CHANGES);
        if (!index.equals(from.with(slices.getLast()))) {
            throw new IllegalStateException("the index is not what the last change made it");
        }
        return took;
    }

    private static void client(InetSocketAddress server) throws IOException, InterruptedException {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DnsClient.class.getName(),
                                Integer.toString(server.getPort()),
                                Integer.toString(SERVICES))
                        .inheritIO()
                        .start();
        int exitCode = process.waitFor();
        if (exitCode != 0) {
            throw new IOException("the client of the DNS server ended with " + exitCode);
        }
    }
}
