// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.machine.Machine;
import dev.coracle.core.view.Pod;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// All pods of one node.
///
/// Pods are independent of one another: each has a [PodMachine], which has at most one sequence of
/// calls under way.
///
/// <https://kubernetes.io/docs/concepts/architecture/#kubelet>
public final class Kubelet implements Machine<KubeletInput, KubeletOutput> {
    private static final int DEFAULT_GRACE_SECONDS = 30;

    private final Outbox outbox = new Outbox();
    private final Surroundings around;
    private final Map<String, PodMachine> pods = new LinkedHashMap<>();

    /// `random` spreads probes after a restart.
    public Kubelet(KubeletConfig config, Lookup lookup, RandomGenerator random) {
        around = new Surroundings(config, lookup, outbox, random, pods::remove);
    }

    @Override
    public List<KubeletOutput> handle(KubeletInput input, Instant now) {
        outbox.at(now);
        switch (input) {
            case KubeletInput.Started(var known, var found) -> adopt(known, found);
            case KubeletInput.PodChanged(var tree) -> changed(Pod.of(tree));
            case KubeletInput.PodDeleted(_, var uid) -> with(uid, PodMachine::deleted);
            case KubeletInput.Reply(long callId, var reply) -> outbox.deliver(callId, reply);
            case KubeletInput.Probed(long callId, var reply) -> outbox.deliver(callId, reply);
            case KubeletInput.RuntimeChanged(var uid) -> with(uid, PodMachine::runtimeChanged);
            case KubeletInput.VolumesPrepared(var uid, var paths) ->
                    with(uid, pod -> pod.volumesPrepared(paths));
            case KubeletInput.VolumesFailed(var uid, var message) ->
                    with(uid, pod -> pod.volumesFailed(message));
            case KubeletInput.FilesWritten(long callId, var failure) ->
                    outbox.deliver(callId, written(failure));
            case KubeletInput.Tick(var uid) -> with(uid, PodMachine::tick);
        }
        return outbox.drain();
    }

    private static RuntimeReply written(@Nullable String failure) {
        return failure == null
                ? new RuntimeReply.Done()
                : new RuntimeReply.Failed(RuntimeReply.Failed.Kind.REFUSED, failure);
    }

    private void with(String uid, Consumer<PodMachine> action) {
        var pod = pods.get(uid);
        if (pod != null) {
            action.accept(pod);
        }
    }

    private void adopt(List<JsonObject> known, List<RuntimeReply.RuntimePod> found) {
        var left = new LinkedHashMap<String, RuntimeReply.RuntimePod>();
        found.forEach(pod -> left.put(pod.uid(), pod));
        for (var tree : known) {
            var pod = Pod.of(tree);
            var observed = left.remove(pod.uid());
            add(pod, observed == null ? nothing(pod) : observed, true);
        }
        for (var orphan : left.values()) {
            add(stranger(orphan), orphan, false).deleted();
        }
    }

    private PodMachine add(Pod pod, RuntimeReply.RuntimePod observed, boolean known) {
        var machine = new PodMachine(pod, observed, known, around);
        pods.put(pod.uid(), machine);
        if (known) {
            machine.start();
        }
        return machine;
    }

    private static RuntimeReply.RuntimePod nothing(Pod pod) {
        return new RuntimeReply.RuntimePod(
                pod.uid(), pod.key().namespace(), pod.key().name(), List.of(), List.of());
    }

    /// A pod as far as the runtime knows it, so that it can be ended like any other.
    private static Pod stranger(RuntimeReply.RuntimePod found) {
        var names =
                found.containers().stream()
                        .map(RuntimeReply.ContainerStatus::name)
                        .distinct()
                        .map(name -> (Json) JsonObject.of("name", Json.of(name)))
                        .collect(Json.toArray());
        var metadata =
                JsonObject.builder()
                        .put("namespace", found.namespace())
                        .put("name", found.name())
                        .put("uid", found.uid())
                        .build();
        return Pod.of(
                JsonObject.of(
                        "metadata",
                        metadata,
                        "spec",
                        JsonObject.builder()
                                .put("containers", names)
                                .put("terminationGracePeriodSeconds", grace(found))
                                .build()));
    }

    private static long grace(RuntimeReply.RuntimePod found) {
        return found.containers().stream()
                .map(c -> c.annotations().get("io.kubernetes.pod.terminationGracePeriod"))
                .filter(Objects::nonNull)
                .filter(seconds -> seconds.matches("\\d{1,9}"))
                .mapToLong(Long::parseLong)
                .max()
                .orElse(DEFAULT_GRACE_SECONDS);
    }

    private void changed(Pod pod) {
        var machine = pods.get(pod.uid());
        if (machine == null) {
            add(pod, nothing(pod), true);
        } else {
            machine.changed(pod);
        }
    }
}
