// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import java.time.Duration;
import java.util.SplittableRandom;

/// How often (from 0 to 1) things go wrong between a machine and the world.
///
/// `late`: a reply or notice takes up to `maxDelay` longer. `lost`: a call times out, and nobody
/// knows whether it took effect; a question over the network gets no answer in time. `refused`: a
/// call is turned down without effect. `twice`: a notice is repeated. `conflicts`: somebody else
/// writes an object just before the kubelet does.
public record Faults(
        double late,
        double lost,
        double refused,
        double twice,
        double conflicts,
        Duration maxDelay) {
    public static final Faults NONE = new Faults(0, 0, 0, 0, 0, Duration.ZERO);

    /// Everything, now and then.
    public static final Faults SOME = new Faults(0.2, 0.03, 0.03, 0.1, 0.1, Duration.ofSeconds(5));

    public Faults {
        for (double rate : new double[] {late, lost, refused, twice, conflicts}) {
            if (rate < 0 || rate > 1) {
                throw new IllegalArgumentException("rate " + rate + " is not from 0 to 1");
            }
        }
    }

    /// How much longer than usual something takes this time; draws twice, late or not.
    Duration lateness(SplittableRandom random) {
        boolean isLate = random.nextDouble() < late;
        double share = random.nextDouble();
        return isLate ? Duration.ofNanos((long) (maxDelay.toNanos() * share)) : Duration.ZERO;
    }
}
