// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.sim.Recording.Likeness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The pods that were recorded on Kubernetes v1.36.2, lived through in virtual time: the recorded
/// states and events are shown, in the recorded order, and hardly anything else.
///
/// `observed/likeness.txt` notes for each case how many of them are, and how many others; no case
/// may be worse than noted. `-Dgolden=update` rewrites it.
class ObservedTest {
    private static final Path NOTED = Path.of("src/test/resources/observed/likeness.txt");
    private static final Pattern LINE =
            Pattern.compile("(\\S+) +states (\\d+)/\\d+ events (\\d+)/\\d+ extra (\\d+)");
    private static final double TOTAL_PERCENT = 97;
    private static final int CASES = 21;

    private record Noted(int states, int events, int extra) {}

    @Test
    void simulatedPodsDoWhatRecordedOnesDid() throws IOException {
        var likenesses = new TreeMap<String, Likeness>();
        for (var one : Lived.cases("observed").entrySet()) {
            likenesses.put(one.getKey(), likeness(one.getKey(), one.getValue()));
        }
        var table = table(likenesses);
        table.forEach(System.out::println);
        if ("update".equals(System.getProperty("golden"))) {
            Files.writeString(NOTED, String.join("\n", table) + "\n");
        }

        assertThat(likenesses).hasSize(CASES);
        var noted = noted();
        likenesses.forEach((name, likeness) -> assertAsNoted(name, likeness, noted.get(name)));
        assertThat(percent(likenesses)).isGreaterThanOrEqualTo(TOTAL_PERCENT);
    }

    private static void assertAsNoted(String name, Likeness likeness, Noted noted) {
        assertThat(noted).as("what is noted of %s", name).isNotNull();
        var what = name + "\n" + likeness.differences();
        assertThat(likeness.states())
                .as("states of %s", what)
                .isGreaterThanOrEqualTo(noted.states());
        assertThat(likeness.events())
                .as("events of %s", what)
                .isGreaterThanOrEqualTo(noted.events());
        assertThat(likeness.extra())
                .as("extra of %s", what)
                .hasSizeLessThanOrEqualTo(noted.extra());
    }

    private static Likeness likeness(String name, Path directory) throws IOException {
        var recorded = new ArrayList<String>();
        recorded.addAll(Files.readAllLines(directory.resolve("timeline.txt")));
        recorded.addAll(Files.readAllLines(directory.resolve("events.txt")));
        var lived = Lived.of(directory, "g-" + name);
        return Recording.of(recorded).likeness(Recording.of(lived.lines()));
    }

    private static List<String> table(Map<String, Likeness> likenesses) {
        var table = new ArrayList<String>();
        likenesses.forEach((name, likeness) -> table.add("%-20s %s".formatted(name, likeness)));
        table.add("%-20s %.1f %%".formatted("total", percent(likenesses)));
        return table;
    }

    private static double percent(Map<String, Likeness> likenesses) {
        return 100.0
                * likenesses.values().stream().mapToInt(Likeness::matched).sum()
                / likenesses.values().stream().mapToInt(Likeness::of).sum();
    }

    private static Map<String, Noted> noted() throws IOException {
        var noted = new HashMap<String, Noted>();
        for (var text : Files.readAllLines(NOTED)) {
            var line = LINE.matcher(text);
            if (line.matches()) {
                noted.put(
                        line.group(1),
                        new Noted(
                                Integer.parseInt(line.group(2)),
                                Integer.parseInt(line.group(3)),
                                Integer.parseInt(line.group(4))));
            }
        }
        return noted;
    }

    @Test
    void theLongestCommonSequenceMayHaveAnythingInBetween() {
        assertThat(Recording.longestCommon(List.of("a", "b", "c"), List.of("x", "a", "y", "c")))
                .isEqualTo(2);
        assertThat(Recording.longestCommon(List.of("a", "b"), List.of("b", "a"))).isEqualTo(1);
        assertThat(Recording.longestCommon(List.of(), List.of("a"))).isZero();
    }
}
