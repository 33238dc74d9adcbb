// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import java.time.Duration;

/// How often (from 0 to 1) things go wrong between a machine and the world.
///
/// `late`: a reply or notice takes up to `maxDelay` longer. `lost`: a call times out, and nobody
/// knows whether it took effect. `refused`: a call is turned down without effect. `twice`: a notice
/// is repeated.
public record Faults(double late, double lost, double refused, double twice, Duration maxDelay) {
    public static final Faults NONE = new Faults(0, 0, 0, 0, Duration.ZERO);

    /// Everything, now and then.
    public static final Faults SOME = new Faults(0.2, 0.03, 0.03, 0.1, Duration.ofSeconds(5));

    public Faults {
        for (double rate : new double[] {late, lost, refused, twice}) {
            if (rate < 0 || rate > 1) {
                throw new IllegalArgumentException("rate " + rate + " is not from 0 to 1");
            }
        }
    }
}
