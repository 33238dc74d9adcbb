// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.Kubelet;
import dev.coracle.core.kubelet.KubeletConfig;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.registry.Registry.ObjectWatch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Runs the kubelet in virtual time: pods in, calls and writes out. It can die at any moment, and
/// the next one finds the containers running.
final class KubeletShell {
    private static final Duration RETRY = Duration.ofSeconds(1);

    /// How long it takes to read the newer object and write again.
    private static final Duration CONFLICT = Duration.ofMillis(20);

    private final World world;
    private final SimulatedApi api;
    private final ScriptedRuntime runtime;
    private final KubeletConfig config;
    private final ScriptedProber prober;
    private final Luck luck;
    private Faults faults = Faults.NONE;
    private @Nullable Life life;

    /// Chance of the kubelet itself, and of others who write what it writes.
    record Luck(SplittableRandom kubelet, SplittableRandom conflicts) {}

    KubeletShell(
            World world,
            SimulatedApi api,
            ScriptedRuntime runtime,
            ScriptedProber prober,
            KubeletConfig config,
            Luck luck) {
        this.world = world;
        this.api = api;
        this.runtime = runtime;
        this.prober = prober;
        this.config = config;
        this.luck = luck;
        runtime.watch(event -> tell(life, new KubeletInput.RuntimeChanged(event.podUid())));
    }

    /// One process: what a former one still waits for is nobody's any more.
    private static final class Life {
        final Kubelet kubelet;
        final Map<String, Deque<Runnable>> writes = new LinkedHashMap<>();
        @Nullable ObjectWatch pods;

        Life(Kubelet kubelet) {
            this.kubelet = kubelet;
        }
    }

    void start() {
        var begun = new Life(new Kubelet(config, api.lookup(), luck.kubelet().split()));
        life = begun;
        world.note("kubelet starts");
        listRuntime(begun);
    }

    /// As by SIGKILL.
    void kill() {
        var dead = life;
        life = null;
        world.note("kubelet is killed");
        if (dead != null && dead.pods != null) {
            dead.pods.close();
        }
    }

    private void listRuntime(Life of) {
        runtime.perform(
                new RuntimeCall.ListPods(),
                reply -> {
                    if (!isCurrent(of)) {
                        return;
                    }
                    if (reply instanceof RuntimeReply.Pods(var found)) {
                        startWith(of, found);
                    } else {
                        world.in(RETRY, () -> listRuntime(of));
                    }
                });
    }

    private void startWith(Life of, List<RuntimeReply.RuntimePod> found) {
        if (!isCurrent(of)) {
            return;
        }
        var listing = api.listPodsOf(config.nodeName());
        of.pods = api.watchPodsOf(config.nodeName(), listing.revision());
        var known = listing.entries().stream().map(entry -> entry.object()).toList();
        tell(of, new KubeletInput.Started(known, found));
    }

    /// Takes what the watch has for us.
    void pump() {
        var now = life;
        if (now == null || now.pods == null) {
            return;
        }
        for (var event : now.pods.poll().events()) {
            var pod = event.entry().object();
            tell(
                    now,
                    switch (event.type()) {
                        case ADDED, MODIFIED -> new KubeletInput.PodChanged(pod);
                        case DELETED ->
                                new KubeletInput.PodDeleted(
                                        ObjectKey.of(pod), pod.object("metadata").string("uid"));
                    });
        }
    }

    @SuppressWarnings("ReferenceEquality") // a life is itself only
    private boolean isCurrent(@Nullable Life of) {
        return of != null && of == life;
    }

    private void tell(@Nullable Life to, KubeletInput input) {
        if (to == null || !isCurrent(to)) {
            return;
        }
        boolean started = to.pods != null;
        if (started) {
            to.kubelet.handle(input, world.instant()).forEach(output -> carryOut(to, output));
        }
    }

    private void later(Life to, Duration delay, KubeletInput input) {
        world.in(delay, () -> tell(to, input));
    }

