// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coracle.core.kubelet.ContainerRuntime.RuntimeEvent;
import dev.coracle.cri.proto.ContainerEventResponse;
import dev.coracle.cri.proto.ContainerEventType;
import dev.coracle.cri.proto.ContainerState;
import dev.coracle.cri.proto.GetEventsRequest;
import dev.coracle.cri.proto.PodSandboxState;
import dev.coracle.cri.proto.containerd.Envelope;
import dev.coracle.cri.proto.containerd.SubscribeRequest;
import dev.coracle.cri.proto.containerd.TaskDelete;
import dev.coracle.cri.proto.containerd.TaskEvent;
import dev.coracle.cri.proto.containerd.TaskExit;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells of pods whose containers or sandboxes changed by themselves: from containerd's event
/// stream, else from CRI's own, and in any case from comparing lists now and then.
final class RuntimeWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeWatch.class);

    /// How often lists are compared while a stream tells of changes, and while none does.
    private static final Duration RELIST_BESIDE_STREAM = Duration.ofSeconds(10);

    private static final Duration RELIST_ALONE = Duration.ofSeconds(1);
    private static final Duration RECONNECT = Duration.ofMillis(500);

    /// How long cleaning up after a container is waited for.
    private static final Duration CLEANED_WITHIN = Duration.ofSeconds(1);

    /// How long the runtime may take to notice what its own events told.
    private static final int SETTLE_ATTEMPTS = 60;

    private static final Duration SETTLE_STEP_MAX = Duration.ofMillis(50);

    private enum Source {
        CONTAINERD,
        CRI,
        NONE
    }

    private final CriConnection connection;
    private final PodInspection inspection;
    private final Consumer<RuntimeEvent> sink;
    private final Map<String, CountDownLatch> beingCleaned = new ConcurrentHashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private final Thread streaming;
    private final Thread relisting;
    private volatile boolean streams;
    private volatile boolean closed;

    RuntimeWatch(CriConnection connection, PodInspection inspection, Consumer<RuntimeEvent> sink) {
        this.connection = connection;
        this.inspection = inspection;
        this.sink = sink;
        this.streaming = Thread.ofVirtual().name("cri-events").unstarted(this::follow);
        this.relisting = Thread.ofVirtual().name("cri-relist").unstarted(this::relist);
    }

    void start() {
        streaming.start();
        relisting.start();
    }

    private void follow() {
        var source = Source.CONTAINERD;
        try {
            while (!closed && source != Source.NONE) {
                source = follow(source);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /// Follows one stream to its end and returns where to go on.
    private Source follow(Source source) throws InterruptedException {
        try {
            streams = true;
            switch (source) {
                case CONTAINERD -> followContainerd();
                case CRI -> followCri();
                case NONE -> throw new IllegalStateException("nothing to follow");
            }
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return after(source);
            }
        } finally {
            streams = false;
            wake.release();
        }
        Thread.sleep(RECONNECT);
        return source;
    }

    private static Source after(Source source) {
        if (source == Source.CONTAINERD) {
            return Source.CRI;
        }
        LOG.info("The container runtime offers no events: looking at its lists every second");
        return Source.NONE;
    }

    private void followContainerd() {
        var only = "namespace==" + CriRuntime.CONTAINERD_NAMESPACE + ",topic==";
        var request =
                SubscribeRequest.newBuilder()
                        .addFilters(only + "\"/tasks/exit\"")
                        .addFilters(only + "\"/tasks/delete\"")
                        .addFilters(only + "\"/tasks/oom\"")
                        .build();
        connection.stream(CriMethods.SUBSCRIBE, request, this::accept);
    }

    private void accept(Envelope event) {
        try {
            var payload = event.getEvent().getValue();
            switch (event.getTopic()) {
                case "/tasks/oom" -> {
                    var id = TaskEvent.parseFrom(payload).getContainerId();
                    Thread.startVirtualThread(() -> tellOfReason(id));
                }
                case "/tasks/delete" -> cleaned(TaskDelete.parseFrom(payload));
                default -> ended(TaskExit.parseFrom(payload));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("containerd event " + event.getTopic(), e);
        }
    }

    private void ended(TaskExit exit) {
        var id = exit.getContainerId();
        // An exec's process ends under an id of its own: that is no change of the container.
        if (exit.getId().equals(id)) {
            var cleaned = new CountDownLatch(1);
            beingCleaned.put(id, cleaned);
            Thread.startVirtualThread(() -> tellWhenSettled(id, cleaned));
        }
    }

    private void cleaned(TaskDelete deletion) {
        var id = deletion.getContainerId();
        var cleaned = beingCleaned.get(id);
        if (cleaned != null && (deletion.getId().isEmpty() || deletion.getId().equals(id))) {
            cleaned.countDown();
        }
    }

    private void followCri() {
        connection.stream(
                CriMethods.GET_CONTAINER_EVENTS,
                GetEventsRequest.getDefaultInstance(),
                this::accept);
    }

    private void accept(ContainerEventResponse event) {
        if (event.getContainerEventType() == ContainerEventType.CONTAINER_CREATED_EVENT) {
            return;
        }
        var uid = event.getPodSandboxStatus().getMetadata().getUid();
        if (uid.isEmpty()) {
            Thread.startVirtualThread(() -> tellOfReason(event.getContainerId()));
        } else {
            sink.accept(new RuntimeEvent(uid));
        }
    }

    /// The reason of an end may come after the end itself.
    private void tellOfReason(String id) {
        try {
            inspection.forget(id);
            var owner = inspection.owner(id);
            if (owner != null) {
                sink.accept(new RuntimeEvent(owner.podUid()));
            }
        } catch (StatusRuntimeException e) {
            wake.release(); // the runtime is away; the relist will find out
        }
    }

    /// The end is told by containerd, whose CRI part hears of it when we do: who asks at once is
    /// told that the container is still running. First it has runc clean up, which takes longer
    /// than all the rest and is told of, too; a moment later it knows.
    private void tellWhenSettled(String id, CountDownLatch cleaned) {
        try {
            var _ = cleaned.await(CLEANED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            var owner = inspection.owner(id);
            if (owner == null) {
                return;
            }
            var step = Duration.ofMillis(1);
            for (int i = 0; i < SETTLE_ATTEMPTS && !ended(id, owner); i++) {
                Thread.sleep(step);
                step = step.compareTo(SETTLE_STEP_MAX) < 0 ? step.multipliedBy(2) : step;
            }
            sink.accept(new RuntimeEvent(owner.podUid()));
        } catch (StatusRuntimeException e) {
            wake.release(); // the runtime is away; the relist will find out
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            beingCleaned.remove(id, cleaned);
        }
    }

    private boolean ended(String id, PodInspection.Owner owner) {
        if (owner.sandbox()) {
            var status = inspection.sandboxStatus(id);
            return status == null || status.getState() == PodSandboxState.SANDBOX_NOTREADY;
        }
        var status = inspection.containerStatus(id);
        return status == null || status.getState() != ContainerState.CONTAINER_RUNNING;
    }

    private void relist() {
        Map<String, List<String>> before = Map.of();
        try {
            while (!closed) {
                before = compare(before);
                var pause = streams ? RELIST_BESIDE_STREAM : RELIST_ALONE;
                if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                    Thread.sleep(RELIST_ALONE); // a runtime that is away is not asked all the time
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private Map<String, List<String>> compare(Map<String, List<String>> before) {
        Map<String, List<String>> now;
        try {
            now = states();
        } catch (StatusRuntimeException e) {
            LOG.debug("The container runtime does not answer: {}", e.getMessage());
            return before;
        }
        now.forEach(
                (uid, states) -> {
                    if (!states.equals(before.get(uid))) {
                        sink.accept(new RuntimeEvent(uid));
                    }
                });
        for (var uid : before.keySet()) {
            if (!now.containsKey(uid)) {
                sink.accept(new RuntimeEvent(uid));
            }
        }
        return now;
    }

    /// What is in which state, by pod.
    private Map<String, List<String>> states() {
        var states = new HashMap<String, List<String>>();
        for (var sandbox : inspection.sandboxes("")) {
            var uid = sandbox.getLabelsOrDefault(PodLabels.POD_UID, "");
            add(states, uid, sandbox.getId() + " " + sandbox.getStateValue());
        }
        for (var container : inspection.containers("")) {
            var uid = container.getLabelsOrDefault(PodLabels.POD_UID, "");
            add(states, uid, container.getId() + " " + container.getStateValue());
        }
        states.values().forEach(list -> list.sort(null));
        return states;
    }

    private static void add(Map<String, List<String>> states, String uid, String state) {
        if (!uid.isEmpty()) {
            states.computeIfAbsent(uid, _ -> new ArrayList<>()).add(state);
        }
    }

    @Override
    public void close() {
        closed = true;
        streaming.interrupt();
        relisting.interrupt();
    }
}
