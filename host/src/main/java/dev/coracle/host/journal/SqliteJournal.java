// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import dev.coracle.core.store.Journal;
import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The live objects and the newest revision, in one SQLite file in WAL mode with
/// `synchronous=FULL`: a committed transaction survives the loss of power.
///
/// A row is found by its create revision, which no two live objects share, so there is one B-tree
/// and no index to keep. Three things together make damage visible when the file is opened:
///
/// - each row carries a checksum of everything in it;
/// - the totals (newest revision, number of rows, sum of their checksums) are written by the same
///   transaction as the rows, so a page that was lost or put back in time does not go unnoticed;
/// - [WalFile] tells a torn last transaction, which SQLite drops, from damage before it, at which
///   SQLite would silently stop reading.
///
/// Waiting for the disk happens in native code, where a virtual thread keeps its carrier. Handing
/// each append to a thread of its own costs a lone writer more than it gains the others; give the
/// scheduler of virtual threads one carrier more than there are processors instead.
///
/// The file is locked for as long as it is open. A failed append leaves the journal refusing
/// further ones: what the disk then holds is found out by opening it again.
///
/// <https://www.sqlite.org/wal.html>, <https://www.sqlite.org/fileformat2.html>
public final class SqliteJournal implements Journal {
    /// `Crcl`: marks a file as ours, also to file(1).
    private static final int APPLICATION_ID = 0x4372636c;

    private static final int FORMAT = 1;

    private final Path file;
    private final Connection connection;
    private final PreparedStatement find;
    private final PreparedStatement put;
    private final PreparedStatement remove;
    private final PreparedStatement total;
    private Totals totals;
    private boolean failed;

    /// What the rows must add up to.
    private record Totals(long revision, long rows, long checksums) {
        static final Totals NONE = new Totals(0, 0, 0);

        Totals with(long checksum) {
            return new Totals(revision, rows + 1, checksums + checksum);
        }

        Totals without(long checksum) {
            return new Totals(revision, rows - 1, checksums - checksum);
        }

        Totals at(long newRevision) {
            return new Totals(newRevision, rows, checksums);
        }

        long checksum() {
            return Checksum.of(revision, rows, checksums);
        }
    }

    private SqliteJournal(Path file, Connection connection, Totals totals) throws SQLException {
        this.file = file;
        this.connection = connection;
        this.totals = totals;
        find =
                connection.prepareStatement(
                        "SELECT checksum FROM objects WHERE create_revision = ?");
        put = connection.prepareStatement("REPLACE INTO objects VALUES (?, ?, ?, ?, ?)");
        remove = connection.prepareStatement("DELETE FROM objects WHERE create_revision = ?");
        total = connection.prepareStatement("REPLACE INTO totals VALUES (1, ?, ?, ?, ?)");
    }

    /// Opens `file`, creating it (readable by its owner only) when it does not exist.
    ///
    /// @throws JournalException if it is damaged, not a journal, or open elsewhere
    public static SqliteJournal open(Path file) {
        Connection connection = null;
        try {
            boolean created = create(file);
            WalFile.requireWhole(file.resolveSibling(file.getFileName() + "-wal"));
            var config = new SQLiteConfig();
            config.setBusyTimeout(0);
            connection = config.createConnection("jdbc:sqlite:" + file);
            configure(connection);
            var totals = prepare(file, connection);
            if (created) {
                syncDirectory(file);
            }
            return new SqliteJournal(file, connection, totals);
        } catch (SQLException e) {
            closeQuietly(connection, e);
            throw explain(file, e);
        } catch (IOException e) {
            throw new JournalException("%s cannot be opened: %s".formatted(file, e), e);
        } catch (JournalException e) {
            closeQuietly(connection, e);
            throw e;
        }
    }

