// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.kubelet;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.Prober;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.machine.Machine;
import dev.coracle.core.registry.Registry;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import dev.coracle.host.loop.Follower;
import dev.coracle.host.loop.KeyedQueue;
import dev.coracle.host.loop.Mailbox;
import dev.coracle.host.loop.Workers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the kubelet of one node: tells it of its pods and of what the runtime sees, and carries
/// out what it wants.
public final class KubeletLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KubeletLoop.class);

    /// Upstream's field manager name of the kubelet.
    private static final String MANAGER = "kubelet";

    /// Upstream looks once a minute, too.
    private static final Duration REFRESH = Duration.ofMinutes(1);

    private final Closing closing = new Closing();
    private final Registry registry;
    private final ResourceType pods;
    private final ContainerRuntime runtime;
    private final Prober prober;
    private final PodFiles files;
    private final Consumer<KubeletOutput.RecordEvent> events;
    private final Alarms alarms;
    private final KeyedQueue writes;
    private final Mailbox<KubeletInput, KubeletOutput> mailbox;
    private final Follower watch;
    private final Workers workers;

    /// The parts it stands between. `events` must return at once or be quick; `onCrash` hears of a
    /// broken invariant, after which nothing more happens here.
    public record Parts(
            Machine<KubeletInput, KubeletOutput> kubelet,
            String nodeName,
            Registry registry,
            ResourceType pods,
            ContainerRuntime runtime,
            Prober prober,
            PodFiles files,
            Consumer<KubeletOutput.RecordEvent> events,
            Alarms alarms,
            InstantSource clock,
            Consumer<Throwable> onCrash) {}

    public KubeletLoop(Parts parts) {
        this.registry = parts.registry();
        this.pods = parts.pods();
        this.runtime = parts.runtime();
        this.prober = parts.prober();
        this.files = parts.files();
        this.events = parts.events();
        this.alarms = parts.alarms();
        this.workers = new Workers(parts.onCrash());
        this.writes = new KeyedQueue("pod writes", parts.onCrash());
        this.watch = new Follower(registry, pods, "spec.nodeName=" + parts.nodeName());
        this.mailbox = new Mailbox<>(parts.kubelet(), this::carryOut, parts.clock());
    }

    /// Takes over what the runtime holds, then follows the pods of this node. Returns once the
    /// kubelet has been told of both.
    ///
    /// @throws IllegalStateException if the runtime does not say what it holds
    public void start() throws InterruptedException {
        var found = listRuntimePods();
        mailbox.tell(new KubeletInput.Started(watch.list(), found));
        closing.add(workers);
        mailbox.start("kubelet", workers);
        closing.add(runtime.watch(event -> mailbox.tell(changed(event))));
        workers.follow("kubelet watch pods", watch, new Tell());
        refreshLater();
    }

    private void refreshLater() {
        alarms.in(
                REFRESH,
                () ->
                        workers.run(
                                "volume refresh",
                                () -> {
                                    files.refresh(this::newest);
                                    refreshLater();
                                }));
    }

    /// The pod as it is now, null when it is gone or replaced.
    private @Nullable JsonObject newest(JsonObject pod) {
        try {
            var now = registry.get(pods, ObjectKey.of(pod));
            return uid(now).equals(uid(pod)) ? now : null;
        } catch (ApiException e) {
            return null;
        }
    }

    private static String uid(JsonObject pod) {
        return pod.object("metadata").string("uid");
    }

    private List<RuntimeReply.RuntimePod> listRuntimePods() throws InterruptedException {
        var reply = new CompletableFuture<RuntimeReply>();
        runtime.perform(new RuntimeCall.ListPods(), reply::complete);
        try {
            return switch (reply.get()) {
                case RuntimeReply.Pods(var found) -> found;
                case RuntimeReply other ->
                        throw new IllegalStateException(
                                "the container runtime does not list its pods: " + other);
            };
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KubeletInput changed(ContainerRuntime.RuntimeEvent event) {
        return new KubeletInput.RuntimeChanged(event.podUid());
    }

    private final class Tell implements Follower.Listener {
        @Override
        public void changed(JsonObject pod) {
            mailbox.tell(new KubeletInput.PodChanged(pod));
        }

        @Override
        public void deleted(ObjectKey key, String uid) {
            mailbox.tell(new KubeletInput.PodDeleted(key, uid));
        }
    }

    private void carryOut(KubeletOutput output, Consumer<KubeletInput> tell) {
        LOG.debug("{}", output);
        switch (output) {
            case KubeletOutput.Call(long id, var call) ->
                    runtime.perform(call, reply -> tell.accept(new KubeletInput.Reply(id, reply)));
            case KubeletOutput.Probe(long id, var call) ->
                    prober.perform(call, reply -> tell.accept(new KubeletInput.Probed(id, reply)));
            case KubeletOutput.PrepareVolumes prepare ->
                    workers.run("volumes", () -> tell.accept(files.prepare(prepare)));
            case KubeletOutput.WriteFiles write ->
                    workers.run("files", () -> tell.accept(files.write(write)));
            case KubeletOutput.RemovePodDirectory remove ->
                    workers.run("cleaning", () -> files.remove(remove));
            case KubeletOutput.WriteStatus(var key, var uid, var status) ->
                    writes.add(uid, () -> writeStatus(key, uid, status));
            case KubeletOutput.DeletePod(var key, var uid) ->
                    writes.add(uid, () -> deletePod(key, uid));
            case KubeletOutput.RecordEvent event ->
                    writes.add(event.podUid(), () -> events.accept(event));
            case KubeletOutput.WakeAt(var uid, var at) ->
                    alarms.at(at, () -> tell.accept(new KubeletInput.Tick(uid)));
        }
    }

    /// Reads, changes and writes until nobody was in between, or the pod is gone.
    private void writeStatus(ObjectKey key, String uid, JsonObject status) {
        while (true) {
            try {
                var pod = registry.get(pods, key);
                if (uid(pod).equals(uid)) {
                    registry.update(
                            pods,
                            key,
                            "status",
                            pod.with("status", status),
                            WriteOptions.by(MANAGER));
                }
                return;
            } catch (ApiException e) {
                if (e.is(Status.Reason.NOT_FOUND)) {
                    return;
                }
                if (!e.is(Status.Reason.CONFLICT)) {
                    LOG.error("pod {}: status refused: {}", key, e.getMessage());
                    return;
                }
            }
        }
    }

    private void deletePod(ObjectKey key, String uid) {
        try {
            registry.delete(pods, key, new Api.DeleteOptions(0L, null, uid, null, false));
        } catch (ApiException e) {
            if (!e.is(Status.Reason.NOT_FOUND) && !e.is(Status.Reason.CONFLICT)) {
                LOG.error("pod {}: deletion refused: {}", key, e.getMessage());
            }
        }
    }

    /// Stops deciding; containers go on running.
    @Override
    public void close() {
        closing.close();
    }
}
