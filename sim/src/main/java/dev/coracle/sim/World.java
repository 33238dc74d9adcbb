// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// Virtual time: a queue of things to happen, ordered by when, then by when they were planned.
/// Time moves only when nothing is left to do at this instant.
///
/// The same seed and the same plans give the same [#trace], line by line. For one thread.
public final class World implements InstantSource {
    /// Where virtual time begins unless told otherwise.
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final PriorityQueue<Planned> plan =
            new PriorityQueue<>(
                    Comparator.comparing(Planned::at).thenComparingLong(Planned::order));
    private final SplittableRandom random;
    private final List<String> trace = new ArrayList<>();
    private final boolean traced;
    private Instant now = START;
    private long order;
    private int foreseen;

    private record Planned(Instant at, long order, Runnable what) {}

    public World(long seed) {
        this(seed, true);
    }

    private World(long seed, boolean traced) {
        random = new SplittableRandom(seed);
        this.traced = traced;
    }

    /// One that writes no [#trace]: for long runs of which something else is wanted.
    public static World untraced(long seed) {
        return new World(seed, false);
    }

    @Override
    public Instant instant() {
        return now;
    }

    /// An independent stream of randomness, so that one component's draws never shift another's.
    /// Components ask once, in an order that does not depend on what happens.
    public SplittableRandom random() {
        return random.split();
    }

    /// Plans `what` for `when`, or for now if that has passed.
    public void at(Instant when, Runnable what) {
        plan.add(new Planned(when.isBefore(now) ? now : when, order++, what));
    }

    public void in(Duration delay, Runnable what) {
        at(now.plus(delay), what);
    }

    /// As [#in], for what a script says will happen, whatever anybody does.
    void foresee(Duration delay, Runnable what) {
        foreseen++;
        in(
                delay,
                () -> {
                    foreseen--;
                    what.run();
                });
    }

    /// How many such things are still to happen.
    int foreseen() {
        return foreseen;
    }

    /// Writes down what happened, for comparing runs and for people.
    public void note(String what) {
        if (traced) {
            trace.add("%10.3f %s".formatted(Duration.between(START, now).toMillis() / 1e3, what));
        }
    }

    public List<String> trace() {
        return List.copyOf(trace);
    }

    /// Does everything planned up to `deadline`, which is now afterwards.
    public void runUntil(Instant deadline) {
        while (true) {
            var next = plan.peek();
            if (next == null || next.at().isAfter(deadline)) {
                now = deadline.isAfter(now) ? deadline : now;
                return;
            }
            plan.remove();
            now = next.at();
            next.what().run();
        }
    }

    public void advance(Duration duration) {
        runUntil(now.plus(duration));
    }
}
