// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import com.google.protobuf.Message;
import dev.coracle.cri.proto.AttachRequest;
import dev.coracle.cri.proto.AttachResponse;
import dev.coracle.cri.proto.ContainerEventResponse;
import dev.coracle.cri.proto.ContainerStatusRequest;
import dev.coracle.cri.proto.ContainerStatusResponse;
import dev.coracle.cri.proto.CreateContainerRequest;
import dev.coracle.cri.proto.CreateContainerResponse;
import dev.coracle.cri.proto.ExecRequest;
import dev.coracle.cri.proto.ExecResponse;
import dev.coracle.cri.proto.ExecSyncRequest;
import dev.coracle.cri.proto.ExecSyncResponse;
import dev.coracle.cri.proto.GetEventsRequest;
import dev.coracle.cri.proto.ImageFsInfoRequest;
import dev.coracle.cri.proto.ImageFsInfoResponse;
import dev.coracle.cri.proto.ImageStatusRequest;
import dev.coracle.cri.proto.ImageStatusResponse;
import dev.coracle.cri.proto.ListContainersRequest;
import dev.coracle.cri.proto.ListContainersResponse;
import dev.coracle.cri.proto.ListImagesRequest;
import dev.coracle.cri.proto.ListImagesResponse;
import dev.coracle.cri.proto.ListPodSandboxRequest;
import dev.coracle.cri.proto.ListPodSandboxResponse;
import dev.coracle.cri.proto.PodSandboxStatusRequest;
import dev.coracle.cri.proto.PodSandboxStatusResponse;
import dev.coracle.cri.proto.PortForwardRequest;
import dev.coracle.cri.proto.PortForwardResponse;
import dev.coracle.cri.proto.PullImageRequest;
import dev.coracle.cri.proto.PullImageResponse;
import dev.coracle.cri.proto.RemoveContainerRequest;
import dev.coracle.cri.proto.RemoveContainerResponse;
import dev.coracle.cri.proto.RemoveImageRequest;
import dev.coracle.cri.proto.RemoveImageResponse;
import dev.coracle.cri.proto.RemovePodSandboxRequest;
import dev.coracle.cri.proto.RemovePodSandboxResponse;
import dev.coracle.cri.proto.ReopenContainerLogRequest;
import dev.coracle.cri.proto.ReopenContainerLogResponse;
import dev.coracle.cri.proto.RunPodSandboxRequest;
import dev.coracle.cri.proto.RunPodSandboxResponse;
import dev.coracle.cri.proto.StartContainerRequest;
import dev.coracle.cri.proto.StartContainerResponse;
import dev.coracle.cri.proto.StatusRequest;
import dev.coracle.cri.proto.StatusResponse;
import dev.coracle.cri.proto.StopContainerRequest;
import dev.coracle.cri.proto.StopContainerResponse;
import dev.coracle.cri.proto.StopPodSandboxRequest;
import dev.coracle.cri.proto.StopPodSandboxResponse;
import dev.coracle.cri.proto.VersionRequest;
import dev.coracle.cri.proto.VersionResponse;
import dev.coracle.cri.proto.containerd.Envelope;
import dev.coracle.cri.proto.containerd.KillRequest;
import dev.coracle.cri.proto.containerd.KillResponse;
import dev.coracle.cri.proto.containerd.ListStatusesRequest;
import dev.coracle.cri.proto.containerd.ListStatusesResponse;
import dev.coracle.cri.proto.containerd.SubscribeRequest;
import dev.coracle.cri.proto.containerd.WaitRequest;
import dev.coracle.cri.proto.containerd.WaitResponse;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;

/// The methods of CRI v1 (and some of containerd's own services) that Coracle calls.
///
/// <https://kubernetes.io/docs/concepts/containers/cri/>
final class CriMethods {
    private static final String RUNTIME = "runtime.v1.RuntimeService";
    private static final String IMAGES = "runtime.v1.ImageService";

