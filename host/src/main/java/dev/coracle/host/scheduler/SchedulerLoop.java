// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.scheduler;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.machine.Machine;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.scheduler.SchedulerInput;
import dev.coracle.core.scheduler.SchedulerOutput;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Follower;
import dev.coracle.host.loop.KeyedQueue;
import dev.coracle.host.loop.Mailbox;
import dev.coracle.host.loop.Workers;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the scheduler: tells it of pods and nodes, and binds as it says.
public final class SchedulerLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerLoop.class);
    private static final String MANAGER = "kube-scheduler";

    private final Registry registry;
    private final ResourceType pods;
    private final Follower podFollower;
    private final Follower nodeFollower;
    private final Consumer<EventRequest> events;
    private final Alarms alarms;
    private final KeyedQueue writes;
    private final Mailbox<SchedulerInput, SchedulerOutput> mailbox;
    private final Workers workers;

    /// What it stands between; `events` may take as long as a write.
    public record Parts(
            Machine<SchedulerInput, SchedulerOutput> scheduler,
            Registry registry,
            ResourceType pods,
            ResourceType nodes,
            Consumer<EventRequest> events,
            Alarms alarms,
            InstantSource clock,
            Consumer<Throwable> onCrash) {}

    public SchedulerLoop(Parts parts) {
        this.registry = parts.registry();
        this.pods = parts.pods();
        this.podFollower = new Follower(registry, pods, "");
        this.nodeFollower = new Follower(registry, parts.nodes(), "");
        this.events = parts.events();
        this.alarms = parts.alarms();
        this.workers = new Workers(parts.onCrash());
        this.writes = new KeyedQueue("scheduler", parts.onCrash());
        this.mailbox = new Mailbox<>(parts.scheduler(), this::carryOut, parts.clock());
    }

    public void start() {
        mailbox.tell(
                new SchedulerInput.Changes(
                        podFollower.list(), List.of(), nodeFollower.list(), List.of()));
        mailbox.start("scheduler", workers);
        workers.follow("scheduler watch pods", podFollower, new PodsChanged());
        workers.follow("scheduler watch nodes", nodeFollower, new NodesChanged());
    }

    private final class PodsChanged implements Follower.Listener {
        @Override
        public void changed(JsonObject pod) {
            tell(List.of(pod), List.of(), List.of(), List.of());
        }

        @Override
        public void deleted(ObjectKey key, String uid) {
            tell(List.of(), List.of(key), List.of(), List.of());
        }
    }

    private final class NodesChanged implements Follower.Listener {
        @Override
        public void changed(JsonObject node) {
            tell(List.of(), List.of(), List.of(node), List.of());
        }

        @Override
        public void deleted(ObjectKey key, String uid) {
            tell(List.of(), List.of(), List.of(), List.of(key.name()));
        }
    }

    private void tell(
            List<JsonObject> changedPods,
            List<ObjectKey> gonePods,
            List<JsonObject> changedNodes,
            List<String> goneNodes) {
        mailbox.tell(new SchedulerInput.Changes(changedPods, gonePods, changedNodes, goneNodes));
    }

    private void carryOut(SchedulerOutput output, Consumer<SchedulerInput> tell) {
        switch (output) {
            case SchedulerOutput.Bind bind ->
                    writes.add(bind.key().toString(), () -> bind(bind, tell));
            case SchedulerOutput.PatchStatus(var key, var patch) ->
                    writes.add(key.toString(), () -> patchStatus(key, patch));
            case SchedulerOutput.RecordEvent(var event) ->
                    writes.add(event.regarding().uid(), () -> events.accept(event));
            case SchedulerOutput.WakeAt(var at) ->
                    alarms.at(at, () -> tell.accept(new SchedulerInput.Tick()));
        }
    }

    private void bind(SchedulerOutput.Bind bind, Consumer<SchedulerInput> tell) {
        try {
            registry.update(pods, bind.key(), "binding", bind.binding(), WriteOptions.by(MANAGER));
        } catch (ApiException e) {
            LOG.info("pod {} cannot be bound: {}", bind.key(), e.getMessage());
            tell.accept(
                    new SchedulerInput.BindFailed(bind.key(), bind.podUid(), e.status().message()));
            return;
        }
        bind.events().forEach(events);
    }

    private void patchStatus(ObjectKey key, JsonObject patch) {
        try {
            registry.patch(
                    pods,
                    key,
                    "status",
                    new Api.Patch(Api.Patch.Format.STRATEGIC_MERGE, patch),
                    WriteOptions.by(MANAGER));
        } catch (ApiException e) {
            // another uid is a conflict: the pod was replaced
            if (!e.is(Status.Reason.NOT_FOUND) && !e.is(Status.Reason.CONFLICT)) {
                LOG.warn("pod {}: status refused: {}", key, e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
