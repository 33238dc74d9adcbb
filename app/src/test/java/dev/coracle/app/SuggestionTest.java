// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {

    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "run, run, 0",
        "rnu, run, 1",
        "rn, run, 1",
        "runs, run, 1",
        "up, run, 2"
    })
    void aSwapCountsAsOneSlip(String from, String to, int distance) {
        assertThat(Suggestion.distance(from, to)).isEqualTo(distance);
        assertThat(Suggestion.distance(to, from)).isEqualTo(distance);
    }

    @Test
    void theNearestWordIsMeant() {
        var verbs = List.of("run", "up", "down", "kubeconfig");
        assertThat(Suggestion.of("rnu", verbs)).contains("run");
        assertThat(Suggestion.of("kubecofnig", verbs)).contains("kubeconfig");
        assertThat(Suggestion.of("explain", verbs)).isEmpty();
    }
}
