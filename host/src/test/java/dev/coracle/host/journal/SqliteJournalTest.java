// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.store.Journal.Write;
import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalTest {
    @TempDir Path directory;

    @Test
    void whatWasAppendedIsReplayedInRevisionOrder() {
        try (var journal = open()) {
            journal.append(List.of(put(1, "/b", 1, "one"), put(2, "/a", 2, "two")));
            journal.append(List.of(put(3, "/b", 1, "three"), put(4, "/c", 4, "four")));
            journal.append(List.of(new Write(5, "/a", 2, null)));
        }
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("3 /b 1 three", "4 /c 4 four", "newest 5");
        }
    }

    @Test
    void aNewFileIsEmptyAndPrivate() throws IOException {
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("newest 0");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void theNewestRevisionSurvivesTheDeletionOfEverything() {
        try (var journal = open()) {
            journal.append(List.of(put(7, "/a", 7, "x"), new Write(8, "/a", 7, null)));
        }
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("newest 8");
        }
    }

    @Test
    void aFileThatIsOpenElsewhereIsRefused() {
        try (var journal = open()) {
            journal.append(List.of(put(1, "/a", 1, "x")));

            assertThatThrownBy(this::open)
                    .isInstanceOf(JournalException.class)
                    .hasMessage(file() + " is in use by another process");
        }
    }

    @Test
    void aFreshFileThatIsOpenElsewhereIsRefused() {
        try (var first = open()) {
            assertThat(replay(first)).containsExactly("newest 0");
            assertThatThrownBy(this::open).isInstanceOf(JournalException.class);
        }
    }

    private Path file() {
        return directory.resolve("journal.db");
    }

    private SqliteJournal open() {
        return SqliteJournal.open(file());
    }

    static Write put(long revision, String key, long createRevision, String json) {
        return new Write(revision, key, createRevision, json.getBytes(StandardCharsets.UTF_8));
    }

    static List<String> replay(SqliteJournal journal) {
        var seen = new ArrayList<String>();
        long newest =
                journal.replay(
                        write ->
                                seen.add(
                                        "%d %s %d %s"
                                                .formatted(
                                                        write.revision(),
                                                        write.key(),
                                                        write.createRevision(),
                                                        text(write))));
        seen.add("newest " + newest);
        return seen;
    }

    private static String text(Write write) {
        var json = write.json();
        return json == null ? "deleted" : new String(json, StandardCharsets.UTF_8);
    }
}
