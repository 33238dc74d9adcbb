// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Writer;
import dev.coracle.core.controller.Writer.Outcome;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/// Runs one controller in virtual time: what changed is looked at when it is told, and what it
/// wants written is written then.
final class ControllerShell {
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 10;

    private final World world;
    private final Controller controller;
    private final Registry registry;
    private final View view;
    private final Writer writer;
    private final Map<Controller.Trigger, ObjectWatch> watches = new LinkedHashMap<>();
    private final SequencedSet<ObjectKey> waiting = new LinkedHashSet<>();
    private final Map<ObjectKey, Integer> refusals = new HashMap<>();
    private boolean working;

    ControllerShell(
            World world, Controller controller, SimulatedApi api, Registry registry, View view) {
        this.world = world;
        this.controller = controller;
        this.registry = registry;
        this.view = view;
        this.writer = new Writer(registry, controller.name(), api::record);
    }

    void start() {
        for (var trigger : controller.reads()) {
            watches.put(trigger, registry.watch(trigger.type(), ListOptions.all()));
        }
        pump();
    }

    /// Takes what the watches have for it, and works until nothing waits.
    void pump() {
        watches.forEach(
                (trigger, watch) -> {
                    for (var event : watch.poll().events()) {
                        var previous = event.previous();
                        if (previous != null) {
                            waiting.addAll(trigger.keys().of(view, previous.object()));
                        }
                        waiting.addAll(trigger.keys().of(view, event.entry().object()));
                    }
                });
        if (!working) {
            working = true;
            while (!waiting.isEmpty()) {
                reconcile(waiting.removeFirst());
            }
            working = false;
        }
    }

    private void look(ObjectKey key) {
        waiting.add(key);
        pump();
    }

    private void reconcile(ObjectKey key) {
        var decision = controller.reconcile(view, key, world.instant());
        if (decision.again() != null) {
            world.in(decision.again(), () -> look(key));
        }
        switch (writer.write(decision.writes())) {
            case Outcome.Done() -> refusals.remove(key);
            case Outcome.Conflict() -> waiting.add(key);
            case Outcome.Refused(var status) -> {
                world.note(
                        "%s %s is refused: %s".formatted(controller.name(), key, status.message()));
                int before = refusals.merge(key, 1, Integer::sum) - 1;
                var delay = AFTER_REFUSAL.multipliedBy(1L << Math.min(before, MOST_DOUBLINGS));
                world.in(delay, () -> look(key));
            }
        }
    }
}
