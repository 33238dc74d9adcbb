// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One probe of one container of a pod, over all of the container's instances.
///
/// It ticks every `periodSeconds` from when the pod came to the node, whatever its containers do
/// in between; a probe is sent at a tick if there is something to be asked then. A probe that takes
/// longer than the period delays the next one, and ticks that were missed are not made up for.
///
///     period 10 s, initialDelaySeconds 5
///     tick   0         10        20        30
///     start        7 (due from 12)
///     probe                      20        30
///
/// Beside the ticks, a readiness probe is sent when a container is found running and not known to
/// be ready, and at once again when it has just become unready: nobody should wait a period for
/// good news.
final class ProbeWorker {
    final Container container;
    final ProbeSpec spec;
    private final Instant firstTick;

    private String containerId = "";
    private Instant from = Instant.MAX;
    private Instant delayedUntil = Instant.MAX;
    private ProbeState state;
    private boolean asked;
    private boolean triggered;
    private @Nullable Instant lastAsked;

    ProbeWorker(Container container, ProbeSpec spec, Instant firstTick) {
        this.container = container;
        this.spec = spec;
        this.firstTick = firstTick;
        this.state = ProbeState.first(spec.kind());
    }

    /// From `now` on it is asked of this instance, which started at `startedAt`; `known` is what is
    /// known of it.
    void follow(String id, Instant startedAt, ProbeState known, Instant now) {
        containerId = id;
        from = now;
        delayedUntil = startedAt.plus(spec.initialDelay());
        state = known;
        asked = false;
        lastAsked = null;
        triggered =
                spec.kind() == ProbeSpec.Kind.READINESS
                        && known.verdict() != ProbeState.Verdict.SUCCESS;
    }

    /// The container does not run.
    void rest() {
        containerId = "";
        state = ProbeState.first(spec.kind());
        asked = false;
    }

    boolean isOf(String id) {
        return containerId.equals(id) && !id.isEmpty();
    }

    String containerId() {
        return containerId;
    }

    ProbeState.Verdict verdict() {
        return state.verdict();
    }

    /// The container has only now begun to count as started.
    void begin(Instant now) {
        from = now;
    }

    /// When it is to be asked next; null: not until something happens. May lie in the past.
    @Nullable Instant due(Instant now) {
        if (containerId.isEmpty() || asked || state.isOver(spec.kind())) {
            return null;
        }
        if (triggered) {
            if (!now.isBefore(delayedUntil)) {
                return now;
            }
            triggered = false; // too early to be told anything
        }
        return lastAsked == null
                ? tickFrom(from.isAfter(delayedUntil) ? from : delayedUntil)
                : tickFrom(lastAsked.plusNanos(1));
    }

    /// The first tick that is not before `instant`.
    private Instant tickFrom(Instant instant) {
        if (!instant.isAfter(firstTick)) {
            return firstTick;
        }
        long period = spec.period().toNanos();
        long since = Duration.between(firstTick, instant).toNanos();
        return firstTick.plusNanos(Math.ceilDiv(since, period) * period);
    }

    void ask(Instant now) {
        asked = true;
        triggered = false;
        lastAsked = now;
    }

    /// Ask once more without waiting for the next tick.
    void trigger() {
        triggered = true;
    }

    /// Its question was answered, to no avail.
    void unanswered() {
        asked = false;
    }

    /// Its question was answered; true if the verdict is another one now.
    boolean answered(boolean success) {
        asked = false;
        var before = state.verdict();
        state = state.next(spec, success);
        return state.verdict() != before;
    }
}
