// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LastWordsTest {

    @Test
    void partsOfALineAreJoined() {
        assertThat(
                        LastWords.lastLines(
                                "t stdout P one \nt stdout F two\nt stderr F three\n", false))
                .isEqualTo("one two\nthree\n");
    }

    @Test
    void aLineThatBeganBeforeIsDropped() {
        assertThat(LastWords.lastLines("out F half\nt stdout F whole\n", true))
                .isEqualTo("whole\n");
    }

    @Test
    void onlyTheLastEightyLinesCount() {
        var log = new StringBuilder();
        for (int i = 1; i <= 100; i++) {
            log.append("t stdout F ").append(i).append('\n');
        }

        assertThat(LastWords.lastLines(log.toString(), false).lines())
                .hasSize(80)
                .startsWith("21")
                .endsWith("100");
    }

    @Test
    void onlyTheLastTwoKibibytesCount() {
        var log = ("t stdout F " + "x".repeat(999) + "\n").repeat(5);

        assertThat(LastWords.lastLines(log, false)).hasSize(2048).endsWith("x\n");
    }
}
