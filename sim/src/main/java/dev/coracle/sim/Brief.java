// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
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

    /// What a command came to, for people.
    static String said(RuntimeReply reply) {
        return switch (reply) {
            case RuntimeReply.ExecResult(int exitCode, var output) ->
                    output.isBlank()
                            ? "exit " + exitCode
                            : "exit " + exitCode + ": " + output.strip();
            case RuntimeReply.Failed(var kind, _) when kind == RuntimeReply.Failed.Kind.TIMEOUT ->
                    "timed out";
            case RuntimeReply.Failed(_, var message) -> message;
            default -> of(reply);
        };
    }

    static String said(ProbeReply reply) {
        return switch (reply) {
            case ProbeReply.Http(int status, var body) ->
                    body.isBlank() ? "" + status : status + ": " + body.strip();
            case ProbeReply.Connected() -> "connected";
            case ProbeReply.Grpc(var status) -> status;
            case ProbeReply.Failed(var message) -> message;
        };
    }

    static String of(ProbeCall call) {
        return switch (call) {
            case ProbeCall.HttpGet get -> "GET " + ScriptedProber.url(get);
            case ProbeCall.TcpConnect tcp -> "connect %s:%d".formatted(tcp.host(), tcp.port());
            case ProbeCall.GrpcCheck grpc ->
                    "grpc %s:%d%s"
                            .formatted(
                                    grpc.host(),
                                    grpc.port(),
                                    grpc.service().isEmpty() ? "" : " " + grpc.service());
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
