// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.coracle.sim.script.ScriptReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestFileTest {
    private static final String POD =
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"%s\"}}";

    @Test
    void anObjectKnowsWhereItStood() throws IOException {
        assertThat(parse(POD.formatted("web")))
                .extracting(Manifest::source, Manifest::kind, Manifest::name)
                .containsExactly(tuple("x.json, document 1", "Pod", "web"));
    }

    @Test
    void aListCountsAsWhatItHolds() throws IOException {
        var list =
                "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[%s,%s]}"
                        .formatted(POD.formatted("a"), POD.formatted("b"));
        assertThat(parse(list))
                .extracting(Manifest::source)
                .containsExactly("x.json, document 1, item 1", "x.json, document 1, item 2");
    }

    @Test
    void duplicatesKeepTheirPathsInsideAnItem() throws IOException {
        var item =
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}";
        assertThat(parse(item).getFirst().duplicates()).containsExactly("kind");
        var list = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[" + item + "]}";
        assertThat(parse(list).getFirst().duplicates()).containsExactly("kind");
    }

    @Test
    void aFieldThatEveryObjectHasIsMissedByName() {
        assertRefused("{\"kind\":\"Pod\"}", "x.json, document 1: apiVersion: required value");
        assertRefused("{\"apiVersion\":\"v1\"}", "x.json, document 1: kind: required value");
        assertRefused(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}",
                "x.json, document 1: metadata.name: required value");
        assertRefused("[]", "x.json, document 1: not an object with apiVersion and kind");
    }

    @Test
    void aFileOfNothingIsRefused() {
        assertRefused("", "x.json: no objects in this file");
        assertRefused("# only a comment\n---\n", "x.json: no objects in this file");
    }

    @Test
    void aYamlFileHoldsAnyNumberOfObjects() throws IOException {
        var text =
                """
                # the first
                apiVersion: v1
                kind: Pod
                metadata: {name: a}
                ---
                apiVersion: v1
                kind: Pod
                metadata:
                  name: b
                  name: b
                """;
        assertThat(parse(text))
                .extracting(Manifest::source, Manifest::name, Manifest::duplicates)
                .containsExactly(
                        tuple("x.json, document 1", "a", List.of()),
                        tuple("x.json, document 2", "b", List.of("metadata.name")));
    }

    @Test
    void textThatIsNoYamlIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> parse("apiVersion: v1\nkind: [Pod\n"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("x.json: ")
                .hasMessageContaining("line 3");
    }

    @Test
    void theExamplesAreWellFormed() throws IOException {
        var examples = Path.of(System.getProperty("repository.root"), "examples");
        try (var files = java.nio.file.Files.list(examples)) {
            for (var file : files.toList()) {
                if (file.toString().endsWith(".script.yaml")) {
                    var script =
                            ScriptReader.read(
                                    file.toString(), ManifestFile.bytes(file), _ -> List.of());
                    assertThat(script.containers()).isNotEmpty();
                } else {
                    assertThat(ManifestFile.read(file)).isNotEmpty();
                }
            }
        }
    }

    @Test
    void generateNameIsAName() throws IOException {
        assertThat(
                        parse(
                                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"generateName\":\"web-\"}}"))
                .extracting(Manifest::name)
                .containsExactly("web-");
    }

    @Test
    void whatCannotBeReadIsOneSentence(@TempDir Path directory) {
        assertThatThrownBy(() -> ManifestFile.read(directory))
                .hasMessage(directory + ": is a directory; name the files in it");
        assertThatThrownBy(() -> ManifestFile.read(directory.resolve("no.yaml")))
                .hasMessage(directory.resolve("no.yaml") + ": there is no such file");
    }

    private static void assertRefused(String text, String message) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(IOException.class).hasMessage(message);
    }

    private static List<Manifest> parse(String text) throws IOException {
        return ManifestFile.parse("x.json", text.getBytes(StandardCharsets.UTF_8));
    }
}