    static final MethodDescriptor<VersionRequest, VersionResponse> VERSION =
            runtime(
                    "Version",
                    VersionRequest.getDefaultInstance(),
                    VersionResponse.getDefaultInstance());
    static final MethodDescriptor<StatusRequest, StatusResponse> STATUS =
            runtime(
                    "Status",
                    StatusRequest.getDefaultInstance(),
                    StatusResponse.getDefaultInstance());
    static final MethodDescriptor<RunPodSandboxRequest, RunPodSandboxResponse> RUN_POD_SANDBOX =
            runtime(
                    "RunPodSandbox",
                    RunPodSandboxRequest.getDefaultInstance(),
                    RunPodSandboxResponse.getDefaultInstance());
    static final MethodDescriptor<StopPodSandboxRequest, StopPodSandboxResponse> STOP_POD_SANDBOX =
            runtime(
                    "StopPodSandbox",
                    StopPodSandboxRequest.getDefaultInstance(),
                    StopPodSandboxResponse.getDefaultInstance());
    static final MethodDescriptor<RemovePodSandboxRequest, RemovePodSandboxResponse>
            REMOVE_POD_SANDBOX =
                    runtime(
                            "RemovePodSandbox",
                            RemovePodSandboxRequest.getDefaultInstance(),
                            RemovePodSandboxResponse.getDefaultInstance());
    static final MethodDescriptor<PodSandboxStatusRequest, PodSandboxStatusResponse>
            POD_SANDBOX_STATUS =
                    runtime(
                            "PodSandboxStatus",
                            PodSandboxStatusRequest.getDefaultInstance(),
                            PodSandboxStatusResponse.getDefaultInstance());
    static final MethodDescriptor<ListPodSandboxRequest, ListPodSandboxResponse> LIST_POD_SANDBOX =
            runtime(
                    "ListPodSandbox",
                    ListPodSandboxRequest.getDefaultInstance(),
                    ListPodSandboxResponse.getDefaultInstance());
    static final MethodDescriptor<CreateContainerRequest, CreateContainerResponse>
            CREATE_CONTAINER =
                    runtime(
                            "CreateContainer",
                            CreateContainerRequest.getDefaultInstance(),
                            CreateContainerResponse.getDefaultInstance());
    static final MethodDescriptor<StartContainerRequest, StartContainerResponse> START_CONTAINER =
            runtime(
                    "StartContainer",
                    StartContainerRequest.getDefaultInstance(),
                    StartContainerResponse.getDefaultInstance());
    static final MethodDescriptor<StopContainerRequest, StopContainerResponse> STOP_CONTAINER =
            runtime(
                    "StopContainer",
                    StopContainerRequest.getDefaultInstance(),
                    StopContainerResponse.getDefaultInstance());
    static final MethodDescriptor<RemoveContainerRequest, RemoveContainerResponse>
            REMOVE_CONTAINER =
                    runtime(
                            "RemoveContainer",
                            RemoveContainerRequest.getDefaultInstance(),
                            RemoveContainerResponse.getDefaultInstance());
    static final MethodDescriptor<ListContainersRequest, ListContainersResponse> LIST_CONTAINERS =
            runtime(
                    "ListContainers",
                    ListContainersRequest.getDefaultInstance(),
                    ListContainersResponse.getDefaultInstance());
    static final MethodDescriptor<ContainerStatusRequest, ContainerStatusResponse>
            CONTAINER_STATUS =
                    runtime(
                            "ContainerStatus",
                            ContainerStatusRequest.getDefaultInstance(),
                            ContainerStatusResponse.getDefaultInstance());
    static final MethodDescriptor<ReopenContainerLogRequest, ReopenContainerLogResponse>
            REOPEN_CONTAINER_LOG =
                    runtime(
                            "ReopenContainerLog",
                            ReopenContainerLogRequest.getDefaultInstance(),
                            ReopenContainerLogResponse.getDefaultInstance());
    static final MethodDescriptor<ExecSyncRequest, ExecSyncResponse> EXEC_SYNC =
            runtime(
                    "ExecSync",
                    ExecSyncRequest.getDefaultInstance(),
                    ExecSyncResponse.getDefaultInstance());
    static final MethodDescriptor<ExecRequest, ExecResponse> EXEC =
            runtime("Exec", ExecRequest.getDefaultInstance(), ExecResponse.getDefaultInstance());
    static final MethodDescriptor<AttachRequest, AttachResponse> ATTACH =
            runtime(
                    "Attach",
                    AttachRequest.getDefaultInstance(),
                    AttachResponse.getDefaultInstance());
    static final MethodDescriptor<PortForwardRequest, PortForwardResponse> PORT_FORWARD =
            runtime(
                    "PortForward",
                    PortForwardRequest.getDefaultInstance(),
                    PortForwardResponse.getDefaultInstance());
    static final MethodDescriptor<GetEventsRequest, ContainerEventResponse> GET_CONTAINER_EVENTS =
            method(
                    MethodType.SERVER_STREAMING,
                    RUNTIME,
                    "GetContainerEvents",
                    GetEventsRequest.getDefaultInstance(),
                    ContainerEventResponse.getDefaultInstance());

