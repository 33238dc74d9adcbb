// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.store.CompactedException;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one [Controller]: watches what it reads, asks it about each key that may have changed, and
/// carries out what it wants written.
///
/// A key that is asked for many times while it waits is looked at once. A refused write (other
/// than a conflict, which only means to look again) is logged and tried again after a second.
public final class ControllerLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerLoop.class);
    private static final Duration WATCH = Duration.ofMinutes(1);
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(1);

    private final SequencedSet<ObjectKey> waiting = new LinkedHashSet<>();
    private final Closing closing = new Closing();
    private final Controller controller;
    private final Registry registry;
    private final View view;
    private final Alarms alarms;
    private final InstantSource clock;
    private final Consumer<Throwable> onCrash;

    public ControllerLoop(
            Controller controller,
            Registry registry,
            View view,
            Alarms alarms,
            InstantSource clock,
            Consumer<Throwable> onCrash) {
        this.controller = controller;
        this.registry = registry;
        this.view = view;
        this.alarms = alarms;
        this.clock = clock;
        this.onCrash = onCrash;
    }

    /// Looks at everything there is, then at what changes.
    public void start() {
        for (var trigger : controller.reads()) {
            thread(
                    controller.name() + " watch " + trigger.type().plural(),
                    () -> watch(trigger.type(), trigger.keys()));
        }
        thread(controller.name(), this::work);
    }

    private interface Body {
        void run() throws InterruptedException;
    }

    private void thread(String name, Body body) {
        var thread =
                Thread.ofVirtual()
                        .name(name)
                        .uncaughtExceptionHandler((_, crash) -> onCrash.accept(crash))
                        .start(
                                () -> {
                                    try {
                                        body.run();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt(); // closed
                                    }
                                });
        closing.add(thread::interrupt);
    }

    private void watch(ResourceType type, Function<JsonObject, List<ObjectKey>> keys)
            throws InterruptedException {
        while (true) {
            try (var watch = registry.watch(type, ListOptions.all())) {
                while (!watch.closed()) {
                    for (var event : watch.await(WATCH).events()) {
                        keys.apply(event.entry().object()).forEach(this::look);
                    }
                }
                return;
            } catch (CompactedException e) {
                LOG.debug("{}: watching {} anew", controller.name(), type.plural());
            } catch (ApiException e) {
                if (!e.is(Status.Reason.EXPIRED) && !e.is(Status.Reason.GONE)) {
                    throw e;
                }
            }
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
        for (var write : decision.writes()) {
            try {
                carryOut(write);
            } catch (ApiException e) {
                if (e.is(Status.Reason.CONFLICT)) {
                    look(key);
                } else {
                    LOG.warn("{} {}: {}", controller.name(), key, e.getMessage());
                    alarms.in(AFTER_REFUSAL, () -> look(key));
                }
                return;
            }
        }
    }

    private void carryOut(Write write) {
        var options = WriteOptions.by(controller.name());
        switch (write) {
            case Write.Create(var type, var namespace, var object) ->
                    tolerating(
                            Status.Reason.ALREADY_EXISTS,
                            () -> registry.create(type, namespace, object, options));
            case Write.Update(var type, var key, var subresource, var object) ->
                    registry.update(type, key, subresource, object, options);
            case Write.Delete(var type, var key, var deletion) ->
                    tolerating(Status.Reason.NOT_FOUND, () -> registry.delete(type, key, deletion));
        }
    }

    private static void tolerating(Status.Reason reason, Runnable write) {
        try {
            write.run();
        } catch (ApiException e) {
            if (!e.is(reason)) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        closing.close();
    }
}
