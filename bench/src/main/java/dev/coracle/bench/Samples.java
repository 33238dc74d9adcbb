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

    /// `p50 203 p90 250 max 260 ms (n=10)`.
    @Override
    public String toString() {
        return "p50 %d p90 %d max %d ms (n=%d)"
                .formatted(
                        median().toMillis(),
                        percentile(90).toMillis(),
                        percentile(100).toMillis(),
                        count());
    }
}
