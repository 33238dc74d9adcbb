// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import static dev.coracle.core.store.JournalContract.put;
import static dev.coracle.core.store.JournalContract.replay;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.store.JournalContract;
import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalTest implements JournalContract {
    @TempDir Path directory;

    @Test
    void itsFilesArePrivate() throws IOException {
        try (var journal = open()) {
            journal.append(List.of(put(1, "/a", 1, "x")));
            try (var files = Files.list(directory)) {
                for (var path : files.toList()) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .as(path.toString())
                            .isEqualTo("rw-------");
                }
            }
        }
    }

    @Test
    void aFileThatIsOpenElsewhereIsRefused() {
        try (var first = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(JournalException.class)
                    .hasMessage(file() + " is in use by another process");
            first.append(List.of(put(1, "/a", 1, "x")));
        }
        try (var second = open()) {
            assertThat(replay(second)).containsExactly("1 /a 1 x", "newest 1");
        }
    }

    @Test
    void aDatabaseOfSomeoneElseIsRefused() throws SQLException {
        execute("CREATE TABLE recipes (name TEXT)");

        assertThatThrownBy(this::open)
                .isInstanceOf(JournalException.class)
                .hasMessage(file() + " is a database, but not a journal");
    }

    @Test
    void aLaterFormatIsRefused() throws SQLException {
        open().close();
        execute("PRAGMA user_version = 2");

        assertThatThrownBy(this::open)
                .isInstanceOf(JournalException.class)
                .hasMessage(file() + " has format 2, this version reads only format 1");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws IOException {
        Files.writeString(
                file(), "no database at all, but long enough to have a header".repeat(99));

        assertThatThrownBy(this::open)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(file() + " is damaged: ")
                .hasMessageContaining("not a database");
    }

    @Test
    void aMissingDirectoryIsNamed() {
        var path = directory.resolve("missing/journal.db");

        assertThatThrownBy(() -> SqliteJournal.open(path))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(path + " cannot be opened");
    }

    @Test
    void aFailedAppendLeavesNothingAndIsTheLast() throws SQLException {
        open().close();
        execute(
                "CREATE TRIGGER full BEFORE INSERT ON objects WHEN NEW.key = '/full'"
                        + " BEGIN SELECT RAISE(ABORT, 'no room'); END");
        try (var journal = open()) {
            journal.append(List.of(put(1, "/a", 1, "x")));

            assertThatThrownBy(
                            () ->
                                    journal.append(
                                            List.of(put(2, "/b", 2, "y"), put(3, "/full", 3, "z"))))
                    .isInstanceOf(JournalException.class)
                    .hasMessageStartingWith(file() + " failed: ")
                    .hasMessageContaining("no room");
            assertThatThrownBy(() -> journal.append(List.of(put(2, "/c", 2, "y"))))
                    .isInstanceOf(JournalException.class)
                    .hasMessage(file() + " takes no more writes since one failed; open it again");
        }
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("1 /a 1 x", "newest 1");
        }
    }

    private void execute(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Path file() {
        return directory.resolve("journal.db");
    }

    @Override
    public SqliteJournal open() {
        return SqliteJournal.open(file());
    }
}
