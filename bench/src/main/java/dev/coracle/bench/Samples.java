// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Durations of one thing measured many times.
final class Samples {
    private final List<Duration> values = Collections.synchronizedList(new ArrayList<>());

    void add(Duration value) {
        values.add(value);
    }

    /// The value that `percent` of the samples do not exceed (nearest rank); zero when empty.
    Duration percentile(double percent) {
        var sorted = new ArrayList<>(values);
        if (sorted.isEmpty()) {
            return Duration.ZERO;
        }
        Collections.sort(sorted);
        int rank = (int) Math.ceil(percent / 100 * sorted.size());
        return sorted.get(Math.clamp(rank - 1, 0, sorted.size() - 1));
    }

    Duration median() {
        return percentile(50);
    }

    int count() {
        return values.size();
    }

    /// `p50 0.4 p90 0.6 p99 1.1 max 10.7 ms (n=20000)`, for what takes a few milliseconds.
    String tenths() {
        return "p50 %.1f p90 %.1f p99 %.1f max %.1f ms (n=%d)"
                .formatted(
                        milliseconds(50),
                        milliseconds(90),
                        milliseconds(99),
                        milliseconds(100),
                        count());
    }

    private double milliseconds(double percent) {
        return percentile(percent).toNanos() / 1e6;
    }

    /// `p50 203 p90 250 p99 260 max 260 ms (n=10)`.
    @Override
    public String toString() {
        return "p50 %d p90 %d p99 %d max %d ms (n=%d)"
                .formatted(
                        median().toMillis(),
                        percentile(90).toMillis(),
                        percentile(99).toMillis(),
                        percentile(100).toMillis(),
                        count());
    }
}
