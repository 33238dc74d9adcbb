// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.math.BigDecimal;
import java.time.Duration;

/// Durations as Kubernetes' messages write them: `10s`, `1m20s`, `1.234s`, `84ms`.
public final class GoDuration {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private GoDuration() {}

    public static String text(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return duration.isZero() ? "0s" : plain(duration.toNanos(), 6) + "ms";
        }
        var seconds =
                plain(duration.toSecondsPart() * 1000L * NANOS_PER_MILLI + duration.getNano(), 9);
        if (duration.toHours() > 0) {
            return duration.toHours() + "h" + duration.toMinutesPart() + "m" + seconds + "s";
        }
        return duration.toMinutes() > 0
                ? duration.toMinutes() + "m" + seconds + "s"
                : seconds + "s";
    }

    private static String plain(long number, int scale) {
        var value = BigDecimal.valueOf(number, scale).stripTrailingZeros();
        return value.signum() == 0 ? "0" : value.toPlainString();
    }
}