    static final MethodDescriptor<ListImagesRequest, ListImagesResponse> LIST_IMAGES =
            images(
                    "ListImages",
                    ListImagesRequest.getDefaultInstance(),
                    ListImagesResponse.getDefaultInstance());
    static final MethodDescriptor<ImageStatusRequest, ImageStatusResponse> IMAGE_STATUS =
            images(
                    "ImageStatus",
                    ImageStatusRequest.getDefaultInstance(),
                    ImageStatusResponse.getDefaultInstance());
    static final MethodDescriptor<PullImageRequest, PullImageResponse> PULL_IMAGE =
            images(
                    "PullImage",
                    PullImageRequest.getDefaultInstance(),
                    PullImageResponse.getDefaultInstance());
    static final MethodDescriptor<RemoveImageRequest, RemoveImageResponse> REMOVE_IMAGE =
            images(
                    "RemoveImage",
                    RemoveImageRequest.getDefaultInstance(),
                    RemoveImageResponse.getDefaultInstance());
    static final MethodDescriptor<ImageFsInfoRequest, ImageFsInfoResponse> IMAGE_FS_INFO =
            images(
                    "ImageFsInfo",
                    ImageFsInfoRequest.getDefaultInstance(),
                    ImageFsInfoResponse.getDefaultInstance());

    /// containerd's own event stream, of all its namespaces.
    static final MethodDescriptor<SubscribeRequest, Envelope> SUBSCRIBE =
            method(
                    MethodType.SERVER_STREAMING,
                    "containerd.services.events.v1.Events",
                    "Subscribe",
                    SubscribeRequest.getDefaultInstance(),
                    Envelope.getDefaultInstance());

    /// Sends a signal to a container's process. The real answer is google.protobuf.Empty.
    static final MethodDescriptor<KillRequest, KillResponse> KILL =
            tasks("Kill", KillRequest.getDefaultInstance(), KillResponse.getDefaultInstance());

    /// Answers when a container's process has ended.
    static final MethodDescriptor<WaitRequest, WaitResponse> WAIT =
            tasks("Wait", WaitRequest.getDefaultInstance(), WaitResponse.getDefaultInstance());

    /// How far containerd's downloads have got.
    static final MethodDescriptor<ListStatusesRequest, ListStatusesResponse> LIST_STATUSES =
            method(
                    MethodType.UNARY,
                    "containerd.services.content.v1.Content",
                    "ListStatuses",
                    ListStatusesRequest.getDefaultInstance(),
                    ListStatusesResponse.getDefaultInstance());

    private CriMethods() {}

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> runtime(
            String name, Q request, R response) {
        return method(MethodType.UNARY, RUNTIME, name, request, response);
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> images(
            String name, Q request, R response) {
        return method(MethodType.UNARY, IMAGES, name, request, response);
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> tasks(
            String name, Q request, R response) {
        return method(
                MethodType.UNARY, "containerd.services.tasks.v1.Tasks", name, request, response);
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
            MethodType type, String service, String name, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }
}
