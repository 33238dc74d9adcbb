// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StopSignalsTest {

    @ParameterizedTest
    @CsvSource({
        "SIGHUP, 1",
        "SIGABRT, 6",
        "SIGIOT, 6",
        "SIGTERM, 15",
        "SIGCLD, 17",
        "SIGSYS, 31",
        "SIGRTMIN, 34",
        "SIGRTMIN+15, 49",
        "SIGRTMAX-14, 50",
        "SIGRTMAX-1, 63",
        "SIGRTMAX, 64"
    })
    void aSignalHasItsNumberOnLinux(String name, int number) {
        assertThat(StopSignals.number(name)).isEqualTo(number);
    }

    @Test
    void whatIsNoSignalHasNoNumber() {
        assertThatThrownBy(() -> StopSignals.number("TERM"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("signal \"TERM\" is not known");
    }

    /// <https://kep.k8s.io/4960>
    @Test
    void eachOperatingSystemHasItsOwn() {
        assertThat(StopSignals.of("linux")).hasSize(65).isSorted();
        assertThat(StopSignals.of("windows")).containsExactly("SIGKILL", "SIGTERM");
        assertThat(StopSignals.of("")).isEmpty();
    }
}
