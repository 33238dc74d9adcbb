// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import com.google.protobuf.ByteString;
import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import dev.coracle.core.kubelet.SandboxSpec;
import dev.coracle.cri.proto.AttachRequest;
import dev.coracle.cri.proto.CreateContainerRequest;
import dev.coracle.cri.proto.ExecRequest;
import dev.coracle.cri.proto.ExecSyncRequest;
import dev.coracle.cri.proto.PodSandbox;
import dev.coracle.cri.proto.PodSandboxConfig;
import dev.coracle.cri.proto.PortForwardRequest;
import dev.coracle.cri.proto.RemoveContainerRequest;
import dev.coracle.cri.proto.RemovePodSandboxRequest;
import dev.coracle.cri.proto.ReopenContainerLogRequest;
import dev.coracle.cri.proto.RunPodSandboxRequest;
import dev.coracle.cri.proto.StartContainerRequest;
import dev.coracle.cri.proto.StatusRequest;
import dev.coracle.cri.proto.StopContainerRequest;
import dev.coracle.cri.proto.StopPodSandboxRequest;
import dev.coracle.cri.proto.VersionRequest;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// The [ContainerRuntime] that speaks CRI v1 to a runtime's unix socket: containerd from 1.6 on, or
/// CRI-O. Every call blocks a virtual thread of its own.
///
/// <https://kubernetes.io/docs/concepts/containers/cri/>
public final class CriRuntime implements ContainerRuntime {
    /// The namespace in which containerd keeps what CRI makes.
    static final String CONTAINERD_NAMESPACE = "k8s.io";

    private static final Duration SHORT = Duration.ofSeconds(30);

    /// Creating sandboxes and pulling images waits on networks and disks.
    private static final Duration LONG = Duration.ofMinutes(15);

    /// What a call may take beyond the time that the caller allowed the container.
    private static final Duration MARGIN = Duration.ofMinutes(2);

    /// By how much the runtime may be late in telling that a command took too long.
    private static final Duration EXEC_LATENESS = Duration.ofMillis(200);

    private static final int MAX_EXEC_OUTPUT_BYTES = 16 * 1024;

    private final CriConnection connection;
    private final String cgroupParent;
    private final PodInspection inspection;
    private final Images images;
    private final ContainerStops stops;
    private final Set<Thread> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    private CriRuntime(CriConnection connection, String cgroupParent) {
        this.connection = connection;
        this.cgroupParent = cgroupParent;
        this.inspection = new PodInspection(connection);
        this.images = new Images(connection);
        this.stops = new ContainerStops(connection);
    }

    /// A client of the runtime behind `socket`, which need not answer yet. Pod network, control
    /// groups and host ports are as that runtime is configured.
    public static CriRuntime open(Path socket) {
        return new CriRuntime(new CriConnection(socket, CONTAINERD_NAMESPACE), "");
    }

    /// A client of a [PrivateContainerd]: sandboxes that name no control group are put below
    /// `cgroupParent`. Its pod network maps no host ports: packet rules of the node do.
    static CriRuntime ofPrivate(Path socket, String cgroupParent) {
        return new CriRuntime(new CriConnection(socket, CONTAINERD_NAMESPACE), cgroupParent);
    }

    /// Who answers on the socket: `containerd` and its version, for instance.
    public record RuntimeVersion(String name, String version) {}

    /// What the runtime says of itself; `message` explains whatever is not ready.
    public record RuntimeStatus(boolean runtimeReady, boolean networkReady, String message) {}

    @Override
    public void perform(RuntimeCall call, Consumer<RuntimeReply> reply) {
        var thread =
                Thread.ofVirtual()
                        .name("cri-" + call.getClass().getSimpleName())
                        .unstarted(() -> answer(call, reply));
        underWay.add(thread);
        thread.start();
    }

    private void answer(RuntimeCall call, Consumer<RuntimeReply> reply) {
        RuntimeReply answer;
        try {
            answer = perform(call);
        } finally {
            underWay.remove(Thread.currentThread());
        }
        reply.accept(answer);
    }

    /// Like [#perform(RuntimeCall,Consumer)], waiting for the answer.
    public RuntimeReply perform(RuntimeCall call) {
        if (closed.get()) {
            return new Failed(Failed.Kind.UNAVAILABLE, "the runtime's client is closed");
        }
        try {
            return carryOut(call);
        } catch (StatusRuntimeException e) {
            return RuntimeFailure.of(call, e);
        } catch (IllegalArgumentException e) {
            return new Failed(Failed.Kind.REFUSED, String.valueOf(e.getMessage()));
        }
    }