    private static boolean create(Path file) throws IOException {
        if (Files.exists(file)) {
            return false;
        }
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(file);
        }
        return true;
    }

    /// A file whose name is lost with the power is lost, however well it was written.
    private static void syncDirectory(Path file) throws IOException {
        var directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /// Exclusive before anything is read: the lock is then taken by the first read and held, and
    /// the log needs no shared memory beside it. <https://www.sqlite.org/wal.html#noshm>
    private static void configure(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA locking_mode = EXCLUSIVE");
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            statement.execute("PRAGMA temp_store = MEMORY");
        }
        connection.setAutoCommit(false);
    }

    private static Totals prepare(Path file, Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            long format = number(statement, "user_version");
            if (format == 0 && number(statement, "schema_version") == 0) {
                format(statement);
            } else if (number(statement, "application_id") != APPLICATION_ID) {
                throw new JournalException(file + " is a database, but not a journal");
            } else if (format != FORMAT) {
                throw new JournalException(
                        "%s has format %d, this version reads only format %d"
                                .formatted(file, format, FORMAT));
            }
            var totals = totals(file, statement);
            connection.commit();
            return totals;
        }
    }

    private static void format(Statement statement) throws SQLException {
        statement.executeUpdate("PRAGMA application_id = " + APPLICATION_ID);
        statement.executeUpdate("PRAGMA user_version = " + FORMAT);
        statement.executeUpdate(
                """
                CREATE TABLE objects (
                  create_revision INTEGER PRIMARY KEY,
                  revision INTEGER NOT NULL,
                  key TEXT NOT NULL,
                  json BLOB NOT NULL,
                  checksum INTEGER NOT NULL) STRICT""");
        statement.executeUpdate(
                """
                CREATE TABLE totals (
                  id INTEGER PRIMARY KEY,
                  revision INTEGER NOT NULL,
                  row_count INTEGER NOT NULL,
                  checksum_sum INTEGER NOT NULL,
                  checksum INTEGER NOT NULL) STRICT""");
        statement.executeUpdate(
                "INSERT INTO totals VALUES (1, 0, 0, 0, %d)".formatted(Totals.NONE.checksum()));
    }

    private static long number(Statement statement, String pragma) throws SQLException {
        try (var rows = statement.executeQuery("PRAGMA " + pragma)) {
            return rows.getLong(1);
        }
    }

    private static Totals totals(Path file, Statement statement) throws SQLException {
        try (var rows =
                statement.executeQuery(
                        "SELECT revision, row_count, checksum_sum, checksum FROM totals")) {
            if (!rows.next()) {
                throw damaged(file, "its totals are missing");
            }
            var totals = new Totals(rows.getLong(1), rows.getLong(2), rows.getLong(3));
            if (totals.checksum() != rows.getLong(4)) {
                throw damaged(file, "its totals do not match their checksum");
            }
            return totals;
        }
    }

    @Override
    public void append(List<Write> writes) {
        if (failed) {
            throw new JournalException(
                    file + " takes no more writes since one failed; open it again");
        }
        try {
            var changed = totals;
            for (var write : writes) {
                changed = apply(write, changed).at(write.revision());
            }
            bind(total, changed.revision(), changed.rows(), changed.checksums());
            total.setLong(4, changed.checksum());
            total.executeUpdate();
            connection.commit();
            totals = changed;
        } catch (SQLException e) {
            failed = true;
            undo(e);
            throw explain(file, e);
        }
    }

    private Totals apply(Write write, Totals before) throws SQLException {
        var known = checksumOf(write.createRevision());
        var after = known == null ? before : before.without(known);
        var json = write.json();
        if (json == null) {
            bind(remove, write.createRevision());
            remove.executeUpdate();
            return after;
        }
        long checksum = Checksum.of(write.createRevision(), write.revision(), write.key(), json);
        bind(put, write.createRevision(), write.revision());
        put.setString(3, write.key());
        put.setBytes(4, json);
        put.setLong(5, checksum);
        put.executeUpdate();
        return after.with(checksum);
    }

    private @Nullable Long checksumOf(long createRevision) throws SQLException {
        bind(find, createRevision);
        try (var rows = find.executeQuery()) {
            return rows.next() ? rows.getLong(1) : null;
        }
    }

    private static void bind(PreparedStatement statement, long... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setLong(i + 1, values[i]);
        }
    }

    /// Rolls back, and empties the write-ahead log: when only the sync failed, the transaction is
    /// whole in the log and would reappear.
    private void undo(SQLException cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public long replay(Consumer<Write> sink) {
        try (var statement = connection.createStatement()) {
            requireSound(statement);
            var writes = readAll(statement);
            writes.sort(Comparator.comparingLong(Write::revision));
            requireDistinct(writes);
            writes.forEach(sink);
            return totals.revision();
        } catch (SQLException e) {
            throw explain(file, e);
        }
    }

    private void requireSound(Statement statement) throws SQLException {
        try (var rows = statement.executeQuery("PRAGMA quick_check(1)")) {
            var verdict = rows.next() ? rows.getString(1) : "no answer";
            if (!"ok".equals(verdict)) {
                throw damaged(file, verdict.replace('\n', ' '));
            }
        }
    }

    private List<Write> readAll(Statement statement) throws SQLException {
        var writes = new ArrayList<Write>();
        var found = Totals.NONE.at(totals.revision());
        try (var rows =
                statement.executeQuery(
                        "SELECT create_revision, revision, key, json, checksum FROM objects")) {
            while (rows.next()) {
                var write =
                        new Write(
                                rows.getLong(2),
                                rows.getString(3),
                                rows.getLong(1),
                                rows.getBytes(4));
                requireIntact(write, rows.getLong(5));
                found = found.with(rows.getLong(5));
                writes.add(write);
            }
        }
        if (!found.equals(totals)) {
            throw damaged(
                    file,
                    "it holds %d objects with checksum sum %d, but %d with %d were written"
                            .formatted(
                                    found.rows(),
                                    found.checksums(),
                                    totals.rows(),
                                    totals.checksums()));
        }
        return writes;
    }

    private void requireIntact(Write write, long checksum) {
        var json = write.json();
        boolean intact =
                json != null
                        && checksum
                                == Checksum.of(
                                        write.createRevision(),
                                        write.revision(),
                                        write.key(),
                                        json);
        if (!intact || write.revision() > totals.revision()) {
            throw damaged(
                    file,
                    "the object created at revision %d (\"%s\") does not match its checksum"
                            .formatted(write.createRevision(), write.key()));
        }
    }

    private void requireDistinct(List<Write> writes) {
        var keys = HashSet.<String>newHashSet(writes.size());
        for (var write : writes) {
            if (!keys.add(write.key())) {
                throw damaged(file, "it holds %s twice".formatted(write.key()));
            }
        }
    }

    private static JournalException damaged(Path file, String what) {
        return new JournalException(
                "%s is damaged: %s; restore it from a copy or move it away".formatted(file, what));
    }

    private static JournalException explain(Path file, SQLException e) {
        var code =
                e instanceof SQLiteException known
                        ? known.getResultCode()
                        : SQLiteErrorCode.getErrorCode(e.getErrorCode());
        // The low byte is the primary result code. https://www.sqlite.org/rescode.html
        var primary = SQLiteErrorCode.getErrorCode(code.code & 0xff);
        var message =
                switch (primary) {
                    case SQLITE_BUSY, SQLITE_LOCKED -> "is in use by another process";
                    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT ->
                            "is damaged: "
                                    + e.getMessage()
                                    + "; restore it from a copy or move it"
                                    + " away";
                    case SQLITE_FULL -> "cannot be written: the disk is full";
                    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN ->
                            "cannot be opened for writing: " + e.getMessage();
                    default -> "failed: " + e.getMessage();
                };
        return new JournalException(file + " " + message, e);
    }

    private static void closeQuietly(@Nullable Connection connection, Exception cause) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw explain(file, e);
        }
    }
}
