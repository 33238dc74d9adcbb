// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Pretends pods of one container each that run forever, at the address of the loopback. For one
/// thread.
final class StillRuntime {
    private final InstantSource clock;
    private final Map<String, RuntimeReply.SandboxStatus> sandboxes = new LinkedHashMap<>();
    private final Map<String, RuntimeReply.ContainerStatus> containers = new LinkedHashMap<>();

    StillRuntime(InstantSource clock) {
        this.clock = clock;
    }

    RuntimeReply answer(RuntimeCall call) {
        return switch (call) {
            case RuntimeCall.ImageStatus(var image) ->
                    new RuntimeReply.Image(
                            image, image, 1, new RuntimeReply.ImageUser(null, ""), "");
            case RuntimeCall.RunPodSandbox run -> run(run);
            case RuntimeCall.CreateContainer create -> create(create);
            case RuntimeCall.StartContainer(var id) -> start(id);
            case RuntimeCall.InspectPod(var uid) -> new RuntimeReply.Pod(pod(uid));
            default -> new RuntimeReply.Done();
        };
    }

    private RuntimeReply run(RuntimeCall.RunPodSandbox call) {
        var uid = call.spec().uid();
        var ips = List.of("127.0.0.1");
        sandboxes.put(
                uid,
                new RuntimeReply.SandboxStatus(
                        uid,
                        true,
                        call.spec().attempt(),
                        clock.instant(),
                        ips,
                        call.spec().labels(),
                        call.spec().annotations()));
        return new RuntimeReply.SandboxRunning(uid, ips);
    }

    /// A container has the id of its pod.
    private RuntimeReply create(RuntimeCall.CreateContainer call) {
        var spec = call.container();
        containers.put(
                call.sandboxId(),
                new RuntimeReply.ContainerStatus(
                        call.sandboxId(),
                        call.sandboxId(),
                        spec.name(),
                        spec.attempt(),
                        State.CREATED,
                        clock.instant(),
                        null,
                        null,
                        0,
                        "",
                        "",
                        spec.image(),
                        spec.imageRef(),
                        spec.logPath(),
                        spec.labels(),
                        spec.annotations()));
        return new RuntimeReply.ContainerCreated(call.sandboxId());
    }

    private RuntimeReply start(String id) {
        containers.computeIfPresent(
                id,
                (_, c) ->
                        new RuntimeReply.ContainerStatus(
                                c.id(),
                                c.sandboxId(),
                                c.name(),
                                c.attempt(),
                                State.RUNNING,
                                c.createdAt(),
                                clock.instant(),
                                null,
                                0,
                                "",
                                "",
                                c.image(),
                                c.imageId(),
                                c.logPath(),
                                c.labels(),
                                c.annotations()));
        return new RuntimeReply.Done();
    }

    private RuntimeReply.RuntimePod pod(String uid) {
        return new RuntimeReply.RuntimePod(
                uid, "default", uid, only(sandboxes.get(uid)), only(containers.get(uid)));
    }

    private static <T> List<T> only(@Nullable T one) {
        return one == null ? List.of() : List.of(one);
    }
}
