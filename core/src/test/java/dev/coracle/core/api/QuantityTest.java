// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.JsonReader;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0m, 0",
        "1, 1",
        "0.5, 500m",
        "500m, 500m",
        "1000m, 1",
        "0.1, 100m",
        "1500m, 1500m",
        "1Gi, 1Gi",
        "1024Mi, 1Gi",
        "1.5Gi, 1536Mi",
        "512Ki, 512Ki",
        "0.5Ki, 512",
        "1e3, 1e3",
        "1000, 1k",
        "1000000, 1M",
        "100k, 100k",
        "1E, 1E",
        "1e18, 1e18",
        "0.0000000001, 1n",
        "1.500, 1.500",
        "128974848, 128974848",
        "129e6, 129e6",
        "129M, 129M",
        "123Mi, 123Mi",
        ".5, 500m",
        "5., 5.",
        "-1.5, -1500m",
        "0.5Gi, 512Mi",
        "10000m, 10",
        "16Ei, 9223372036854775807",
        "0.1Ki, 102400m",
        "-2000m, -2",
        "1000E, 1000E",
    })
    void theCanonicalFormIsUpstreams(String text, String canonical) {
        assertThat(Quantity.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1x", "1 Gi", "Gi", "1gi", "1.2.3", "1e", "--1", "1KiB", "0x10", "1K"})
    void whatIsNoQuantityIsRefused(String text) {
        assertThatThrownBy(() -> Quantity.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("quantities must match the regular expression");
    }

    @Test
    void numbersAreQuantitiesToo() {
        assertThat(Quantity.of(JsonReader.parse("[1.5, \"2Gi\"]")).isEmpty()).isTrue();
        assertThat(Quantity.of(JsonReader.parse("1.5"))).contains(Quantity.parse("1500m"));
        assertThat(Quantity.of(JsonReader.parse("\"2Gi\""))).contains(Quantity.parse("2Gi"));
        assertThat(Quantity.of(JsonReader.parse("\"2 Gi\""))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1000",
        "1m, 1, 1",
        "1500m, 2, 1500",
        "1u, 1, 1",
        "-1500m, -2, -1500",
        "1Ki, 1024, 1024000",
        "2.5, 3, 2500",
        "1e30, 9223372036854775807, 9223372036854775807",
    })
    void valuesAreRoundedUp(String text, long value, long milli) {
        assertThat(Quantity.parse(text).value()).isEqualTo(value);
        assertThat(Quantity.parse(text).milliValue()).isEqualTo(milli);
    }

    @Test
    void equalAmountsAreEqualHoweverTheyAreWritten() {
        assertThat(Quantity.parse("1000m")).isEqualTo(Quantity.parse("1"));
        assertThat(Quantity.parse("1Ki")).isEqualTo(Quantity.parse("1024"));
        assertThat(Quantity.parse("1Ki").hashCode()).isEqualTo(Quantity.parse("1024").hashCode());
        assertThat(Quantity.parse("1Ki")).isGreaterThan(Quantity.parse("1k"));
    }

    @Test
    void aSumKeepsTheFirstOnesSuffixes() {
        assertThat(Quantity.parse("1Gi").plus(Quantity.parse("1024"))).hasToString("1048577Ki");
        assertThat(Quantity.ZERO.plus(Quantity.parse("1Gi"))).hasToString("1Gi");
        assertThat(Quantity.parse("1").minus(Quantity.parse("250m"))).hasToString("750m");
    }

    @Test
    void hugeExponentsCostNothing() {
        assertThat(Quantity.parse("1e-999999999").value()).isEqualTo(1);
        assertThat(Quantity.parse("1e999999999").value()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theCanonicalFormMeansTheSameAndIsStable() {
        var random = new SplittableRandom(7);
        var suffixes =
                new String[] {"n", "u", "m", "", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-3"};
        for (int i = 0; i < 20_000; i++) {
            var number = BigDecimal.valueOf(random.nextInt(-100_000, 100_000), random.nextInt(4));
            var text = number.toPlainString() + suffixes[random.nextInt(suffixes.length)];
            var quantity = Quantity.parse(text);
            var again = Quantity.parse(quantity.toString());
            assertThat(again).as(text).isEqualTo(quantity);
            if (quantity.format() != Quantity.Format.BINARY_SI) { // its suffix may be none at all
                assertThat(again).as(text).hasToString(quantity.toString());
            }
        }
    }

    @Test
    void additionAndSubtractionUndoEachOther() {
        var random = new SplittableRandom(8);
        for (int i = 0; i < 5_000; i++) {
            var a = Quantity.ofMillis(random.nextInt());
            var b = Quantity.ofBytes(random.nextInt());
            assertThat(a.plus(b).minus(b)).isEqualTo(a);
            assertThat(a.plus(b)).isEqualTo(b.plus(a));
            assertThat(a.compareTo(b)).isEqualTo(a.minus(b).signum());
        }
    }
}
