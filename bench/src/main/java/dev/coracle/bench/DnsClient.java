// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Asks for the address of one service after another, with several queries under way on a socket of
/// its own, and prints how it went: arguments are the port and how many services there are.
public final class DnsClient {
    private static final int ROUNDS = 5;
    private static final int QUERIES = 100_000;
    private static final int WARM_UP_QUERIES = 300_000;
    private static final List<Integer> UNDER_WAY = List.of(1, 16, 64);
    private static final int ANSWER = 0x80;
    private static final int ANSWERS_AT = 6;

    private final DatagramChannel channel;
    private final byte[][] queries;

    private record Round(double perSecond, long p50, long p99) {}

    private DnsClient(DatagramChannel channel, byte[][] queries) {
        this.channel = channel;
        this.queries = queries;
    }

    public static void main(String[] args) throws IOException {
        var server =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        var queries = new byte[Integer.parseInt(args[1])][];
        for (int i = 0; i < queries.length; i++) {
            queries[i] = query("svc-" + i + ".default.svc.cluster.local");
        }
        try (var channel = DatagramChannel.open().connect(server)) {
            var client = new DnsClient(channel, queries);
            client.round(16, WARM_UP_QUERIES);
            for (int underWay : UNDER_WAY) {
                var rounds = new ArrayList<Round>();
                for (int i = 0; i < ROUNDS; i++) {
                    rounds.add(client.round(underWay, QUERIES));
                }
                rounds.sort(Comparator.comparingDouble(Round::perSecond));
                var median = rounds.get(ROUNDS / 2);
                System.out.printf(
                        "DNS over UDP, %d under way: %.0f queries a second, p50 %d p99 %d us (median"
                                + " of %d rounds of %d)%n",
                        underWay,
                        median.perSecond,
                        median.p50 / 1000,
                        median.p99 / 1000,
                        ROUNDS,
                        QUERIES);
            }
        }
    }

    /// The identifier of a query says when it was sent: its slot among those under way.
    private Round round(int underWay, int count) throws IOException {
        var took = new long[count];
        var sentAt = new long[underWay];
        var buffer = ByteBuffer.allocateDirect(512);
        long began = System.nanoTime();
        int sent = 0;
        while (sent < underWay) {
            send(buffer, sent, sent, sentAt);
            sent++;
        }
        for (int received = 0; received < count; received++) {
            buffer.clear();
            channel.read(buffer);
            int slot = buffer.getShort(0);
            if ((buffer.get(2) & ANSWER) == 0 || buffer.getShort(ANSWERS_AT) != 1) {
                throw new IOException("an answer without one record");
            }
            took[received] = System.nanoTime() - sentAt[slot];
            if (sent < count) {
                send(buffer, slot, sent, sentAt);
                sent++;
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        Arrays.sort(took);
        return new Round(count / seconds, took[count / 2], took[count / 100 * 99]);
    }

    private void send(ByteBuffer buffer, int slot, int number, long[] sentAt) throws IOException {
        buffer.clear();
        buffer.put(queries[number % queries.length]).putShort(0, (short) slot).flip();
        sentAt[slot] = System.nanoTime();
        channel.write(buffer);
    }

    private static byte[] query(String name) {
        var bytes = new ByteArrayOutputStream();
        var output = new DataOutputStream(bytes);
        try {
            for (int word : new int[] {0, 0x0100, 1, 0, 0, 0}) {
                output.writeShort(word);
            }
            for (var label : name.split("\\.")) {
                output.writeByte(label.length());
                output.write(label.getBytes(StandardCharsets.US_ASCII));
            }
            output.writeByte(0);
            output.writeShort(1);
            output.writeShort(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