    private RuntimeReply carryOut(RuntimeCall call) {
        return switch (call) {
            case RuntimeCall.RunPodSandbox run -> runPodSandbox(run);
            case RuntimeCall.StopPodSandbox(String id) ->
                    unlessGone(
                            CriMethods.STOP_POD_SANDBOX,
                            StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build(),
                            MARGIN);
            case RuntimeCall.RemovePodSandbox(String id) -> removePodSandbox(id);
            case RuntimeCall.ImageStatus(String image) -> images.status(image);
            case RuntimeCall.PullImage pull ->
                    images.pull(pull.image(), pull.credentials(), sandbox(pull.sandbox()));
            case RuntimeCall.CreateContainer create -> createContainer(create);
            case RuntimeCall.StartContainer(String id) -> startContainer(id);
            case RuntimeCall.StopContainer(String id, Duration grace, String signal) ->
                    stopContainer(id, stops.ask(id, grace, signal));
            case RuntimeCall.RemoveContainer(String id) -> removeContainer(id);
            case RuntimeCall.InspectPod(String uid) -> new RuntimeReply.Pod(inspection.pod(uid));
            case RuntimeCall.ListPods() -> new RuntimeReply.Pods(inspection.pods());
            case RuntimeCall.ExecSync exec -> execSync(exec);
        };
    }

    private RuntimeReply runPodSandbox(RuntimeCall.RunPodSandbox run) {
        var request = RunPodSandboxRequest.newBuilder().setConfig(sandbox(run.spec())).build();
        var id = connection.call(CriMethods.RUN_POD_SANDBOX, request, LONG).getPodSandboxId();
        inspection.made(id, new PodInspection.Owner(run.spec().uid(), true));
        return new RuntimeReply.SandboxRunning(
                id, run.spec().namespaces().hostNetwork() ? List.of() : inspection.ips(id));
    }

    private PodSandboxConfig sandbox(SandboxSpec spec) {
        return CriMessages.sandbox(spec, cgroupParent);
    }

    private RuntimeReply removePodSandbox(String id) {
        var request = RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build();
        var reply = unlessGone(CriMethods.REMOVE_POD_SANDBOX, request, MARGIN);
        inspection.forget(id);
        return reply;
    }

    private RuntimeReply createContainer(RuntimeCall.CreateContainer create) {
        var request =
                CreateContainerRequest.newBuilder()
                        .setPodSandboxId(create.sandboxId())
                        .setConfig(CriMessages.container(create.sandbox(), create.container()))
                        .setSandboxConfig(sandbox(create.sandbox()))
                        .build();
        var id = connection.call(CriMethods.CREATE_CONTAINER, request, MARGIN).getContainerId();
        inspection.made(id, new PodInspection.Owner(create.sandbox().uid(), false));
        return new RuntimeReply.ContainerCreated(id);
    }

    private RuntimeReply startContainer(String id) {
        connection.call(
                CriMethods.START_CONTAINER,
                StartContainerRequest.newBuilder().setContainerId(id).build(),
                MARGIN);
        return new RuntimeReply.Done();
    }

    private RuntimeReply stopContainer(String id, ContainerStops.Asked asked) {
        var request =
                StopContainerRequest.newBuilder()
                        .setContainerId(id)
                        .setTimeout(wholeSeconds(asked.grace()))
                        .build();
        try {
            return unlessGone(CriMethods.STOP_CONTAINER, request, asked.grace().plus(MARGIN));
        } catch (StatusRuntimeException e) {
            // containerd may be so busy with the end that its kill finds the shim gone
            if (asked.ended() && e.getStatus().getCode() == Status.Code.UNKNOWN) {
                return new RuntimeReply.Done();
            }
            throw e;
        }
    }

    private RuntimeReply removeContainer(String id) {
        var request = RemoveContainerRequest.newBuilder().setContainerId(id).build();
        var reply = unlessGone(CriMethods.REMOVE_CONTAINER, request, MARGIN);
        inspection.forget(id);
        return reply;
    }

    private <Q, R> RuntimeReply unlessGone(
            MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        try {
            connection.call(method, request, deadline);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
        }
        return new RuntimeReply.Done();
    }

    private RuntimeReply execSync(RuntimeCall.ExecSync exec) {
        var request =
                ExecSyncRequest.newBuilder()
                        .setContainerId(exec.containerId())
                        .addAllCmd(exec.command())
                        .setTimeout(wholeSeconds(exec.timeout()))
                        .build();
        // A timeout of 0 waits for ever in CRI; here too, but for the deadline. Else the runtime
        // ends the command, but whole seconds later or, where a child of it keeps the output
        // open, with the child: the answer does not wait for that.
        var answer =
                exec.timeout().isZero()
                        ? connection.call(CriMethods.EXEC_SYNC, request, LONG)
                        : connection.callWithPatience(
                                CriMethods.EXEC_SYNC,
                                request,
                                exec.timeout().plus(MARGIN),
                                exec.timeout().plus(EXEC_LATENESS));
        return new RuntimeReply.ExecResult(
                answer.getExitCode(), text(answer.getStdout().concat(answer.getStderr())));
    }

