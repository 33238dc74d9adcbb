// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.cri.CriRuntime;
import dev.coracle.host.http.PodAccess;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Ways into the pods of this node: log files below `logs`, and the streaming server of the
/// runtime, once there is one.
final class RuntimeAccess implements PodAccess {
    private static final String SCHEME = "://";
    private static final int CONNECT_MILLIS = 30_000;

    private final Path logs;
    private volatile @Nullable CriRuntime runtime;

    RuntimeAccess(Path logs) {
        this.logs = logs;
    }

    void open(CriRuntime opened) {
        runtime = opened;
    }

    /// Where the kubelet has the runtime write, as upstream's does.
    static Path logFile(Path logs, JsonObject pod, String container, long attempt) {
        var key = ObjectKey.of(pod);
        return logs.resolve(
                        "%s_%s_%s"
                                .formatted(
                                        key.namespace(),
                                        key.name(),
                                        pod.object("metadata").string("uid")))
                .resolve(container)
                .resolve(attempt + ".log");
    }

    @Override
    public @Nullable Path logFile(JsonObject pod, String container, String containerId) {
        var status = status(pod, container);
        if (status == null) {
            return null;
        }
        long attempt = status.number("restartCount", 0);
        boolean current = status.string("containerID").equals(containerId);
        var file = logFile(logs, pod, container, current ? attempt : attempt - 1);
        return Files.exists(file) ? file : null;
    }

    private static @Nullable JsonObject status(JsonObject pod, String container) {
        var status = pod.object("status");
        return Stream.of("containerStatuses", "initContainerStatuses")
                .flatMap(list -> status.array(list).objects().stream())
                .filter(each -> each.string("name").equals(container))
                .findFirst()
                .orElse(null);
    }

    @Override
    public URI exec(JsonObject pod, String container, List<String> command, Streams streams) {
        return ask(runtime -> runtime.exec(options(pod, container, command, streams)));
    }

    @Override
    public URI attach(JsonObject pod, String container, Streams streams) {
        return ask(runtime -> runtime.attach(options(pod, container, List.of(), streams)));
    }

    @Override
    public URI portForward(JsonObject pod, List<Integer> ports) {
        return ask(runtime -> runtime.portForward(sandbox(runtime, pod), ports));
    }

    private URI ask(Function<CriRuntime, URI> question) {
        var opened = runtime;
        if (opened == null) {
            throw unavailable("the container runtime");
        }
        try {
            return question.apply(opened);
        } catch (StatusRuntimeException e) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.INTERNAL_ERROR,
                            String.valueOf(e.getStatus().getDescription())));
        }
    }

    private static ApiException unavailable(String what) {
        return new ApiException(
                Status.of(Status.Reason.SERVICE_UNAVAILABLE, what + " cannot be reached yet"));
    }

    private static CriRuntime.ExecOptions options(
            JsonObject pod, String container, List<String> command, Streams streams) {
        var status = status(pod, container);
        if (status == null) {
            throw unavailable("container " + container);
        }
        var id = status.string("containerID");
        return new CriRuntime.ExecOptions(
                id.substring(id.indexOf(SCHEME) + SCHEME.length()),
                command,
                streams.stdin(),
                streams.stdout(),
                streams.stderr(),
                streams.tty());
    }

    /// The sandbox in which the pod runs now.
    private static String sandbox(CriRuntime runtime, JsonObject pod) {
        var uid = pod.object("metadata").string("uid");
        if (runtime.perform(new RuntimeCall.InspectPod(uid))
                instanceof RuntimeReply.Pod(var seen)) {
            return seen.sandboxes().stream()
                    .filter(RuntimeReply.SandboxStatus::ready)
                    .map(RuntimeReply.SandboxStatus::id)
                    .findFirst()
                    .orElseThrow(RuntimeAccess::noSandbox);
        }
        throw noSandbox();
    }

    private static ApiException noSandbox() {
        return new ApiException(
                Status.of(Status.Reason.INTERNAL_ERROR, "unable to find pod sandbox"));
    }

    @Override
    public Socket connect(InetSocketAddress address) throws IOException {
        var socket = new Socket(Proxy.NO_PROXY);
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, CONNECT_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
