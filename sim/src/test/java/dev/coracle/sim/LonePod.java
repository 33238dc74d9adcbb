// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.Kubelet;
import dev.coracle.core.kubelet.KubeletConfig;
import dev.coracle.core.kubelet.KubeletConfig.BackOff;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.Lookup;
import dev.coracle.core.kubelet.RuntimeReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A kubelet with one pod in virtual time, without an API server: so little that ten thousand of
/// them live within a build.
final class LonePod {
    static final ObjectKey KEY = new ObjectKey("default", "web");
    static final String UID = "the-uid";

    private static final Duration HEARD = Duration.ofMillis(1);
    private static final KubeletConfig CONFIG =
            new KubeletConfig(
                    "yard",
                    "192.168.0.10",
                    "/var/log/pods",
                    "/var/lib/kubelet/pods",
                    "cluster.local",
                    null,
                    "nameserver 192.168.0.1\n",
                    4_000,
                    8L << 30,
                    BackOff.UPSTREAM,
                    BackOff.UPSTREAM);

    private final World world;
    private final ScriptedRuntime runtime;
    private final ScriptedProber prober;
    private final SplittableRandom random;
    private final Listener listener;
    private @Nullable JsonObject pod;
    private @Nullable Kubelet kubelet;
    private int life;

    /// Hears of what the kubelet wants before it is done, and of what happens in the containers.
    interface Listener {
        void wanted(KubeletOutput output);

        void happened(Happening happening);

        void kubeletRestarted();
    }

    LonePod(World world, Listener listener) {
        this.world = world;
        this.listener = listener;
        this.random = world.random();
        this.runtime = new ScriptedRuntime(world);
        this.prober = new ScriptedProber(world, runtime, CONFIG.nodeIp());
        this.kubelet = new Kubelet(CONFIG, new Nothing(), random.split());
        runtime.observe(listener::happened, _ -> current());
        prober.observe(listener::happened, _ -> current());
        runtime.watch(event -> tell(life, new KubeletInput.RuntimeChanged(event.podUid())));
    }

    private static final class Nothing implements Lookup {
        @Override
        public @Nullable JsonObject configMap(ObjectKey key) {
            return null;
        }

        @Override
        public @Nullable JsonObject secret(ObjectKey key) {
            return null;
        }

        @Override
        public List<JsonObject> services(String namespace) {
            return List.of();
        }
    }

    ScriptedRuntime runtime() {
        return runtime;
    }

    void faults(Faults faults) {
        runtime.faults(faults);
        prober.faults(faults);
    }

    /// The pod as the API has it, an empty object when it has none.
    JsonObject current() {
        return pod == null ? JsonObject.EMPTY : pod;
    }

    void create(JsonObject created) {
        tell(life, new KubeletInput.Started(List.of(), List.of()));
        put(created);
    }

    private void put(JsonObject changed) {
        pod = changed;
        int of = life;
        world.in(HEARD, () -> tell(of, new KubeletInput.PodChanged(changed)));
    }

    /// As `kubectl delete --grace-period`; a pod may be deleted again, sooner.
    void delete(long graceSeconds) {
        if (pod == null) {
            return;
        }
        if (graceSeconds == 0) {
            vanish();
            return;
        }
        put(
                pod.with(
                        "metadata",
                        metadata ->
                                metadata.with("deletionTimestamp", world.instant().toString())
                                        .with("deletionGracePeriodSeconds", graceSeconds)));
    }

    void changeSpec(JsonObject spec) {
        if (pod != null) {
            put(pod.with("spec", spec));
        }
    }

    private void vanish() {
        pod = null;
        int of = life;
        world.in(HEARD, () -> tell(of, new KubeletInput.PodDeleted(KEY, UID)));
    }

    /// The process dies, and another is there after `downtime`; containers live on.
    void restartKubelet(Duration downtime) {
        int next = ++life;
        kubelet = null;
        world.in(
                downtime,
                () -> {
                    if (next != life) {
                        return; // that one died, too
                    }
                    kubelet = new Kubelet(CONFIG, new Nothing(), random.split());
                    listener.kubeletRestarted();
                    var known = pod == null ? List.<JsonObject>of() : List.of(pod);
                    tell(life, new KubeletInput.Started(known, runtime.node().list()));
                });
    }

    private void tell(int to, KubeletInput input) {
        var alive = kubelet;
        if (to == life && alive != null) {
            for (var output : alive.handle(input, world.instant())) {
                carryOut(to, output);
            }
        }
    }

    private void carryOut(int of, KubeletOutput output) {
        world.note(output.toString());
        listener.wanted(output);
        switch (output) {
            case KubeletOutput.Call(long id, var call) ->
                    runtime.perform(call, reply -> tell(of, reply(id, reply)));
            case KubeletOutput.Probe(long id, var call) ->
                    prober.perform(call, reply -> tell(of, new KubeletInput.Probed(id, reply)));
            case KubeletOutput.PrepareVolumes(var uid, _) ->
                    world.in(
                            HEARD, () -> tell(of, new KubeletInput.VolumesPrepared(uid, Map.of())));
            case KubeletOutput.WriteFiles(long id, _, _) ->
                    world.in(HEARD, () -> tell(of, new KubeletInput.FilesWritten(id, null)));
            case KubeletOutput.WriteStatus(_, _, var status) -> {
                if (pod != null) {
                    put(pod.with("status", status));
                }
            }
            case KubeletOutput.DeletePod _ -> vanish();
            case KubeletOutput.WakeAt(var uid, var at) ->
                    world.at(at, () -> tell(of, new KubeletInput.Tick(uid)));
            case KubeletOutput.RecordEvent _, KubeletOutput.RemovePodDirectory _ -> {}
        }
    }

    private static KubeletInput reply(long id, RuntimeReply reply) {
        return new KubeletInput.Reply(id, reply);
    }
}
