// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.event;

import java.time.Duration;
import java.time.Instant;

/// Lets a burst through and then one each `refill`. Starts full.
final class TokenBucket {
    private final int burst;
    private final Duration refill;
    private int tokens;
    private Instant counted;

    TokenBucket(int burst, Duration refill, Instant now) {
        this.burst = burst;
        this.refill = refill;
        this.tokens = burst;
        this.counted = now;
    }

    boolean tryTake(Instant now) {
        if (now.isAfter(counted)) {
            long earned = Duration.between(counted, now).dividedBy(refill);
            if (tokens + earned >= burst) {
                tokens = burst;
                counted = now;
            } else {
                tokens += (int) earned;
                counted = counted.plus(refill.multipliedBy(earned));
            }
        }
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }
}
