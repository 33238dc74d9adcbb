// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Calls back at given instants. One daemon thread for all of them; what is called must return at
/// once (post to a mailbox, start a virtual thread).
public final class Alarms implements AutoCloseable {
    /// One call that is planned. Closing it calls it off, if it is not too late.
    public interface Alarm extends AutoCloseable {
        @Override
        void close();
    }

    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor timer;

    public Alarms(InstantSource clock) {
        this.clock = clock;
        this.timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("alarms").factory());
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /// Calls `what` at `when`, at once if that has passed, and never before: as timer and clock do
    /// not run at quite the same speed, it looks at the clock again.
    public void at(Instant when, Runnable what) {
        in(
                Duration.between(clock.instant(), when),
                () -> {
                    if (clock.instant().isBefore(when)) {
                        at(when, what);
                    } else {
                        what.run();
                    }
                });
    }

    /// Calls `what` after `delay`, at once if that is negative.
    public Alarm in(Duration delay, Runnable what) {
        var planned = timer.schedule(what, Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
        return () -> planned.cancel(false);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
