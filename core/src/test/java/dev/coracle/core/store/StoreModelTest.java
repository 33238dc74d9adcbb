// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Store.Outcome.Refused;
import dev.coracle.core.store.Store.Outcome.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The store against the most naive model of it: a whole sorted map for every revision.
class StoreModelTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void behavesLikeAMapForEveryRevision(long seed) {
        var run = new Run(seed);
        for (int step = 0; step < 2_000; step++) {
            run.step();
        }
        run.drainWatches();
    }

    /// A value is the text `createRevision@revision`.
    private static final class Run {
        private static final int CHANGES = 64;

        final long seed;
        final SplittableRandom random;
        final RecordingJournal journal = new RecordingJournal();
        MvccStore store = open();
        final List<TreeMap<String, String>> states = new ArrayList<>(List.of(new TreeMap<>()));
        final List<String> log = new ArrayList<>(List.of(""));
        final List<Reader> readers = new ArrayList<>();
        long oldest;

        Run(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
        }

        MvccStore open() {
            return MvccStore.open(journal, new Retention(CHANGES, 1 << 20));
        }

        void step() {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> create(key());
                case 4, 5, 6, 7, 8 -> update(key());
                case 9, 10, 11 -> delete(key());
                case 12, 13, 14 -> range();
                case 15 -> watch();
                case 16, 17 -> readers.forEach(this::read);
                case 18 -> compact();
                default -> reopenNowAndThen();
            }
            assertThat(store.revision()).isEqualTo(newest());
            readers.removeIf(reader -> reader.gone);
        }

        String key() {
            return "/" + "ab".charAt(random.nextInt(2)) + "/" + random.nextInt(12);
        }

        long newest() {
            return states.size() - 1;
        }

        TreeMap<String, String> now() {
            return states.getLast();
        }

        void create(String key) {
            var outcome = store.create(key, JsonObject.EMPTY);
            if (now().containsKey(key)) {
                assertThat(outcome).isEqualTo(new Refused(store.get(key)));
                return;
            }
            long revision = newest() + 1;
            commit(key, revision + "@" + revision, outcome, "+");
        }

        /// Half of the time with a wrong expectation.
        long expectation(@Nullable String current) {
            long right = current == null ? 1 : revision(current);
            return random.nextInt(4) == 0 ? right + 1 + random.nextInt(3) : right;
        }

        void update(String key) {
            var current = now().get(key);
            long expected = expectation(current);
            var outcome = store.update(key, expected, JsonObject.EMPTY);
            if (current == null || revision(current) != expected) {
                assertThat(outcome).isEqualTo(new Refused(store.get(key)));
                return;
            }
            commit(key, createRevision(current) + "@" + (newest() + 1), outcome, "=");
        }

        void delete(String key) {
            var current = now().get(key);
            long expected = expectation(current);
            var outcome = store.delete(key, expected);
            if (current == null || revision(current) != expected) {
                assertThat(outcome).isEqualTo(new Refused(store.get(key)));
                return;
            }
            commit(key, null, outcome, "-");
        }

        void commit(String key, @Nullable String value, Store.Outcome outcome, String sign) {
            var next = new TreeMap<>(now());
            if (value == null) {
                next.remove(key);
            } else {
                next.put(key, value);
            }
            states.add(next);
            log.add(sign + key);
            oldest = Math.max(oldest, newest() - CHANGES);
            assertThat(outcome).as("seed %d", seed).isInstanceOf(Written.class);
            assertThat(((Written) outcome).entry().revision()).isEqualTo(newest());
        }

        void range() {
            long revision = random.nextInt(3) == 0 ? 0 : random.nextLong(newest() + 1);
            var prefix = List.of("", "/a/", "/b/", "/b/1", "/c").get(random.nextInt(5));
            var after = random.nextBoolean() ? "" : key();
            int limit = random.nextInt(6);
            var seen = rangeOrGone(prefix, after, limit, revision);
            assertThat(seen)
                    .as("seed %d: range %s %s %d %d", seed, prefix, after, limit, revision)
                    .isEqualTo(naiveRange(prefix, after, limit, revision));
        }

        String rangeOrGone(String prefix, String after, int limit, long revision) {
            try {
                var page = store.range(prefix, after, limit, revision);
                return page.entries().stream().map(Run::text).toList() + " +" + page.remaining();
            } catch (CompactedException e) {
                return "gone";
            }
        }

        String naiveRange(String prefix, String after, int limit, long revision) {
            if (revision != 0 && revision < oldest) {
                return "gone";
            }
            var state = revision == 0 ? now() : states.get((int) revision);
            var all =
                    state.entrySet().stream()
                            .filter(e -> e.getKey().startsWith(prefix))
                            .filter(e -> e.getKey().compareTo(after) > 0)
                            .map(e -> e.getKey() + " " + e.getValue())
                            .toList();
            int shown = limit == 0 ? all.size() : Math.min(limit, all.size());
            return all.subList(0, shown) + " +" + (all.size() - shown);
        }

        void watch() {
            long after = random.nextLong(newest() + 1);
            var prefix = List.of("", "/a/", "/b/1").get(random.nextInt(3));
            try {
                readers.add(new Reader(store.watch(prefix, after), prefix, after));
                assertThat(after).isGreaterThanOrEqualTo(oldest);
            } catch (CompactedException e) {
                assertThat(after).isLessThan(oldest);
                assertThat(e.oldest()).isEqualTo(oldest);
            }
        }

        void read(Reader reader) {
            Watch.Batch batch;
            try {
                batch = reader.watch.poll();
            } catch (CompactedException e) {
                assertThat(reader.seen).isLessThan(oldest);
                reader.gone = true;
                return;
            }
            var expected = new ArrayList<String>();
            for (long r = reader.seen + 1; r <= newest(); r++) {
                var line = log.get((int) r);
                if (line.substring(1).startsWith(reader.prefix)) {
                    expected.add(r + line);
                }
            }
            assertThat(batch.changes().stream().map(Run::text).toList())
                    .as("seed %d", seed)
                    .isEqualTo(expected);
            assertThat(batch.upTo()).isEqualTo(newest());
            reader.seen = newest();
        }

        void drainWatches() {
            readers.forEach(this::read);
        }

        void compact() {
            long revision = random.nextLong(newest() + 1);
            store.compact(revision);
            oldest = Math.max(oldest, revision);
        }

        void reopenNowAndThen() {
            if (random.nextInt(5) == 0) {
                store.close();
                store = open();
                oldest = newest();
                readers.clear();
            }
        }

        static String text(Entry entry) {
            return entry.key() + " " + entry.createRevision() + "@" + entry.revision();
        }

        static String text(Watch.Change change) {
            var current = change.current();
            var previous = change.previous();
            if (current == null && previous != null) {
                return change.revision() + "-" + previous.key();
            }
            if (current == null) {
                throw new AssertionError("a change of nothing");
            }
            return change.revision() + (previous == null ? "+" : "=") + current.key();
        }

        static long revision(String value) {
            return Long.parseLong(value.substring(value.indexOf('@') + 1));
        }

        static long createRevision(String value) {
            return Long.parseLong(value.substring(0, value.indexOf('@')));
        }
    }

    private static final class Reader {
        final Watch watch;
        final String prefix;
        long seen;
        boolean gone;

        Reader(Watch watch, String prefix, long seen) {
            this.watch = watch;
            this.prefix = prefix;
            this.seen = seen;
        }
    }
}
