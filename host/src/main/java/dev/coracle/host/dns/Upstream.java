// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/// One resolver that others run.
///
/// Every question has a port and an identifier of its own, both unpredictable, so that nobody who
/// does not see it can answer it. What was truncated is asked again over TCP.
record Upstream(InetSocketAddress address, RandomGenerator random, InstantSource clock) {
    private static final int MOST_IDS = 1 << Short.SIZE;

    /// @throws IOException if no answer came within `patience`
    Message ask(Record question, boolean dnssec, Duration patience) throws IOException {
        var until = clock.instant().plus(patience);
        var query = query(question, dnssec);
        var answer = overUdp(query, until);
        return answer.getHeader().getFlag(Flags.TC) ? overTcp(query, until) : answer;
    }

    private Message query(Record question, boolean dnssec) {
        var query = new Message(random.nextInt(MOST_IDS));
        query.getHeader().setFlag(Flags.RD);
        query.addRecord(question, Section.QUESTION);
        query.addRecord(
                new OPTRecord(Responder.UDP_BYTES, 0, 0, dnssec ? ExtendedFlags.DO : 0),
                Section.ADDITIONAL);
        return query;
    }

    private Message overUdp(Message query, Instant until) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(address);
            var bytes = query.toWire();
            socket.send(new DatagramPacket(bytes, bytes.length));
            var packet = new DatagramPacket(new byte[Responder.TCP_BYTES], Responder.TCP_BYTES);
            while (true) {
                socket.setSoTimeout(left(until));
                socket.receive(packet);
                var answer =
                        answer(query, ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
                if (answer != null) {
                    return answer;
                }
            }
        }
    }

    /// Null if these bytes answer something else, or nothing: whoever sent them, the answer may
    /// still come.
    private static @Nullable Message answer(Message query, ByteBuffer bytes) {
        try {
            var answer = new Message(bytes);
            boolean fits =
                    answer.getHeader().getFlag(Flags.QR)
                            && answer.getHeader().getID() == query.getHeader().getID()
                            && query.getQuestion().equals(answer.getQuestion());
            return fits ? answer : null;
        } catch (IOException | RuntimeException _) { // the library throws either at odd bytes
            return null;
        }
    }

    private Message overTcp(Message query, Instant until) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(address, left(until));
            socket.setSoTimeout(left(until));
            socket.getOutputStream().write(Wire.framed(query.toWire()));
            var reply = Wire.readFramed(new DataInputStream(socket.getInputStream()));
            var answer = answer(query, ByteBuffer.wrap(reply));
            if (answer == null) {
                throw new IOException(address + " answers what was not asked");
            }
            return answer;
        }
    }

    private int left(Instant until) throws SocketTimeoutException {
        long millis = Duration.between(clock.instant(), until).toMillis();
        if (millis <= 0) {
            throw new SocketTimeoutException(address + " does not answer");
        }
        return Math.toIntExact(millis);
    }
}
