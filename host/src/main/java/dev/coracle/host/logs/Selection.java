// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Passes on the lines that are wanted, in the form that is wanted: partial ones joined, with or
/// without times, not before a time, no more than so many bytes.
final class Selection {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ContainerLog.Options options;
    private final ContainerLog.Sink sink;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int buffered;
    private long remaining;
    private boolean continued;

    Selection(ContainerLog.Options options, ContainerLog.Sink sink) {
        this.options = options;
        this.sink = sink;
        var limit = options.limitBytes();
        this.remaining = limit == null ? Long.MAX_VALUE : limit;
    }

    /// Whether the limit is reached.
    boolean full() {
        return remaining <= 0;
    }

    /// One line of the file, without its newline. What is not in the format is passed on as it is.
    void line(byte[] bytes, int from, int to) throws IOException {
        var line = LogLine.parse(bytes, from, to);
        if (line == null) {
            put(bytes, from, to);
            put('\n');
            return;
        }
        if (!continued && isTooOld(line)) {
            return;
        }
        if (options.timestamps() && !continued) {
            var time = line.timeText();
            put(time, 0, time.length);
            put(' ');
        }
        put(bytes, line.messageFrom(), line.to());
        if (!line.partial()) {
            put('\n');
        }
        continued = line.partial();
    }

    private boolean isTooOld(LogLine line) {
        var since = options.since();
        if (since == null) {
            return false;
        }
        var time = line.time();
        return time != null && time.toInstant().isBefore(since);
    }

    private void put(char c) throws IOException {
        put(String.valueOf(c).getBytes(StandardCharsets.US_ASCII), 0, 1);
    }

    private void put(byte[] bytes, int from, int to) throws IOException {
        int end = (int) Math.min(to, from + Math.min(remaining, Integer.MAX_VALUE - from));
        remaining -= end - from;
        for (int at = from; at < end; ) {
            int count = Math.min(end - at, BUFFER_BYTES - buffered);
            System.arraycopy(bytes, at, buffer, buffered, count);
            buffered += count;
            at += count;
            if (buffered == BUFFER_BYTES) {
                flush();
            }
        }
    }

    void flush() throws IOException {
        if (buffered > 0) {
            sink.write(ByteBuffer.wrap(Arrays.copyOf(buffer, buffered)));
            buffered = 0;
        }
    }
}
