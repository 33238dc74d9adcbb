// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry.Listing;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.scheduler.Scheduler;
import dev.coracle.core.scheduler.SchedulerInput;
import dev.coracle.core.scheduler.SchedulerOutput;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs the scheduler in virtual time.
final class SchedulerShell {
    private final World world;
    private final SimulatedApi api;
    private final Scheduler scheduler = new Scheduler();
    private @Nullable ObjectWatch pods;
    private @Nullable ObjectWatch nodes;

    SchedulerShell(World world, SimulatedApi api) {
        this.world = world;
        this.api = api;
    }

    void start() {
        var podList = api.listPods();
        var nodeList = api.listNodes();
        pods = api.watchPods(podList.revision());
        nodes = api.watchNodes(nodeList.revision());
        tell(new SchedulerInput.Changes(objects(podList), List.of(), objects(nodeList), List.of()));
    }

    private static List<JsonObject> objects(Listing listing) {
        return listing.entries().stream().map(entry -> entry.object()).toList();
    }

    /// Takes what the watches have for us.
    void pump() {
        if (pods == null || nodes == null) {
            return;
        }
        var podChanges = newest(pods);
        var nodeChanges = newest(nodes);
        if (podChanges.isEmpty() && nodeChanges.isEmpty()) {
            return;
        }
        tell(
                new SchedulerInput.Changes(
                        present(podChanges),
                        gone(podChanges),
                        present(nodeChanges),
                        gone(nodeChanges).stream().map(ObjectKey::name).toList()));
    }

    /// The newest event of each object.
    private static Map<ObjectKey, ObjectWatch.Event> newest(ObjectWatch watch) {
        var newest = new LinkedHashMap<ObjectKey, ObjectWatch.Event>();
        for (var event : watch.poll().events()) {
            newest.put(ObjectKey.of(event.entry().object()), event);
        }
        return newest;
    }

    private static List<JsonObject> present(Map<ObjectKey, ObjectWatch.Event> changes) {
        return changes.values().stream()
                .filter(event -> event.type() != ObjectWatch.Type.DELETED)
                .map(event -> event.entry().object())
                .toList();
    }

    private static List<ObjectKey> gone(Map<ObjectKey, ObjectWatch.Event> changes) {
        return changes.entrySet().stream()
                .filter(entry -> entry.getValue().type() == ObjectWatch.Type.DELETED)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void tell(SchedulerInput input) {
        scheduler.handle(input, world.instant()).forEach(this::carryOut);
    }

    private void carryOut(SchedulerOutput output) {
        switch (output) {
            case SchedulerOutput.Bind bind -> bind(bind);
            case SchedulerOutput.PatchStatus(var key, var patch) -> {
                try {
                    api.patchPodStatus(key, patch);
                } catch (ApiException e) {
                    world.note("condition of " + key + " is refused: " + e.getMessage());
                }
            }
            case SchedulerOutput.RecordEvent(var event) -> api.record(event);
            case SchedulerOutput.WakeAt(var at) ->
                    world.at(at, () -> tell(new SchedulerInput.Tick()));
        }
    }

    private void bind(SchedulerOutput.Bind bind) {
        try {
            api.bind(bind.key(), bind.binding());
        } catch (ApiException e) {
            var failed =
                    new SchedulerInput.BindFailed(bind.key(), bind.podUid(), "" + e.getMessage());
            world.in(Duration.ofMillis(1), () -> tell(failed));
            return;
        }
        bind.events().forEach(api::record);
    }
}
