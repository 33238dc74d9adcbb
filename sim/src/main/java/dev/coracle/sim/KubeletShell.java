// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.Kubelet;
import dev.coracle.core.kubelet.KubeletConfig;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.registry.Registry.ObjectWatch;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs the kubelet in virtual time: pods in, calls and writes out. It can die at any moment, and
/// the next one finds the containers running.
final class KubeletShell {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final World world;
    private final SimulatedApi api;
    private final ScriptedRuntime runtime;
    private final KubeletConfig config;
    private @Nullable Life life;

    KubeletShell(World world, SimulatedApi api, ScriptedRuntime runtime, KubeletConfig config) {
        this.world = world;
        this.api = api;
        this.runtime = runtime;
        this.config = config;
        runtime.watch(event -> tell(life, new KubeletInput.RuntimeChanged(event.podUid())));
    }

    /// One process: what a former one still waits for is nobody's any more.
    private static final class Life {
        final Kubelet kubelet;
        @Nullable ObjectWatch pods;

        Life(Kubelet kubelet) {
            this.kubelet = kubelet;
        }
    }

    void start() {
        var begun = new Life(new Kubelet(config, api.lookup()));
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
            case KubeletOutput.PrepareVolumes(var uid, var pod) ->
                    later(of, Duration.ofMillis(1), volumes(uid, pod));
            case KubeletOutput.WriteFiles(long id, _, _) ->
                    later(of, Duration.ofMillis(1), new KubeletInput.FilesWritten(id, null));
            case KubeletOutput.RemovePodDirectory _ -> {}
            case KubeletOutput.WriteStatus(var key, var uid, var status) ->
                    writeStatus(key, uid, status);
            case KubeletOutput.DeletePod(var key, var uid) -> deletePod(key, uid);
            case KubeletOutput.RecordEvent event -> api.record(request(event));
            case KubeletOutput.WakeAt(var at) ->
                    world.at(at, () -> tell(of, new KubeletInput.Tick()));
        }
    }

    /// Every volume is a directory; those made of a ConfigMap or Secret need it to be there.
    private KubeletInput volumes(String uid, JsonObject pod) {
        var namespace = pod.object("metadata").string("namespace");
        var paths = new LinkedHashMap<String, String>();
        for (var volume : pod.object("spec").array("volumes").objects()) {
            var name = volume.string("name");
            var map = volume.object("configMap").string("name");
            var key = new ObjectKey(namespace, map);
            if (!map.isEmpty() && api.lookup().configMap(key) == null) {
                return new KubeletInput.VolumesFailed(
                        uid,
                        "MountVolume.SetUp failed for volume \"%s\" : configmap \"%s\" not found"
                                .formatted(name, map));
            }
            paths.put(name, config.podsDirectory() + "/" + uid + "/volumes/" + name);
        }
        return new KubeletInput.VolumesPrepared(uid, paths);
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

    private EventRequest request(KubeletOutput.RecordEvent event) {
        return new EventRequest(
                new EventRequest.Reference(
                        "v1",
                        "Pod",
                        event.key().namespace(),
                        event.key().name(),
                        event.podUid(),
                        event.resourceVersion(),
                        event.fieldPath()),
                event.type(),
                event.reason(),
                event.message(),
                "kubelet",
                config.nodeName());
    }
}
