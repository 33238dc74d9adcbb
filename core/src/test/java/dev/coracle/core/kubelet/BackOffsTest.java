// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class BackOffsTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private final BackOffs backOffs = new BackOffs(KubeletConfig.BackOff.UPSTREAM);

    @Test
    void theFirstFailureIsAnsweredAtOnce() {
        assertThat(backOffs.notBefore("app", T0)).isNull();
        assertThat(backOffs.delay("app")).isZero();
    }

    @Test
    void theDelayDoublesFromTenSecondsToFiveMinutes() {
        var delays = new ArrayList<Long>();
        var now = T0;
        for (int i = 0; i < 8; i++) {
            backOffs.count("app", now, now);
            delays.add(backOffs.delay("app").toSeconds());
            now = now.plus(backOffs.delay("app"));
        }

        assertThat(delays).containsExactly(10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
    }

    @Test
    void tenMinutesOfRunningForgetIt() {
        backOffs.count("app", T0, T0);
        backOffs.count("app", T0, T0);
        var almost = T0.plus(Duration.ofMinutes(10));
        var after = almost.plusSeconds(1);

        assertThat(backOffs.notBefore("app", almost)).isEqualTo(almost.plusSeconds(20));
        assertThat(backOffs.notBefore("app", after)).isNull();

        backOffs.count("app", after, after);
        assertThat(backOffs.delay("app")).hasSeconds(10);
    }

    @Test
    void namesDoNotShareDelays() {
        backOffs.count("app", T0, T0);

        assertThat(backOffs.notBefore("other", T0)).isNull();
    }
}
