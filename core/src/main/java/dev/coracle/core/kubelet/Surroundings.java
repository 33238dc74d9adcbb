// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What every pod of the node shares. `forget` is told the uid of a pod of which nothing is left.
record Surroundings(
        KubeletConfig config,
        Lookup lookup,
        Outbox outbox,
        RandomGenerator random,
        Consumer<String> forget) {

    /// How long the first tick of a probe is put off: while the kubelet is younger than the probe's
    /// period, by a random part of it, so that the probes of all pods do not come at once.
    ///
    /// Upstream's page: that of [ProbeSpec], "Configure Probes".
    Duration spread(Duration period) {
        var age = Duration.between(outbox.begunAt(), outbox.now());
        return age.compareTo(period) < 0
                ? Duration.ofNanos((long) (random.nextDouble() * period.toNanos()))
                : Duration.ZERO;
    }
}
