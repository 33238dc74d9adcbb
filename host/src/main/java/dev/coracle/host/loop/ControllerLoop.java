// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Writer;
import dev.coracle.core.controller.Writer.Outcome;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.store.CompactedException;
import dev.coracle.core.store.Entry;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one [Controller]: watches what it reads, asks it about each key that may have changed, and
/// carries out what it wants written.
///
/// A key that is asked for many times while it waits is looked at once. A refused write (other
/// than a conflict, which only means to look again) is logged and tried again after a second, and
/// each time after twice as long, up to a quarter of an hour.
public final class ControllerLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerLoop.class);
    private static final Duration WATCH = Duration.ofMinutes(1);
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 10;

    private final SequencedSet<ObjectKey> waiting = new LinkedHashSet<>();
    private final Controller controller;
    private final Registry registry;
    private final View view;
    private final Alarms alarms;
    private final InstantSource clock;
    private final Workers workers;
    private final Writer writer;

    /// How often in a row each key met a refusal. Of the worker alone.
    private final Map<ObjectKey, Integer> refusals = new HashMap<>();

    /// `events` records what the controller has to say.
    public ControllerLoop(
            Controller controller,
            Registry registry,
            View view,
            Consumer<EventRequest> events,
            Alarms alarms,
            InstantSource clock,
            Consumer<Throwable> onCrash) {
        this.controller = controller;
        this.writer = new Writer(registry, controller.name(), events);
        this.registry = registry;
        this.view = view;
        this.alarms = alarms;
        this.clock = clock;
        this.workers = new Workers(onCrash);
    }

    /// Looks at everything there is, then at what changes.
    public void start() {
        for (var trigger : controller.reads()) {
            workers.keep(
                    controller.name() + " watch " + trigger.type().plural(), () -> watch(trigger));
        }
        workers.keep(controller.name(), this::work);
    }

    private void watch(Controller.Trigger trigger) throws InterruptedException {
        while (true) {
            try (var watch = registry.watch(trigger.type(), ListOptions.all())) {
                while (!watch.closed()) {
                    for (var event : watch.await(WATCH).events()) {
                        look(trigger, event.previous());
                        look(trigger, event.entry());
                    }
                }
                return;
            } catch (CompactedException e) {
                LOG.debug("{}: watching {} anew", controller.name(), trigger.type().plural());
            } catch (ApiException e) {
                if (!e.is(Status.Reason.EXPIRED) && !e.is(Status.Reason.GONE)) {
                    throw e;
                }
            }
        }
    }

    private void look(Controller.Trigger trigger, @Nullable Entry entry) {
        if (entry != null) {
            trigger.keys().of(view, entry.object()).forEach(this::look);
        }
    }

    private void look(ObjectKey key) {
        synchronized (waiting) {
            if (waiting.add(key)) {
                waiting.notifyAll();
            }
        }
    }

    private void work() throws InterruptedException {
        while (true) {
            ObjectKey key;
            synchronized (waiting) {
                while (waiting.isEmpty()) {
                    waiting.wait();
                }
                key = waiting.removeFirst();
            }
            reconcile(key);
        }
    }

    private void reconcile(ObjectKey key) {
        var decision = controller.reconcile(view, key, clock.instant());
        if (decision.again() != null) {
            alarms.in(decision.again(), () -> look(key));
        }
        switch (writer.write(decision.writes())) {
            case Outcome.Done() -> refusals.remove(key);
            case Outcome.Conflict() -> look(key);
            case Outcome.Refused(Status status) -> {
                LOG.warn("{} {}: {}", controller.name(), key, status.message());
                int before = refusals.merge(key, 1, Integer::sum) - 1;
                var delay = AFTER_REFUSAL.multipliedBy(1L << Math.min(before, MOST_DOUBLINGS));
                alarms.in(delay, () -> look(key));
            }
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
