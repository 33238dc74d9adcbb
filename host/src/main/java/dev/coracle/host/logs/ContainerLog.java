// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The log of one container instance, read once from one end to the other.
///
/// While following, the reader sleeps until the file system says that the file has changed, and
/// wakes now and then to see whether the container still runs. When the file is rotated (renamed,
/// and another of its name begun) it reads the old one to its end and goes on with the new one.
///
/// <https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation>
public final class ContainerLog {
    private static final Duration CHECKED_EVERY = Duration.ofMillis(200);
    private static final int READ_BYTES = 64 * 1024;

    /// What of the log is wanted. Null: no such bound.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>
    public record Options(
            boolean follow,
            @Nullable Long tailLines,
            @Nullable Instant since,
            @Nullable Long limitBytes,
            boolean timestamps) {
        /// All there is now.
        public static final Options ALL = new Options(false, null, null, null, false);
    }

    /// Takes the text, in order.
    public interface Sink {
        void write(ByteBuffer text) throws IOException;
    }

    private final Path file;
    private final Options options;
    private final BooleanSupplier mayGrow;
    private final Selection selection;

    /// `mayGrow` says whether following still makes sense: the container runs and the reader is
    /// there.
    public ContainerLog(Path file, Options options, BooleanSupplier mayGrow, Sink sink) {
        this.file = file;
        this.options = options;
        this.mayGrow = mayGrow;
        this.selection = new Selection(options, sink);
    }

    /// Writes everything to the sink and returns when there is no more.
    ///
    /// @throws IOException if the file cannot be read or the sink refuses
    public void copy() throws IOException, InterruptedException {
        if (!options.follow()) {
            try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                var reader = new Reader(channel, start(channel));
                reader.readAvailable();
            }
            selection.flush();
            return;
        }
        // Watched from before the first read: a change between read and sleep must not be missed.
        try (var changes = file.getFileSystem().newWatchService()) {
            Objects.requireNonNull(file.getParent())
                    .register(
                            changes,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_MODIFY);
            follow(changes);
        }
    }

    private void follow(WatchService changes) throws IOException, InterruptedException {
        boolean first = true;
        boolean more = true;
        while (more && !selection.full()) {
            try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                var key = fileKey();
                var reader = new Reader(channel, first ? start(channel) : 0);
                first = false;
                more = followOne(reader, key, changes);
            } catch (NoSuchFileException e) {
                if (first) {
                    throw e;
                }
                more = mayGrow.getAsBoolean(); // between the two steps of a rotation
                sleep(changes);
            }
        }
        selection.flush();
    }

    /// True when the file was rotated, false at the end of the log.
    private boolean followOne(Reader reader, @Nullable Object key, WatchService changes)
            throws IOException, InterruptedException {
        while (true) {
            boolean growing = mayGrow.getAsBoolean();
            boolean rotated = !Objects.equals(key, fileKey());
            reader.readAvailable(); // what was written before we looked is read in any case
            selection.flush();
            if (rotated && fileKey() != null) {
                return true;
            }
            if (!growing || selection.full()) {
                return false;
            }
            sleep(changes);
        }
    }

    private static void sleep(WatchService changes) throws InterruptedException {
        var key = changes.poll(CHECKED_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        if (key != null) {
            key.pollEvents();
            key.reset();
        }
    }

    private @Nullable Object fileKey() throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private long start(FileChannel channel) throws IOException {
        var tail = options.tailLines();
        return tail == null ? 0 : TailStart.of(channel, tail);
    }

    /// Cuts an open file into lines, from `position` on.
    private final class Reader {
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        private byte[] carried = new byte[0];
        private long position;

        Reader(FileChannel channel, long position) {
            this.channel = channel;
            this.position = position;
        }

        void readAvailable() throws IOException {
            while (!selection.full()) {
                buffer.clear();
                int count = channel.read(buffer, position);
                if (count <= 0) {
                    return;
                }
                position += count;
                lines(buffer.array(), count);
            }
        }

        /// A line may come in several reads; `carried` is what there is of it so far.
        private void lines(byte[] read, int count) throws IOException {
            var bytes = read;
            int length = count;
            if (carried.length > 0) {
                bytes = Arrays.copyOf(carried, carried.length + count);
                System.arraycopy(read, 0, bytes, carried.length, count);
                length = bytes.length;
            }
            int from = 0;
            for (int i = carried.length; i < length; i++) {
                if (bytes[i] == '\n') {
                    selection.line(bytes, from, i);
                    from = i + 1;
                }
            }
            carried = Arrays.copyOfRange(bytes, from, length);
        }
    }
}
