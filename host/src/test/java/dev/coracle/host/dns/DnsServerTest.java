// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.Yaml;
import dev.coracle.core.net.dns.ClusterNames;
import dev.coracle.core.net.dns.ClusterZone;
import dev.coracle.core.net.dns.DnsIndex;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

class DnsServerTest {
    private static final int MANY = 200;
    private static final ClusterZone ZONE =
            new ClusterZone(
                    "cluster.local",
                    IpAddress.parse("10.96.0.10").orElseThrow(),
                    List.of(IpRange.of("10.96.0.0/12")));

    private final Closing closing = new Closing();
    private final List<Throwable> crashes = new ArrayList<>();
    private Responder.Resolver others =
            (question, _) ->
                    FakeUpstream.answer(
                            Message.newQuery(question), Rcode.NOERROR, "60 A 192.0.2.1");
    private DnsServer server;

    @BeforeEach
    void start() throws IOException {
        server = start(Duration.ofSeconds(60));
    }

    private DnsServer start(Duration idle) throws IOException {
        return start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), idle);
    }

    private DnsServer start(InetSocketAddress address, Duration idle) throws IOException {
        var index = index();
        return closing.add(
                DnsServer.start(
                        address,
                        new Responder(
                                () -> new ClusterNames(index, ZONE, 1),
                                (question, dnssec) -> others.resolve(question, dnssec),
                                RandomGenerator.of("SecureRandom")),
                        closing.add(new Alarms(InstantSource.system())),
                        idle,
                        crashes::add));
    }

    @AfterEach
    void close() {
        closing.close();
        assertThat(crashes).isEmpty();
    }

    @Test
    void aPortThatIsTakenIsSaidToBe() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = new InetSocketAddress(taken.getInetAddress(), taken.getLocalPort());

            assertThatThrownBy(() -> start(address, Duration.ofSeconds(60)))
                    .isInstanceOf(BindException.class)
                    .hasMessage("cannot serve DNS at " + address + ": Address already in use");
        }
    }

    private static DnsIndex index() {
        var addresses = new ArrayList<String>();
        for (int i = 0; i < MANY; i++) {
            addresses.add("{addresses: [10.244.0." + i + "]}");
        }
        return DnsIndex.EMPTY
                .withNamespace("default")
                .with(
                        service(
                                "{metadata: {name: web, namespace: default}, spec: {clusterIP:"
                                        + " 10.96.3.4, ports: [{name: http, port: 80}]}}"))
                .with(
                        service(
                                "{metadata: {name: many, namespace: default}, spec: {clusterIP:"
                                        + " None, ports: [{name: http, port: 80}]}}"))
                .with(
                        service(
                                "{metadata: {name: alias, namespace: default}, spec: {type:"
                                        + " ExternalName, externalName: www.example}}"))
                .with(
                        EndpointSlice.of(
                                yaml(
                                        "{metadata: {name: many-1, namespace: default, labels:"
                                                + " {kubernetes.io/service-name: many}}, ports: [{name:"
                                                + " http, port: 80}], endpoints: "
                                                + addresses
                                                + "}")));
    }

    private static Service service(String yaml) {
        return Service.of(yaml(yaml));
    }

    private static JsonObject yaml(String text) {
        return (JsonObject) Yaml.parse(text);
    }

    private SimpleResolver resolver() {
        var resolver = new SimpleResolver(server.address());
        resolver.setTimeout(Duration.ofSeconds(20));
        resolver.setEDNS(-1);
        return resolver;
    }

    private static Message query(String name, int type) {
        return Message.newQuery(Record.newRecord(Wire.name(name), type, DClass.IN));
    }

    private static List<String> answers(Message answer) {
        return answer.getSection(Section.ANSWER).stream()
                .map(record -> record.getName() + " " + record.rdataToString())
                .toList();
    }

    @Test
    void namesOfTheClusterAreAnsweredWithAuthority() throws IOException {
        var answer = resolver().send(query("Web.default.svc.cluster.local.", Type.A));

        assertThat(answers(answer)).containsExactly("Web.default.svc.cluster.local. 10.96.3.4");
        assertThat(answer.getHeader().printFlags().strip()).isEqualTo("qr aa rd ra");
        assertThat(answer.getOPT()).isNull();
    }

    @Test
    void whatThereIsNotIsDeniedWithTheZonesSoa() throws IOException {
        var missing = resolver().send(query("nosuch.default.svc.cluster.local.", Type.A));
        var nothing = resolver().send(query("web.default.svc.cluster.local.", Type.AAAA));

        assertThat(Rcode.string(missing.getHeader().getRcode())).isEqualTo("NXDOMAIN");
        assertThat(Rcode.string(nothing.getHeader().getRcode())).isEqualTo("NOERROR");
        for (var answer : List.of(missing, nothing)) {
            assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
            assertThat(answer.getSection(Section.ANSWER)).isEmpty();
            assertThat(answer.getSection(Section.AUTHORITY))
                    .extracting(Record::toString)
                    .containsExactly(
                            "cluster.local.\t\t30\tIN\tSOA\tns.dns.cluster.local."
                                    + " hostmaster.cluster.local. 1 7200 1800 86400 30");
        }
    }

    @Test
    void theClientsBufferLimitsWhatIsSentAndTcpHasAllOfIt() throws IOException {
        var resolver = resolver();
        resolver.setIgnoreTruncation(true);
        var plain = resolver.send(query("many.default.svc.cluster.local.", Type.A));
        assertThat(plain.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(plain.numBytes()).isLessThanOrEqualTo(512);
        assertThat(answers(plain)).hasSize(29);

        resolver.setEDNS(0, 4096, 0, List.of());
        var extended = resolver.send(query("many.default.svc.cluster.local.", Type.A));
        assertThat(extended.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(extended.numBytes()).isBetween(1200, 1232);
        assertThat(extended.getOPT().getPayloadSize()).isEqualTo(1232);

        resolver.setIgnoreTruncation(false);
        var whole = resolver.send(query("many.default.svc.cluster.local.", Type.A));
        assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(new HashSet<>(answers(whole))).hasSize(MANY);
    }

    @Test
    void additionalRecordsAreLeftOutBeforeAnythingIsTruncated() throws IOException {
        var resolver = resolver();
        resolver.setIgnoreTruncation(true);
        resolver.setEDNS(0, 600, 0, List.of());
        var answer = resolver.send(query("many.default.svc.cluster.local.", Type.SRV));

        assertThat(answer.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(answer.getSection(Section.ADDITIONAL)).hasOnlyElementsOfType(OPTRecord.class);
        assertThat(answer.getSection(Section.ANSWER)).isNotEmpty();
    }

    @Test
    void addressesComeInChangingOrder() throws IOException {
        var resolver = resolver();
        resolver.setTCP(true);
        Set<List<String>> orders = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            orders.add(answers(resolver.send(query("many.default.svc.cluster.local.", Type.A))));
        }
        assertThat(orders).hasSizeGreaterThan(1);
    }

    @Test
    void anAliasIsAnsweredWithItsTarget() throws IOException {
        assertThat(answers(resolver().send(query("alias.default.svc.cluster.local.", Type.A))))
                .containsExactly(
                        "alias.default.svc.cluster.local. www.example.", "www.example. 192.0.2.1");
    }

    @Test
    void otherNamesAreForwardedAndAnsweredWithoutAuthority() throws IOException {
        var answer = resolver().send(query("www.example.", Type.A));

        assertThat(answers(answer)).containsExactly("www.example. 192.0.2.1");
        assertThat(answer.getHeader().printFlags().strip()).isEqualTo("qr rd ra");
    }

    @Test
    void aResolverThatBlocksKeepsNobodyElseWaiting() throws Exception {
        var release = new CountDownLatch(1);
        others =
                (question, _) -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return Forwarder.failure(question);
                };
        var slow = resolver().sendAsync(query("slow.example.", Type.A)).toCompletableFuture();

        resolver().send(query("web.default.svc.cluster.local.", Type.A));

        assertThat(slow).isNotDone();
        release.countDown();
        assertThat(slow.get().getHeader().getRcode()).isEqualTo(Rcode.SERVFAIL);
    }

    @Test
    void zonesAreNotTransferredAndNothingIsToldAboutEverything() throws IOException {
        assertThat(raw(query("cluster.local.", Type.AXFR).toWire()).getHeader().getRcode())
                .isEqualTo(Rcode.REFUSED);
        assertThat(raw(query("example.", Type.AXFR).toWire()).getHeader().getRcode())
                .isEqualTo(Rcode.REFUSED);
        assertThat(answers(raw(query("example.", Type.ANY).toWire())))
                .containsExactly("example. \"RFC8482\" \"\"");
        var chaos = Record.newRecord(Wire.name("version.bind."), Type.TXT, DClass.CH);
        assertThat(raw(Message.newQuery(chaos).toWire()).getHeader().getRcode())
                .isEqualTo(Rcode.REFUSED);
    }

    @Test
    void whatIsNoQueryIsRefusedByItsKind() throws IOException {
        var query = query("web.default.svc.cluster.local.", Type.A);
        query.getHeader().setOpcode(Opcode.UPDATE);
        assertThat(raw(query.toWire()).getHeader().getRcode()).isEqualTo(Rcode.NOTIMP);

        query = query("web.default.svc.cluster.local.", Type.A);
        query.addRecord(query.getQuestion(), Section.QUESTION);
        assertThat(raw(query.toWire()).getHeader().getRcode()).isEqualTo(Rcode.FORMERR);

        var bytes = query("web.default.svc.cluster.local.", Type.A).toWire();
        assertThat(raw(Arrays.copyOf(bytes, bytes.length - 3)).getHeader().getRcode())
                .isEqualTo(Rcode.FORMERR);

        query = query("web.default.svc.cluster.local.", Type.A);
        query.addRecord(new OPTRecord(4096, 0, 1), Section.ADDITIONAL);
        assertThat(raw(query.toWire()).getRcode()).isEqualTo(Rcode.BADVERS);
    }

    @Test
    void noiseIsNotAnsweredAndDoesNoHarm() throws IOException {
        var random = new java.util.SplittableRandom(1);
        try (var socket = new DatagramSocket()) {
            socket.connect(server.address());
            for (int i = 0; i < 2000; i++) {
                var noise = new byte[random.nextInt(64)];
                random.nextBytes(noise);
                if (noise.length > 2) {
                    noise[2] |= (byte) 0x80; // an answer
                }
                socket.send(new DatagramPacket(noise, noise.length));
                if (i % 20 == 0) {
                    var query = query("web.default.svc.cluster.local.", Type.A);
                    assertThat(answers(exchange(socket, query.toWire()))).hasSize(1);
                }
            }
        }
    }

    @Test
    void damagedQueriesDoNoHarm() throws IOException {
        var random = new java.util.SplittableRandom(2);
        try (var socket = new DatagramSocket()) {
            socket.connect(server.address());
            for (int i = 0; i < 2000; i++) {
                var query = query("_http._tcp.web.default.svc.cluster.local.", Type.SRV);
                query.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
                var bytes = query.toWire();
                for (int n = random.nextInt(4); n >= 0; n--) {
                    bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt(256);
                }
                exchange(socket, bytes); // whatever it says, it says something
            }
        }
    }

    @Test
    void aThousandClientsAtOnceAreAnswered() throws Exception {
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var answered = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 1000; i++) {
                var name = i % 2 == 0 ? "web.default.svc.cluster.local." : "n" + i + ".example.";
                answered.add(
                        clients.submit(() -> answers(resolver().send(query(name, Type.A))).size()));
            }
            for (var one : answered) {
                assertThat(one.get()).isEqualTo(1);
            }
        }
    }

    @Test
    void overTcpQueriesMayFollowEachOtherAndAnswersOvertake() throws Exception {
        var release = new CountDownLatch(1);
        others =
                (question, _) -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return Forwarder.failure(question);
                };
        try (var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            var output = new DataOutputStream(socket.getOutputStream());
            for (var name : List.of("slow.example.", "web.default.svc.cluster.local.")) {
                var bytes = query(name, Type.A).toWire();
                output.writeShort(bytes.length);
                output.write(bytes, 0, 5);
                output.flush();
                output.write(bytes, 5, bytes.length - 5);
            }
            assertThat(next(socket).getQuestion().getName().toString())
                    .isEqualTo("web.default.svc.cluster.local.");
            release.countDown();
            assertThat(next(socket).getQuestion().getName().toString()).isEqualTo("slow.example.");
        }
    }

    @Test
    void aConnectionOnWhichNothingHappensIsClosed() throws IOException {
        server = start(Duration.ofMillis(50));
        try (var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream().write(new byte[] {0, 40, 1, 2});
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void closingEndsConnections() throws IOException {
        try (var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            var bytes = query("web.default.svc.cluster.local.", Type.A).toWire();
            var output = new DataOutputStream(socket.getOutputStream());
            output.writeShort(bytes.length);
            output.write(bytes);
            next(socket);
            server.close();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static Message next(Socket socket) throws IOException {
        var input = new DataInputStream(socket.getInputStream());
        var bytes = new byte[input.readUnsignedShort()];
        input.readFully(bytes);
        return new Message(bytes);
    }

    private Message raw(byte[] query) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(server.address());
            return exchange(socket, query);
        }
    }

    private static Message exchange(DatagramSocket socket, byte[] query) throws IOException {
        socket.setSoTimeout(20_000);
        socket.send(new DatagramPacket(query, query.length));
        var packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        var bytes = Arrays.copyOf(packet.getData(), packet.getLength());
        assertThat(new Header(bytes).getID()).isEqualTo(new Header(query).getID());
        return new Message(bytes);
    }
}
