// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/// Lengths of time as people write them, and as Go does: `300ms`, `1.5s`, `1m30s`, `2h`.
///
/// <https://pkg.go.dev/time#ParseDuration>
public final class Durations {
    private static final Pattern WHOLE = Pattern.compile("(\\d+(\\.\\d+)?(h|ms|m|s))+");
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s)");
    private static final int LONGEST = 40;
    private static final Map<String, Long> MILLIS =
            Map.of("h", 3_600_000L, "m", 60_000L, "s", 1_000L, "ms", 1L);
    private static final BigDecimal MOST = BigDecimal.valueOf(Duration.ofDays(3_650).toMillis());

    private Durations() {}

    /// Reads such a text, to the millisecond.
    ///
    /// @throws IllegalArgumentException with a message that says what it should look like
    public static Duration parse(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        if (text.length() > LONGEST || !WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "must be a length of time such as 500ms, 10s, 1m30s or 2h");
        }
        var millis = BigDecimal.ZERO;
        var parts = PART.matcher(text);
        while (parts.find()) {
            var unit = MILLIS.getOrDefault(parts.group(2), 0L);
            millis = millis.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit)));
        }
        if (millis.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("must be at most ten years");
        }
        return Duration.ofMillis(millis.longValue());
    }

    /// The shortest such text.
    public static String text(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        var text = new StringBuilder();
        if (duration.toHours() > 0) {
            text.append(duration.toHours()).append('h');
        }
        if (duration.toMinutesPart() > 0) {
            text.append(duration.toMinutesPart()).append('m');
        }
        if (duration.toSecondsPart() > 0) {
            text.append(duration.toSecondsPart()).append('s');
        }
        if (duration.toMillisPart() > 0) {
            text.append(duration.toMillisPart()).append("ms");
        }
        return text.toString();
    }
}
