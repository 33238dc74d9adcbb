// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import dev.coracle.core.api.Timestamps;
import java.time.Duration;
import java.time.Instant;

/// Lengths of time in two units at most: `42s`, `5m3s`, `3h`, `2d4h`, `3y20d`.
final class Ages {
    private static final int YEAR = 365;

    private Ages() {}

    /// `<unknown>` when there is no such time.
    static String since(String timestamp, Instant now) {
        var then = Timestamps.parse(timestamp);
        return then == null ? "<unknown>" : text(Duration.between(then, now));
    }

    static String text(Duration duration) {
        long seconds = duration.toMillis() / 1000;
        if (seconds < 0) {
            return seconds < -1 ? "<invalid>" : "0s";
        }
        if (seconds < 120) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return two(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        return hours(minutes);
    }

    private static String hours(long minutes) {
        long hours = minutes / 60;
        if (hours < 8) {
            return two(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        long days = hours / 24;
        if (days < 8) {
            return two(days, "d", hours % 24, "h");
        }
        if (days < 2 * YEAR) {
            return days + "d";
        }
        return days < 8 * YEAR ? two(days / YEAR, "y", days % YEAR, "d") : days / YEAR + "y";
    }

    private static String two(long many, String unit, long rest, String smaller) {
        return rest == 0 ? many + unit : many + unit + rest + smaller;
    }
}
