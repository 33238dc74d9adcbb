// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Back-offs by name (a container's, an image's): each failure doubles the delay until the next
/// try; a long time without one forgets it.
///
/// A container that ran for ten minutes starts from the first delay again:
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
final class BackOffs {
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
    private static final Duration STABLE = Duration.ofMinutes(10);

    private record Entry(Duration delay, Instant since) {}

    private final KubeletConfig.BackOff backOff;
    private final Map<String, Entry> entries = new HashMap<>();

    BackOffs(KubeletConfig.BackOff backOff) {
        this.backOff = backOff;
    }

    /// When `name`, which failed at `failedAt`, may be tried again; null: at once.
    @Nullable Instant notBefore(String name, Instant failedAt) {
        var entry = entries.get(name);
        return entry == null || isForgotten(entry, failedAt) ? null : failedAt.plus(entry.delay());
    }

    /// The delay that applies to `name` now, zero if none.
    Duration delay(String name) {
        var entry = entries.get(name);
        return entry == null ? Duration.ZERO : entry.delay();
    }

    /// Counts a failure of `failedAt` that is being answered `now`.
    void count(String name, Instant failedAt, Instant now) {
        var entry = entries.get(name);
        var delay =
                entry == null || isForgotten(entry, failedAt)
                        ? backOff.initial()
                        : backOff.after(entry.delay());
        entries.put(name, new Entry(delay, now));
    }

    void forget(String name) {
        entries.remove(name);
    }

    private static boolean isForgotten(Entry entry, Instant failedAt) {
        return Duration.between(entry.since(), failedAt).compareTo(STABLE) > 0;
    }
}
