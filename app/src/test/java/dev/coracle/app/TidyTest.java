// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// House rules that no compiler knows.
class TidyTest {
    private static final Path ROOT = Path.of(System.getProperty("repository.root"));
    private static final int LONGEST_FILE = 800;
    private static final Pattern PATH_IN_TEXT = Pattern.compile("`([\\w.-]+(?:/[\\w.-]+)+)`");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)[^)]*\\)");
    private static final String DIFFERS = "Differs from upstream:";
    private static final TreeMap<Path, List<String>> SOURCES = new TreeMap<>();

    @BeforeAll
    static void readSources() throws IOException {
        try (var files = Files.walk(ROOT)) {
            for (var file : files.filter(TidyTest::isSource).toList()) {
                SOURCES.put(ROOT.relativize(file), Files.readAllLines(file));
            }
        }
        assertThat(SOURCES.size()).as("sources below %s", ROOT).isGreaterThan(50);
    }

    private static boolean isSource(Path file) {
        return file.toString().endsWith(".java") && !file.toString().contains("/target/");
    }

    @Test
    void everySourceBeginsWithItsLicence() {
        assertThat(
                        where(
                                (number, line) ->
                                        number == 1
                                                && !line.equals(
                                                        "// SPDX-License-Identifier: Apache-2.0")))
                .isEmpty();
    }

    @Test
    void noFileIsTooLong() {
        var tooLong =
                SOURCES.entrySet().stream()
                        .filter(source -> source.getValue().size() > LONGEST_FILE)
                        .map(source -> source.getKey() + ": " + source.getValue().size())
                        .toList();
        assertThat(tooLong).isEmpty();
    }

    @Test
    void whatIsToBeDoneHasANumber() {
        var open = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b(?! #\\d+)");
        assertThat(where((_, line) -> open.matcher(line).find())).isEmpty();
    }

    @Test
    void pathsNamedInDocumentsExist() throws IOException {
        var missing = new ArrayList<String>();
        for (var document :
                List.of("ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md", "README.md")) {
            var paths = PATH_IN_TEXT.matcher(Files.readString(ROOT.resolve(document)));
            while (paths.find()) {
                if (!Files.exists(ROOT.resolve(paths.group(1)))) {
                    missing.add(document + ": " + paths.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void linksBetweenDocumentsLeadSomewhere() throws IOException {
        var broken = new ArrayList<String>();
        for (var document : documents()) {
            var links = LINK.matcher(Files.readString(document));
            while (links.find()) {
                var target = document.resolveSibling(links.group(1)).normalize();
                if (!Files.exists(target)) {
                    broken.add(ROOT.relativize(document) + ": " + links.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void everyDifferenceFromUpstreamIsListed() throws IOException {
        var listed = Files.readString(ROOT.resolve("docs/reference/differences.md"));
        var unlisted = new ArrayList<String>();
        SOURCES.forEach(
                (file, lines) -> {
                    for (int i = 0; i < lines.size(); i++) {
                        boolean marked =
                                lines.get(i).contains(DIFFERS) && !file.endsWith("TidyTest.java");
                        if (marked && !listed.contains(difference(lines, i))) {
                            unlisted.add(file + ": " + difference(lines, i));
                        }
                    }
                });
        assertThat(unlisted).isEmpty();
    }

    /// The sentence that is marked in line `at`, joined from the lines of its comment.
    private static String difference(List<String> lines, int at) {
        var first = lines.get(at);
        var words =
                new StringBuilder(
                        first.substring(first.indexOf(DIFFERS) + DIFFERS.length()).strip());
        for (int next = at + 1; next < lines.size() && !endsSentence(words); next++) {
            var line = lines.get(next).strip();
            if (!line.startsWith("//") || line.replace("/", "").isBlank()) {
                break;
            }
            words.append(' ').append(line.replaceFirst("^/+ *", ""));
        }
        int end = words.indexOf(". ");
        return end < 0 ? words.toString() : words.substring(0, end + 1);
    }

    private static boolean endsSentence(CharSequence words) {
        return words.toString().endsWith(".") || words.toString().contains(". ");
    }

    private static List<Path> documents() throws IOException {
        try (var top = Files.list(ROOT);
                var docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private interface LineRule {
        boolean breaks(int number, String line);
    }

    /// The places, as `file:line`, of all lines that break `rule`.
    private static List<String> where(LineRule rule) {
        var places = new ArrayList<String>();
        SOURCES.forEach(
                (file, lines) -> {
                    for (int i = 0; i < lines.size(); i++) {
                        if (rule.breaks(i + 1, lines.get(i))) {
                            places.add(file + ":" + (i + 1));
                        }
                    }
                });
        return places;
    }
}
