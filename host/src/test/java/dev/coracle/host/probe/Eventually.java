// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Waits for what happens on other threads.
final class Eventually {
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final int PAUSES = 6_000;

    private Eventually() {}

    static void holds(BooleanSupplier condition) {
        for (int i = 0; i < PAUSES && !condition.getAsBoolean(); i++) {
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
