// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills a writing process with SIGKILL, again and again, and looks for what it was told is kept.
@Timeout(300)
class KillTest {
    private static final int KILLS = 6;

    @TempDir Path directory;

    @Test
    void everyAcknowledgedWriteSurvivesTheKilledProcess() throws IOException, InterruptedException {
        var random = new SplittableRandom(1);
        var acknowledged = new HashMap<String, Long>(); // revision, negative once deleted
        for (int kill = 0; kill < KILLS; kill++) {
            int count = random.nextInt(50, 3_000);
            writeUntilKilled("run" + kill, count, acknowledged);
            requireAll(acknowledged, "kill %d after %d acknowledgements".formatted(kill, count));
        }
    }

    private void writeUntilKilled(String run, int count, Map<String, Long> acknowledged)
            throws IOException, InterruptedException {
        var process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledWriter.class.getName(),
                                journal().toString(),
                                run)
                        .redirectError(directory.resolve(run + ".err").toFile())
                        .start();
        try (var lines = process.inputReader()) {
            for (int i = 0; i < count; i++) {
                note(lines.readLine(), acknowledged);
            }
            process.toHandle().destroyForcibly(); // SIGKILL; Process itself would close its pipes
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.endsWith("ed")) { // the last line may have been cut
                    note(line, acknowledged);
                }
            }
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /// Notes a line like `/run0/3/17@42 created`.
    private static void note(String line, Map<String, Long> acknowledged) {
        assertThat(line).isNotNull();
        var key = line.substring(0, line.indexOf('@'));
        long revision = Long.parseLong(line.substring(key.length() + 1, line.indexOf(' ')));
        acknowledged.put(key, line.endsWith(" deleted") ? -revision : revision);
    }

    private void requireAll(Map<String, Long> acknowledged, String when) {
        try (var store = MvccStore.open(SqliteJournal.open(journal()), Retention.DEFAULT)) {
            acknowledged.forEach(
                    (key, revision) -> {
                        var entry = store.get(key);
                        assertThat(store.revision())
                                .as(when)
                                .isGreaterThanOrEqualTo(Math.abs(revision));
                        if (revision < 0) {
                            assertThat(entry).as(key + " " + when).isNull();
                        } else if (entry == null) {
                            // its deletion may have been made durable without being acknowledged
                            assertThat(mayBeDeleted(key)).as(key + " lost by " + when).isTrue();
                        } else {
                            assertThat(entry.revision()).isEqualTo(revision);
                        }
                    });
        }
    }

    private static boolean mayBeDeleted(String key) {
        return Long.parseLong(key.substring(key.lastIndexOf('/') + 1)) % 3 == 0;
    }

    private Path journal() {
        return directory.resolve("journal.db");
    }
}
