// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.store.Journal.Write;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What every journal that keeps something has to do.
public interface JournalContract {

    /// Opens the same journal again each time; the one before is closed by then.
    Journal open();

    @Test
    default void aNewJournalIsEmpty() {
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("newest 0");
        }
    }

    @Test
    default void whatWasAppendedIsReplayedInRevisionOrder() {
        try (var journal = open()) {
            journal.append(List.of(put(1, "/b", 1, "one"), put(2, "/a", 2, "two")));
            journal.append(List.of(put(3, "/b", 1, "three"), put(4, "/c", 4, "four")));
            journal.append(List.of(remove(5, "/a", 2)));
        }
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("3 /b 1 three", "4 /c 4 four", "newest 5");
        }
    }

    @Test
    default void oneAppendMayWriteTheSameKeySeveralTimes() {
        try (var journal = open()) {
            journal.append(
                    List.of(
                            put(1, "/a", 1, "one"),
                            put(2, "/a", 1, "two"),
                            remove(3, "/a", 1),
                            put(4, "/a", 4, "four")));
        }
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("4 /a 4 four", "newest 4");
        }
    }

    @Test
    default void theNewestRevisionSurvivesTheDeletionOfEverything() {
        try (var journal = open()) {
            journal.append(List.of(put(7, "/a", 7, "x"), remove(8, "/a", 7)));
        }
        try (var journal = open()) {
            assertThat(replay(journal)).containsExactly("newest 8");
        }
    }

    @Test
    default void keysAndBodiesComeBackByteForByte() {
        var key = "/configmaps/default/ä-\uD83D\uDEF6";
        var body = "\u0000\u007fü\uD83D\uDEF6\n";
        try (var journal = open()) {
            journal.append(List.of(put(1, key, 1, body), put(2, "/empty", 2, "")));
        }
        try (var journal = open()) {
            assertThat(replay(journal))
                    .containsExactly("1 " + key + " 1 " + body, "2 /empty 2 ", "newest 2");
        }
    }

    @Test
    default void aLongRandomHistoryIsReplayedAsAMapWouldHoldIt() {
        var random = new SplittableRandom(42);
        var live = new TreeMap<String, Write>();
        long revision = 0;
        for (int session = 0; session < 5; session++) {
            try (var journal = open()) {
                replay(journal);
                for (int batch = 0; batch < 20; batch++) {
                    var writes = new ArrayList<Write>();
                    for (int i = random.nextInt(1, 30); i > 0; i--) {
                        writes.add(next(++revision, "/" + random.nextInt(50), live, random));
                    }
                    journal.append(writes);
                }
            }
        }
        var expected =
                live.values().stream()
                        .sorted((a, b) -> Long.compare(a.revision(), b.revision()))
                        .map(JournalContract::line)
                        .toList();
        try (var journal = open()) {
            var seen = replay(journal);
            assertThat(seen.removeLast()).isEqualTo("newest " + revision);
            assertThat(seen).isEqualTo(expected);
        }
    }

    private static Write next(
            long revision, String key, TreeMap<String, Write> live, SplittableRandom random) {
        var current = live.get(key);
        if (current != null && random.nextInt(3) == 0) {
            live.remove(key);
            return remove(revision, key, current.createRevision());
        }
        var body = "x".repeat(random.nextInt(3_000));
        var write = put(revision, key, current == null ? revision : current.createRevision(), body);
        live.put(key, write);
        return write;
    }

    static Write put(long revision, String key, long createRevision, String json) {
        return new Write(revision, key, createRevision, json.getBytes(StandardCharsets.UTF_8));
    }

    static Write remove(long revision, String key, long createRevision) {
        return new Write(revision, key, createRevision, null);
    }

    /// One line for each write, and `newest REVISION`.
    static List<String> replay(Journal journal) {
        var seen = new ArrayList<String>();
        long newest = journal.replay(write -> seen.add(line(write)));
        seen.add("newest " + newest);
        return seen;
    }

    private static String line(Write write) {
        var json = write.json();
        return "%d %s %d %s"
                .formatted(
                        write.revision(),
                        write.key(),
                        write.createRevision(),
                        json == null ? "deleted" : new String(json, StandardCharsets.UTF_8));
    }
}
