// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Finds where the last lines of a log begin, reading backwards from its end.
///
/// Lines are the container's: one that the runtime split into partial ones counts once. So in
///
/// ```
/// 0: T stdout P ab     <- the last line but one begins here
/// 1: T stdout F cd
/// 2: T stdout F ef     <- the last line begins here
/// ```
///
/// the start of the last 2 lines is that of 0.
///
/// Differs from upstream: a line that was split counts once, however many parts it has.
final class TailStart {
    private static final int BLOCK_BYTES = 64 * 1024;

    private TailStart() {}

    /// The position of the first of the last `count` lines.
    static long of(FileChannel channel, long count) throws IOException {
        long size = channel.size();
        if (count <= 0) {
            return size;
        }
        long found = 0;
        long candidate = -1; // the start of a line whose predecessor is not known yet
        var block = ByteBuffer.allocate(BLOCK_BYTES);
        for (long end = size; end > 0; ) {
            long begin = Math.max(0, end - BLOCK_BYTES);
            block.clear().limit((int) (end - begin));
            readFully(channel, block, begin);
            for (int i = (int) (end - begin) - 1; i >= 0; i--) {
                long at = begin + i + 1;
                if (block.get(i) != '\n' || at == size) {
                    continue; // the newline that ends the file begins no line
                }
                // A line starts at `at`; it tells whether the candidate after it continues it.
                if (candidate >= 0 && !isPartial(channel, at) && ++found == count) {
                    return candidate;
                }
                candidate = at;
            }
            end = begin;
        }
        if (candidate >= 0 && !isPartial(channel, 0) && ++found == count) {
            return candidate;
        }
        return 0;
    }

    private static boolean isPartial(FileChannel channel, long lineStart) throws IOException {
        var head = ByteBuffer.allocate(LogLine.HEAD_BYTES);
        channel.read(head, lineStart);
        int length = 0;
        while (length < head.position() && head.get(length) != '\n') {
            length++;
        }
        var line = LogLine.parse(head.array(), 0, length);
        return line != null && line.partial();
    }

    private static void readFully(FileChannel channel, ByteBuffer block, long from)
            throws IOException {
        while (block.hasRemaining()) {
            if (channel.read(block, from + block.position()) < 0) {
                throw new IOException("the log was cut while it was read");
            }
        }
        block.flip();
    }
}
