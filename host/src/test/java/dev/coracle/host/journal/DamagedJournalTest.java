// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import static dev.coracle.core.store.JournalContract.put;
import static dev.coracle.core.store.JournalContract.remove;
import static dev.coracle.core.store.JournalContract.replay;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DamagedJournalTest {
    private static final int WAL_HEADER_BYTES = 32;
    private static final int FRAME_BYTES = 24 + 4_096;

    @TempDir Path directory;

    @Test
    void aFlippedByteInAnObjectIsRefusedAndNamed() throws IOException {
        write(200);
        var content = Files.readAllBytes(database());
        flip(database(), indexOf(content, "body of object 77."), 1);

        assertThatThrownBy(this::replayed)
                .isInstanceOf(JournalException.class)
                .hasMessage(
                        database()
                                + " is damaged: the object created at revision 77 (\"/object/77\")"
                                + " does not match its checksum; restore it from a copy or move it"
                                + " away");
    }

    /// Wherever damage falls it is either noticed, or in space that holds nothing.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void flippedBytesAnywhereAreNoticedOrHarmless(long seed) throws IOException {
        write(300);
        var whole = replayed();
        var pristine = Files.readAllBytes(database());
        var random = new SplittableRandom(seed);
        int refused = 0;
        for (int round = 0; round < 60; round++) {
            Files.write(database(), pristine);
            long at = random.nextLong(pristine.length);
            flip(database(), at, random.nextInt(1, 4));
            try {
                assertThat(replayed()).as("seed %d, flipped at %d", seed, at).isEqualTo(whole);
            } catch (JournalException e) {
                assertThat(e).hasMessageContaining(database().toString());
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(30);
    }

    @Test
    void aPagePutBackInTimeIsRefused() throws IOException {
        write(200);
        var earlier = Files.readAllBytes(database());
        try (var journal = SqliteJournal.open(database())) {
            journal.append(
                    List.of(
                            put(201, "/object/77", 77, "a".repeat(60)),
                            remove(202, "/object/78", 78)));
        }
        int page = indexOf(earlier, "body of object 77.") / 4_096;
        overwrite(database(), page * 4_096L, earlier, page * 4_096, 4_096);

        assertThatThrownBy(this::replayed)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(database() + " is damaged: ");
    }

    @Test
    void aDatabaseCutShortIsRefused() throws IOException {
        write(200);
        truncate(database(), Files.size(database()) / 2);

        assertThatThrownBy(this::replayed)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(database().toString())
                .hasMessageContaining("damaged");
    }

    @Test
    void aTornLastTransactionIsDropped() throws IOException {
        var log = copyWithLog(20);

        truncate(log, Files.size(log) - 100);

        assertThat(replayed()).hasSize(20).endsWith("newest 19");
    }

    /// Cut anywhere: never an error, and what is left is a prefix.
    @Test
    void aLogCutAnywhereYieldsAPrefix() throws IOException {
        var log = copyWithLog(20);
        var content = Files.readAllBytes(log);
        var pristine = Files.readAllBytes(database());
        var random = new SplittableRandom(7);
        for (int round = 0; round < 60; round++) {
            Files.write(database(), pristine);
            int length = random.nextInt(content.length + 1);
            Files.write(log, java.util.Arrays.copyOf(content, length));
            var seen = replayed();
            long newest = seen.size() - 1L;
            assertThat(seen).as("cut at %d", length).endsWith("newest " + newest);
        }
    }

    @Test
    void damageInTheLastTransactionOfTheLogIsATornEnd() throws IOException {
        var log = copyWithLog(20);

        flip(log, Files.size(log) - 200, 1);

        assertThat(replayed()).endsWith("newest 19");
    }

    @Test
    void damageBeforeTheLastTransactionOfTheLogIsRefused() throws IOException {
        var log = copyWithLog(20);
        long frames = (Files.size(log) - WAL_HEADER_BYTES) / FRAME_BYTES;

        flip(log, WAL_HEADER_BYTES + frames / 2 * FRAME_BYTES + 500, 1);

        assertThatThrownBy(this::replayed)
                .isInstanceOf(JournalException.class)
                .hasMessage(
                        "%s is damaged: a committed transaction is not readable (frame %d); restore"
                                        .formatted(log, frames / 2 + 1)
                                + " it together with its database from a copy or move both away");
    }

    @Test
    void aDamagedLogHeaderIsRefused() throws IOException {
        var log = copyWithLog(20);

        flip(log, 17, 1);

        assertThatThrownBy(this::replayed)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(log + " is damaged: its header");
    }

    /// Writes objects 1 to `count` and closes, which leaves no log behind.
    private void write(int count) {
        try (var journal = SqliteJournal.open(database())) {
            fill(journal, count);
        }
    }

    private static void fill(SqliteJournal journal, int count) {
        for (int i = 1; i <= count; i++) {
            journal.append(
                    List.of(put(i, "/object/" + i, i, "body of object " + i + ".".repeat(300))));
        }
    }

    /// What a crash after `count` transactions leaves: the database and its log, whose path this
    /// returns.
    private Path copyWithLog(int count) throws IOException {
        var original = directory.resolve("original.db");
        try (var journal = SqliteJournal.open(original)) {
            fill(journal, count);
            Files.copy(original, database(), StandardCopyOption.REPLACE_EXISTING);
            return Files.copy(
                    directory.resolve("original.db-wal"), directory.resolve("journal.db-wal"));
        }
    }

    private List<String> replayed() {
        try (var journal = SqliteJournal.open(database())) {
            return new ArrayList<>(replay(journal));
        }
    }

    private Path database() {
        return directory.resolve("journal.db");
    }

    private static void flip(Path file, long at, int count) throws IOException {
        try (var channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.allocate(count);
            channel.read(bytes, at);
            for (int i = 0; i < count; i++) {
                bytes.put(i, (byte) (bytes.get(i) ^ 0x10));
            }
            channel.write(bytes.flip(), at);
        }
    }

    private static void overwrite(Path file, long at, byte[] source, int from, int length)
            throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(source, from, length), at);
        }
    }

    private static void truncate(Path file, long length) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }

    private static int indexOf(byte[] content, String text) {
        int at = new String(content, StandardCharsets.ISO_8859_1).indexOf(text);
        assertThat(at).isPositive();
        return at;
    }
}