    private void carryOut(Life of, KubeletOutput output) {
        switch (output) {
            case KubeletOutput.Call(long id, var call) ->
                    runtime.perform(call, reply -> tell(of, new KubeletInput.Reply(id, reply)));
            case KubeletOutput.Probe(long id, var call) ->
                    prober.perform(call, reply -> tell(of, new KubeletInput.Probed(id, reply)));
            case KubeletOutput.PrepareVolumes(var uid, var pod) ->
                    later(of, Duration.ofMillis(1), volumes(uid, pod));
            case KubeletOutput.WriteFiles(long id, _, _) ->
                    later(of, Duration.ofMillis(1), new KubeletInput.FilesWritten(id, null));
            case KubeletOutput.RemovePodDirectory(var key, _) ->
                    world.note("RemovePodDirectory " + key);
            case KubeletOutput.WriteStatus(var key, var uid, var status) ->
                    write(of, uid, () -> writeStatus(key, uid, status));
            case KubeletOutput.DeletePod(var key, var uid) ->
                    write(of, uid, () -> deletePod(key, uid));
            case KubeletOutput.RecordEvent event ->
                    write(of, event.podUid(), () -> api.record(event.request(config.nodeName())));
            case KubeletOutput.WakeAt(var uid, var at) ->
                    world.at(at, () -> tell(of, new KubeletInput.Tick(uid)));
        }
    }

    /// Writes about one pod take effect in order; one that meets a conflict is tried again, and the
    /// others wait behind it.
    private void write(Life of, String uid, Runnable write) {
        var waiting = of.writes.computeIfAbsent(uid, _ -> new ArrayDeque<>());
        waiting.add(write);
        if (waiting.size() == 1) {
            writeNext(of, uid, waiting);
        }
    }

    private void writeNext(Life of, String uid, Deque<Runnable> waiting) {
        while (isCurrent(of) && !waiting.isEmpty()) {
            if (luck.conflicts().nextDouble() < faults.conflicts()) {
                world.note("a write about pod " + uid + " meets a conflict");
                world.in(CONFLICT, () -> writeNext(of, uid, waiting));
                return;
            }
            waiting.peekFirst().run();
            waiting.removeFirst();
        }
        of.writes.remove(uid);
    }

    void faults(Faults newFaults) {
        faults = newFaults;
    }

    /// Every volume is a directory; those made of a ConfigMap or Secret need it to be there.
    private KubeletInput volumes(String uid, JsonObject pod) {
        var namespace = pod.object("metadata").string("namespace");
        var paths = new LinkedHashMap<String, String>();
        for (var volume : pod.object("spec").array("volumes").objects()) {
            var name = volume.string("name");
            var missing = missing(namespace, volume);
            if (!missing.isEmpty()) {
                return new KubeletInput.VolumesFailed(
                        uid,
                        "MountVolume.SetUp failed for volume \"%s\" : %s not found"
                                .formatted(name, missing));
            }
            paths.put(name, config.podsDirectory() + "/" + uid + "/volumes/" + name);
        }
        return new KubeletInput.VolumesPrepared(uid, paths);
    }

    /// What a volume is made of and is not there; empty when nothing is missing.
    private String missing(String namespace, JsonObject volume) {
        var map = volume.object("configMap");
        var secret = volume.object("secret");
        if (volume.has("configMap")
                && !map.bool("optional", false)
                && api.lookup().configMap(new ObjectKey(namespace, map.string("name"))) == null) {
            return "configmap \"" + map.string("name") + "\"";
        }
        if (volume.has("secret")
                && !secret.bool("optional", false)
                && api.lookup().secret(new ObjectKey(namespace, secret.string("secretName")))
                        == null) {
            return "secret \"" + secret.string("secretName") + "\"";
        }
        return "";
    }

    private void writeStatus(ObjectKey key, String uid, JsonObject status) {
        try {
            api.writePodStatus(key, uid, status);
        } catch (ApiException e) {
            world.note("status of " + key + " is refused: " + e.getMessage());
        }
    }

    private void deletePod(ObjectKey key, String uid) {
        try {
            api.deletePod(key, new DeleteOptions(0L, null, uid, null, false));
        } catch (ApiException e) {
            world.note("deletion of " + key + " is refused: " + e.getMessage());
        }
    }
}
