// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;

/// Calls and replies in a few words, for traces.
final class Brief {

    private Brief() {}

    static String of(RuntimeCall call) {
        return switch (call) {
            case RuntimeCall.RunPodSandbox(var spec) ->
                    "RunPodSandbox " + spec.name() + "#" + spec.attempt();
            case RuntimeCall.CreateContainer(var sandbox, _, var spec) ->
                    "CreateContainer %s#%d in %s".formatted(spec.name(), spec.attempt(), sandbox);
            case RuntimeCall.PullImage(var image, _, _) -> "PullImage " + image;
            case RuntimeCall.StopPodSandbox _,
                    RuntimeCall.RemovePodSandbox _,
                    RuntimeCall.ImageStatus _,
                    RuntimeCall.StartContainer _,
                    RuntimeCall.StopContainer _,
                    RuntimeCall.RemoveContainer _,
                    RuntimeCall.InspectPod _,
                    RuntimeCall.ListPods _,
                    RuntimeCall.ExecSync _ ->
                    call.toString();
        };
    }

    static String of(RuntimeReply reply) {
        return switch (reply) {
            case RuntimeReply.Pod(var pod) ->
                    "%d sandboxes, %d containers"
                            .formatted(pod.sandboxes().size(), pod.containers().size());
            case RuntimeReply.Pods(var pods) -> pods.size() + " pods";
            case RuntimeReply.Image(_, var id, _, _, _) -> id;
            case RuntimeReply.SandboxRunning _,
                    RuntimeReply.ImageAbsent _,
                    RuntimeReply.ContainerCreated _,
                    RuntimeReply.Done _,
                    RuntimeReply.ExecResult _,
                    RuntimeReply.Failed _ ->
                    reply.toString();
        };
    }
}
