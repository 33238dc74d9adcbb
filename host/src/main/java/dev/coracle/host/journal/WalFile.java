// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Tells a torn end of a write-ahead log from damage before its end.
///
/// SQLite reads the log up to the first frame whose checksum is wrong and drops the rest. That is
/// right for a transaction that was being written when the power went, and wrong for one that was
/// committed before: with `synchronous=FULL` a transaction is only begun after the one before it
/// was synced, so frames of a second transaction after a bad frame prove that the bad one was on
/// disk for good.
///
///     frames    a1 A  b1 b2 B          capital: commit frame
///     torn      a1 A  b1 ×  B          dropped: all of it is the last transaction
///     damaged   a1 ×  b1 b2 B          refused: a was synced before b began
///
/// Frames that remain from before the log was last reset have another salt and are no evidence.
///
/// <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>
final class WalFile {
    private static final int HEADER_BYTES = 32;
    private static final int FRAME_HEADER_BYTES = 24;
    private static final int MAGIC_LITTLE_ENDIAN = 0x377f0682;
    private static final int MAGIC_BIG_ENDIAN = 0x377f0683;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer header;
    private final ByteOrder checksumOrder;
    private final int pageBytes;
    private int sum1;
    private int sum2;

    private WalFile(Path file, FileChannel channel, ByteBuffer header) {
        this.file = file;
        this.channel = channel;
        this.header = header;
        this.checksumOrder =
                header.getInt(0) == MAGIC_BIG_ENDIAN
                        ? ByteOrder.BIG_ENDIAN
                        : ByteOrder.LITTLE_ENDIAN;
        this.pageBytes = header.getInt(8);
    }

    /// @throws JournalException if the log is damaged before its last transaction
    static void requireWhole(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var header = ByteBuffer.allocate(HEADER_BYTES);
            if (!fill(channel, header)) {
                return; // not even a header was synced, so nothing after it was
            }
            var wal = new WalFile(file, channel, header);
            if (!wal.headerIsValid()) {
                if (channel.size() > HEADER_BYTES) {
                    throw wal.damaged("its header does not match its checksum", 0);
                }
                return;
            }
            wal.scan();
        }
    }

    private boolean headerIsValid() {
        int magic = header.getInt(0);
        if (magic != MAGIC_BIG_ENDIAN && magic != MAGIC_LITTLE_ENDIAN) {
            return false;
        }
        if (pageBytes < 512 || pageBytes > 65_536 || Integer.bitCount(pageBytes) != 1) {
            return false;
        }
        sum(header, 0, 24);
        return sum1 == header.getInt(24) && sum2 == header.getInt(28);
    }

    private void scan() throws IOException {
        var frame = ByteBuffer.allocate(FRAME_HEADER_BYTES + pageBytes);
        long bad = 0;
        boolean committedAfterBad = false;
        for (long number = 1; fill(channel, frame.clear()); number++) {
            boolean ours =
                    frame.getInt(8) == header.getInt(16) && frame.getInt(12) == header.getInt(20);
            if (bad == 0) {
                bad = ours && matches(frame) ? 0 : number;
                committedAfterBad = bad != 0 && ours && isCommit(frame);
            } else if (ours && committedAfterBad) {
                throw damaged("a committed transaction is not readable", bad);
            } else if (ours) {
                committedAfterBad = isCommit(frame);
            }
        }
    }

    private static boolean isCommit(ByteBuffer frame) {
        return frame.getInt(4) != 0;
    }

    private boolean matches(ByteBuffer frame) {
        sum(frame, 0, 8);
        sum(frame, FRAME_HEADER_BYTES, pageBytes);
        return sum1 == frame.getInt(16) && sum2 == frame.getInt(20);
    }

    /// Continues the running checksum, as the file format defines it.
    private void sum(ByteBuffer buffer, int from, int length) {
        var words = buffer.duplicate().order(checksumOrder);
        for (int at = from; at < from + length; at += 8) {
            sum1 += words.getInt(at) + sum2;
            sum2 += words.getInt(at + 4) + sum1;
        }
    }

    /// Whether the whole of `buffer` could be filled.
    private static boolean fill(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                return false;
            }
        }
        return true;
    }

    private JournalException damaged(String what, long frame) {
        return new JournalException(
                "%s is damaged: %s (frame %d); restore it together with its database from a copy or"
                                .formatted(file, what, frame)
                        + " move both away");
    }
}
