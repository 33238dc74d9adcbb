// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.cri.CriRuntime;
import dev.coracle.host.http.PodAccess;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Ways into the pods of this node: log files below `logs`, and the streaming server of the
/// runtime, once there is one.
final class RuntimeAccess implements PodAccess {
    private static final String SCHEME = "://";

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
        var opened = runtime;
        var status = status(pod, container);
        if (opened == null || status == null) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.SERVICE_UNAVAILABLE,
                            "container %s cannot be reached yet".formatted(container)));
        }
        var id = status.string("containerID");
        try {
            return opened.exec(
                    new CriRuntime.ExecOptions(
                            id.substring(id.indexOf(SCHEME) + SCHEME.length()),
                            command,
                            streams.stdin(),
                            streams.stdout(),
                            streams.stderr(),
                            streams.tty()));
        } catch (StatusRuntimeException e) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.INTERNAL_ERROR,
                            String.valueOf(e.getStatus().getDescription())));
        }
    }
}
