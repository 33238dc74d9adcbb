// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import dev.coracle.host.loop.Closing;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/// A resolver on loopback that answers as it is told, over UDP and TCP, and counts.
final class FakeUpstream implements AutoCloseable {
    private final Closing closing = new Closing();
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final InetSocketAddress address;
    final AtomicInteger udpQueries = new AtomicInteger();
    final AtomicInteger tcpQueries = new AtomicInteger();

    /// From a query, and whether it came over UDP, to the answer; null for none.
    private final BiFunction<Message, Boolean, byte[]> answers;

    FakeUpstream(BiFunction<Message, Boolean, byte[]> answers) throws IOException {
        this.answers = answers;
        var loopback = InetAddress.getLoopbackAddress();
        this.udp = closing.add(new DatagramSocket(0, loopback));
        this.address = new InetSocketAddress(loopback, udp.getLocalPort());
        this.tcp = closing.add(new ServerSocket(udp.getLocalPort(), 50, loopback));
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
    }

    InetSocketAddress address() {
        return address;
    }

    private void serveUdp() {
        var packet = new DatagramPacket(new byte[4096], 4096);
        try {
            while (true) {
                udp.receive(packet);
                udpQueries.incrementAndGet();
                var query = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
                var answer = answers.apply(query, true);
                if (answer != null) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException _) {
            // closed
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (var socket = tcp.accept()) {
                    var input = new DataInputStream(socket.getInputStream());
                    var query = new byte[input.readUnsignedShort()];
                    input.readFully(query);
                    tcpQueries.incrementAndGet();
                    var answer = answers.apply(new Message(query), false);
                    if (answer != null) {
                        var output = new DataOutputStream(socket.getOutputStream());
                        output.writeShort(answer.length);
                        output.write(answer);
                    }
                }
            }
        } catch (IOException _) {
            // closed
        }
    }

    /// An answer to `query` with these records, in the text of a zone file: `60 A 192.0.2.1`.
    static Message answer(Message query, int rcode, String... records) {
        var answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setRcode(rcode);
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        for (var text : records) {
            answer.addRecord(record(query.getQuestion().getName(), text), Section.ANSWER);
        }
        return answer;
    }

    static Record record(Name owner, String text) {
        var words = text.split(" ", 3);
        try {
            return Record.fromString(
                    owner,
                    org.xbill.DNS.Type.value(words[1]),
                    DClass.IN,
                    Long.parseLong(words[0]),
                    words[2],
                    Name.root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// `answer` with the SOA of `example.`, whose time to live and minimum are these.
    static Message denied(Message answer, long ttl, long minimum) {
        var zone = Wire.name("example.");
        answer.addRecord(
                new SOARecord(zone, DClass.IN, ttl, zone, zone, 1, 1, 1, 1, minimum),
                Section.AUTHORITY);
        return answer;
    }

    @Override
    public void close() {
        closing.close();
    }
}
