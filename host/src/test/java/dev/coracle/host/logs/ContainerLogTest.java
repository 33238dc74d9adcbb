// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ContainerLogTest {
    private static final String THREE =
            """
            2026-01-01T00:00:01.000000001Z stdout F one
            2026-01-01T00:00:02Z stderr F two
            2026-01-01T00:00:03.5Z stdout P thr
            2026-01-01T00:00:03.6Z stdout F ee
            """;

    @TempDir Path directory;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("0.log");
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private String read(ContainerLog.Options options) throws Exception {
        var out = new ByteArrayOutputStream();
        new ContainerLog(file, options, () -> false, text -> out.writeBytes(bytes(text))).copy();
        return out.toString(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer text) {
        var bytes = new byte[text.remaining()];
        text.get(bytes);
        return bytes;
    }

    private static ContainerLog.Options tail(@Nullable Long lines) {
        return new ContainerLog.Options(false, lines, null, null, false);
    }

    @Test
    void bothStreamsComeInOrderAndPartialLinesAreJoined() throws Exception {
        append(THREE);

        assertThat(read(ContainerLog.Options.ALL)).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void timesHaveNineDigitsAndStandBeforeWholeLines() throws Exception {
        append(THREE);

        assertThat(read(new ContainerLog.Options(false, null, null, null, true)))
                .isEqualTo(
                        """
                        2026-01-01T00:00:01.000000001Z one
                        2026-01-01T00:00:02.000000000Z two
                        2026-01-01T00:00:03.500000000Z three
                        """);
    }

    @Test
    void theTailCountsTheLinesThatTheContainerWrote() throws Exception {
        append(THREE);

        assertThat(read(tail(0L))).isEmpty();
        assertThat(read(tail(1L))).isEqualTo("three\n");
        assertThat(read(tail(2L))).isEqualTo("two\nthree\n");
        assertThat(read(tail(3L))).isEqualTo("one\ntwo\nthree\n");
        assertThat(read(tail(4L))).isEqualTo("one\ntwo\nthree\n");
        assertThat(read(tail(Long.MAX_VALUE))).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void theTailOfALongLogCrossesBlocks() throws Exception {
        var text = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            text.append("2026-01-01T00:00:00Z stdout F line %d\n".formatted(i));
        }
        append(text.toString());

        assertThat(read(tail(9_000L)).lines().toList())
                .hasSize(9_000)
                .startsWith("line 1000")
                .endsWith("line 9999");
    }

    @Test
    void olderLinesThanSinceAreLeftOut() throws Exception {
        append(THREE);

        assertThat(
                        read(
                                new ContainerLog.Options(
                                        false,
                                        null,
                                        Instant.parse("2026-01-01T00:00:02Z"),
                                        null,
                                        false)))
                .isEqualTo("two\nthree\n");
    }

    @Test
    void theByteLimitCutsAnywhere() throws Exception {
        append(THREE);

        assertThat(read(new ContainerLog.Options(false, null, null, 6L, false)))
                .isEqualTo("one\ntw");
    }

    @Test
    void anEmptyLineStaysAndALineNotYetWholeWaits() throws Exception {
        append("2026-01-01T00:00:01Z stdout F \n2026-01-01T00:00:02Z stdout F hal");

        assertThat(read(ContainerLog.Options.ALL)).isEqualTo("\n");
    }

    @Test
    void whatIsNotInTheFormatIsShownAsItIs() throws Exception {
        append("panic\n" + THREE);

        assertThat(read(ContainerLog.Options.ALL)).isEqualTo("panic\none\ntwo\nthree\n");
    }

    @Test
    void followingSeesWhatIsWrittenLaterAcrossARotationUntilTheContainerEnds() throws Exception {
        append("2026-01-01T00:00:01Z stdout F one\n");
        var running = new AtomicBoolean(true);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var reader = new Follower()) {
            Future<?> done = threads.submit(() -> reader.run(running));

            reader.await("one\n");
            append("2026-01-01T00:00:02Z stdout F two\n");
            reader.await("one\ntwo\n");
            append("2026-01-01T00:00:02Z stdout F last of the old\n");
            Files.move(file, directory.resolve("0.log.old"));
            append("2026-01-01T00:00:03Z stdout F first of the new\n");
            reader.await("one\ntwo\nlast of the old\nfirst of the new\n");
            append("2026-01-01T00:00:04Z stdout F bye\n");
            running.set(false);

            done.get(10, TimeUnit.SECONDS);
            assertThat(reader.text())
                    .isEqualTo("one\ntwo\nlast of the old\nfirst of the new\nbye\n");
        }
    }

    /// Reads in the background; tests wait for what it has got.
    private final class Follower implements AutoCloseable {
        private final StringBuilder text = new StringBuilder();
        private final CountDownLatch closed = new CountDownLatch(1);

        Void run(AtomicBoolean running) throws Exception {
            var options = new ContainerLog.Options(true, null, null, null, false);
            new ContainerLog(file, options, () -> running.get() && closed.getCount() > 0, this::add)
                    .copy();
            return null;
        }

        private synchronized void add(ByteBuffer part) {
            text.append(new String(bytes(part), StandardCharsets.UTF_8));
            notifyAll();
        }

        synchronized String text() {
            return text.toString();
        }

        synchronized void await(String expected) throws InterruptedException {
            while (!text.toString().equals(expected)) {
                wait(); // the time-out of the test ends this if it never comes
            }
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