    private static String text(ByteString output) {
        int length = Math.min(output.size(), MAX_EXEC_OUTPUT_BYTES);
        return output.substring(0, length).toString(StandardCharsets.UTF_8);
    }

    /// CRI counts whole seconds: a part of one is rounded up, so that 0 stays "at once".
    private static long wholeSeconds(Duration duration) {
        return duration.plusNanos(999_999_999).toSeconds();
    }

    /// Where to stream a command's input and output; the query part of the address is its ticket,
    /// good for one use within a minute.
    ///
    /// @throws StatusRuntimeException if the runtime refuses
    public URI exec(ExecOptions options) {
        var request =
                ExecRequest.newBuilder()
                        .setContainerId(options.containerId())
                        .addAllCmd(options.command())
                        .setTty(options.tty())
                        .setStdin(options.stdin())
                        .setStdout(options.stdout())
                        .setStderr(options.stderr())
                        .build();
        return URI.create(connection.call(CriMethods.EXEC, request, SHORT).getUrl());
    }

    /// What to run and which of its streams are wanted. With a terminal there is no stderr.
    public record ExecOptions(
            String containerId,
            List<String> command,
            boolean stdin,
            boolean stdout,
            boolean stderr,
            boolean tty) {
        public ExecOptions {
            command = List.copyOf(command);
        }
    }

    /// Where to stream the input and output of a container's main process; of `options` the
    /// command does not matter.
    ///
    /// @throws StatusRuntimeException if the runtime refuses
    public URI attach(ExecOptions options) {
        var request =
                AttachRequest.newBuilder()
                        .setContainerId(options.containerId())
                        .setTty(options.tty())
                        .setStdin(options.stdin())
                        .setStdout(options.stdout())
                        .setStderr(options.stderr())
                        .build();
        return URI.create(connection.call(CriMethods.ATTACH, request, SHORT).getUrl());
    }

    /// Where to stream connections to ports of a pod.
    ///
    /// @throws StatusRuntimeException if the runtime refuses
    public URI portForward(String sandboxId, List<Integer> ports) {
        var request =
                PortForwardRequest.newBuilder()
                        .setPodSandboxId(sandboxId)
                        .addAllPort(ports)
                        .build();
        return URI.create(connection.call(CriMethods.PORT_FORWARD, request, SHORT).getUrl());
    }

    /// Makes the runtime write to a new file where the container's log was moved away.
    ///
    /// @throws StatusRuntimeException if the runtime refuses
    public void reopenLog(String containerId) {
        connection.call(
                CriMethods.REOPEN_CONTAINER_LOG,
                ReopenContainerLogRequest.newBuilder().setContainerId(containerId).build(),
                SHORT);
    }

    /// @throws StatusRuntimeException if the runtime does not answer within `deadline`
    public RuntimeVersion version(Duration deadline) {
        var answer =
                connection.call(CriMethods.VERSION, VersionRequest.getDefaultInstance(), deadline);
        return new RuntimeVersion(answer.getRuntimeName(), answer.getRuntimeVersion());
    }

    /// @throws StatusRuntimeException if the runtime does not answer
    public RuntimeStatus status() {
        var conditions =
                connection
                        .call(CriMethods.STATUS, StatusRequest.getDefaultInstance(), SHORT)
                        .getStatus()
                        .getConditionsList();
        boolean runtimeReady = false;
        boolean networkReady = false;
        var messages = new ArrayList<String>();
        for (var condition : conditions) {
            runtimeReady |= condition.getType().equals("RuntimeReady") && condition.getStatus();
            networkReady |= condition.getType().equals("NetworkReady") && condition.getStatus();
            if (!condition.getStatus()) {
                messages.add(condition.getMessage());
            }
        }
        return new RuntimeStatus(runtimeReady, networkReady, String.join("; ", messages));
    }

    /// The running containers of all pods.
    List<ContainerStatus> runningContainers() {
        return inspection.pods().stream()
                .flatMap(pod -> pod.containers().stream())
                .filter(container -> container.state() == ContainerStatus.State.RUNNING)
                .toList();
    }

    /// Every sandbox, whosever it is.
    List<String> sandboxIds() {
        return inspection.sandboxes("").stream().map(PodSandbox::getId).toList();
    }

    /// Stops and removes a sandbox with everything in it, as far as the runtime goes along.
    void removePod(String sandboxId) {
        perform(new RuntimeCall.StopPodSandbox(sandboxId));
        perform(new RuntimeCall.RemovePodSandbox(sandboxId));
    }

    /// Forgets how long ago connecting failed: the next call tries at once.
    void reconnect() {
        connection.reconnect();
    }

    /// The images of this runtime.
    public Images images() {
        return images;
    }

    @Override
    public AutoCloseable watch(Consumer<RuntimeEvent> sink) {
        var watch = new RuntimeWatch(connection, inspection, sink);
        watch.start();
        return watch;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            connection.close();
            underWay.forEach(Thread::interrupt);
        }
    }
}
