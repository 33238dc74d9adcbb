// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTest {

    private static List<JsonReader.Document> read(String text) {
        return Yaml.read(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "on | true",
                "yes | true",
                "Off | false",
                "n | false",
                "oN | \"oN\"",
                "~ | null",
                "Null | null",
                "017 | 15",
                "0o17 | 15",
                "0o | \"0o\"",
                "0x1F | 31",
                "0b101 | 5",
                "-0x10 | -16",
                "+5 | 5",
                "0 | 0",
                "-0 | 0",
                "089 | 89",
                "1_000 | 1000",
                "1.0 | 1",
                "1.50 | 1.5",
                ".5 | 0.5",
                "1e3 | 1000",
                "1e21 | 1e+21",
                "0.0000001 | 1e-7",
                "18446744073709551615 | 18446744073709551615",
                "18446744073709551616 | 18446744073709552000",
                "1.2.3 | \"1.2.3\"",
                "10:20 | \"10:20\"",
                "2026-01-01 | \"2026-01-01\"",
                "2026-01-01T00:00:00Z | \"2026-01-01T00:00:00Z\"",
                "100m | \"100m\"",
                "- | [null]",
                "\"on\" | \"on\"",
                "'017' | \"017\"",
                "!!str 017 | \"017\"",
                "!!int 017 | 15",
                "!!binary aGVsbG8= | \"hello\"",
                "!boat oar | \"oar\"",
                "{a: 1, b: [x, y]} | {\"a\":1,\"b\":[\"x\",true]}",
            })
    void aScalarIsReadAsKubectlReadsIt(String yaml, String json) {
        assertThat(read("x: " + (yaml.equals("-") ? "\n- " : yaml)).getFirst().value().text())
                .isEqualTo("{\"x\":" + json + "}");
    }

    @ParameterizedTest
    @CsvSource({"on, true", "017, 15", "1.0, 1", "5, 5", "text, text"})
    void aKeyBecomesAString(String key, String name) {
        assertThat(((JsonObject) read(key + ": x").getFirst().value()).names())
                .containsExactly(name);
    }

    @Test
    void documentsAreSeparatedAndEmptyOnesLeftOut() {
        assertThat(read("# nothing\n---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n"))
                .extracting(document -> document.value().text())
                .containsExactly("{\"a\":1}", "{\"b\":2}");
        assertThat(read("")).isEmpty();
    }

    @Test
    void jsonIsReadToo() {
        var read = read("\t{\"a\":\t1.0, \"a\": 017e}".replace("017e", "2.50"));
        assertThat(read.getFirst().value().text()).isEqualTo("{\"a\":2.50}");
        assertThat(read.getFirst().duplicates()).containsExactly("a");
    }

    @Test
    void duplicateKeysAreReportedWithTheirPaths() {
        var document =
                read("spec:\n  containers:\n  - name: a\n    image: x\n    name: b\nspec2: 1\nspec2: 2")
                        .getFirst();
        assertThat(document.duplicates()).containsExactly("spec.containers[0].name", "spec2");
        assertThat(document.value().text())
                .isEqualTo(
                        "{\"spec\":{\"containers\":[{\"name\":\"b\",\"image\":\"x\"}]},\"spec2\":2}");
    }

    @Test
    void anchorsAndMergeKeysAreResolved() {
        var text =
                """
                base: &base {a: 1, b: 2}
                more: &more
                  b: 3
                  c: 4
                one:
                  <<: *base
                  b: 5
                both:
                  <<: [*base, *more]
                  d: 6
                list: [*base]
                """;
        var read = (JsonObject) read(text).getFirst().value();
        assertThat(read.object("one")).isEqualTo(JsonReader.parse("{\"a\":1,\"b\":5}"));
        assertThat(read.object("both"))
                .isEqualTo(JsonReader.parse("{\"a\":1,\"b\":2,\"c\":4,\"d\":6}"));
        assertThat(read.array("list").get(0)).isEqualTo(JsonReader.parse("{\"a\":1,\"b\":2}"));
    }

    @Test
    void blockScalarsKeepTheirLines() {
        assertThat(read("a: |\n  x\n  y\nb: >-\n  x\n  y\n").getFirst().value().text())
                .isEqualTo("{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}");
    }

    @Test
    void anAliasBombIsRefused() {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            text.append("a%d: &a%d [".formatted(i, i));
            text.append(("*a" + (i - 1) + ", ").repeat(10)).append("]\n");
        }
        assertThatThrownBy(() -> read(text.toString()))
                .isInstanceOf(JsonFormatException.class)
                .hasMessageContaining("excessive aliasing");
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> read("[".repeat(100_000)))
                .isInstanceOf(JsonFormatException.class)
                .hasMessageContaining("nested deeper than 200 levels");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: b: c | yaml: line 1, column 5: mapping values are not allowed here",
                "a: *b | yaml: line 1, column 4: unknown anchor 'b' referenced",
                "a: &a [*a] | yaml: line 1, column 8: anchor 'a' value contains itself",
                "a: .nan | yaml: line 1, column 4: JSON has no value for .nan",
                "a: !!int x | yaml: line 1, column 4: cannot decode `x` as a !!int",
                "{a: 1, [b]: 2} | yaml: line 1, column 8: unsupported map key: [\"b\"]",
                "~: 1 | yaml: line 1, column 1: unsupported map key: null",
                "{<<: 1} | map merge requires map or sequence of maps as the value",
            })
    void anErrorSaysWhereItIs(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(JsonFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void bytesThatAreNoTextAreRefused() {
        assertThatThrownBy(() -> Yaml.read(new byte[] {'a', ':', ' ', (byte) 0xff, (byte) 0xc0}))
                .isInstanceOf(JsonFormatException.class);
    }

    @Test
    void whatIsWrittenLooksAsKubectlWritesIt() {
        var json =
                "{\"a\":{\"b\":[{\"c\":\"on\",\"d\":[1,[2,{\"e\":\"x\"}]]},\"s\"],\"f\":{},\"g\":[]},"
                        + "\"h\":\"a: b\",\"i\":\"https://127.0.0.1:6443\"}";
        assertThat(YamlWriter.text(JsonReader.parse(json)))
                .isEqualTo(
                        """
                        a:
                          b:
                          - c: "on"
                            d:
                            - 1
                            - - 2
                              - e: x
                          - s
                          f: {}
                          g: []
                        h: "a: b"
                        i: https://127.0.0.1:6443
                        """);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        var random = new SplittableRandom(3);
        for (int i = 0; i < 2_000; i++) {
            var value = JsonObject.of("v", tree(random, 4));
            assertThat(Yaml.parse(YamlWriter.text(value))).isEqualTo(value);
        }
    }

    private static final String[] TEXTS = {
        "", "on", "y", "~", "017", "0x1", "1e3", "a", "a b", "a: b", "- a", "#a", "a #b", "a\nb\n",
        "\t", "{", "&a", "*a", "!a", "%a", "@a", "`a", "<<", "=", ":", "a:", "\u0000",
                "\ud83d\udea3",
        "2026-01-01", "null", ".5", "'", "\"", "\\", "é", "\u0085", "\ufeff", "---", "...", " a ",
    };

    private static Json tree(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> Json.of(random.nextLong());
            case 1 -> Json.of(random.nextBoolean());
            case 2 -> JsonNull.NULL;
            case 3 -> Json.of(TEXTS[random.nextInt(TEXTS.length)]);
            case 4 -> {
                var array = new java.util.ArrayList<Json>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(tree(random, depth - 1));
                }
                yield JsonArray.of(array);
            }
            default -> {
                var object = JsonObject.builder();
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.put(TEXTS[random.nextInt(TEXTS.length)], tree(random, depth - 1));
                }
                yield object.build();
            }
        };
    }
}
