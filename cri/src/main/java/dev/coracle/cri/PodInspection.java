// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.core.kubelet.RuntimeReply.RuntimePod;
import dev.coracle.core.kubelet.RuntimeReply.SandboxStatus;
import dev.coracle.cri.proto.Container;
import dev.coracle.cri.proto.ContainerFilter;
import dev.coracle.cri.proto.ContainerState;
import dev.coracle.cri.proto.ContainerStatus;
import dev.coracle.cri.proto.ContainerStatusRequest;
import dev.coracle.cri.proto.ListContainersRequest;
import dev.coracle.cri.proto.ListPodSandboxRequest;
import dev.coracle.cri.proto.NamespaceMode;
import dev.coracle.cri.proto.PodIP;
import dev.coracle.cri.proto.PodSandbox;
import dev.coracle.cri.proto.PodSandboxFilter;
import dev.coracle.cri.proto.PodSandboxState;
import dev.coracle.cri.proto.PodSandboxStatus;
import dev.coracle.cri.proto.PodSandboxStatusRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads what the runtime holds for pods. Two list calls tell which sandboxes and containers there
/// are and their states; the rest of a status is asked for once per state, since between two
/// changes of state it stays as it is.
final class PodInspection {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final long NANOS = 1_000_000_000L;

    private final CriConnection connection;
    private final Map<String, List<String>> sandboxIps = new ConcurrentHashMap<>();
    private final Map<String, RuntimeReply.ContainerStatus> containers = new ConcurrentHashMap<>();
    private final Map<String, Owner> owners = new ConcurrentHashMap<>();

    /// The pod that a container or sandbox is of.
    record Owner(String podUid, boolean sandbox) {}

    PodInspection(CriConnection connection) {
        this.connection = connection;
    }

    /// One pod, without sandboxes and containers when the runtime knows nothing of it.
    RuntimePod pod(String uid) {
        var found = group(sandboxes(uid), containers(uid)).get(uid);
        return found == null
                ? new RuntimePod(uid, "", "", List.of(), List.of())
                : found.toPod(uid, this);
    }

    /// Every pod, ordered by uid.
    List<RuntimePod> pods() {
        var sandboxes = sandboxes("");
        var listed = containers("");
        forgetAllBut(sandboxes, listed);
        var pods = new ArrayList<RuntimePod>();
        group(sandboxes, listed).forEach((uid, found) -> pods.add(found.toPod(uid, this)));
        return pods;
    }

    /// Drops what is remembered of a container or sandbox, because it is gone or has changed
    /// without changing its state.
    void forget(String id) {
        sandboxIps.remove(id);
        containers.remove(id);
    }

    /// Remembers whose a container or sandbox is, from when it was made.
    void made(String id, Owner owner) {
        owners.put(id, owner);
    }

    /// Whose this container or sandbox is; null when it is gone or no pod's.
    @Nullable Owner owner(String id) {
        var known = owners.get(id);
        if (known != null) {
            return known;
        }
        containers("").forEach(this::remember);
        sandboxes("").forEach(this::remember);
        return owners.get(id);
    }

    private void remember(Container container) {
        var uid = container.getLabelsOrDefault(PodLabels.POD_UID, "");
        if (!uid.isEmpty()) {
            owners.put(container.getId(), new Owner(uid, false));
        }
    }

    private void remember(PodSandbox sandbox) {
        var uid = sandbox.getLabelsOrDefault(PodLabels.POD_UID, "");
        if (!uid.isEmpty()) {
            owners.put(sandbox.getId(), new Owner(uid, true));
        }
    }

    private void forgetAllBut(List<PodSandbox> sandboxes, List<Container> listed) {
        sandboxIps
                .keySet()
                .retainAll(sandboxes.stream().map(PodSandbox::getId).collect(Collectors.toSet()));
        containers
                .keySet()
                .retainAll(listed.stream().map(Container::getId).collect(Collectors.toSet()));
        owners.clear();
        listed.forEach(this::remember);
        sandboxes.forEach(this::remember);
    }

    /// The sandboxes of one pod, or of all when `uid` is empty.
    List<PodSandbox> sandboxes(String uid) {
        var filter = PodSandboxFilter.newBuilder();
        if (!uid.isEmpty()) {
            filter.putLabelSelector(PodLabels.POD_UID, uid);
        }
        var request = ListPodSandboxRequest.newBuilder().setFilter(filter).build();
        return connection.call(CriMethods.LIST_POD_SANDBOX, request, DEADLINE).getItemsList();
    }

    /// The containers of one pod, or of all when `uid` is empty.
    List<Container> containers(String uid) {
        var filter = ContainerFilter.newBuilder();
        if (!uid.isEmpty()) {
            filter.putLabelSelector(PodLabels.POD_UID, uid);
        }
        var request = ListContainersRequest.newBuilder().setFilter(filter).build();
        return connection.call(CriMethods.LIST_CONTAINERS, request, DEADLINE).getContainersList();
    }

    /// The addresses of a sandbox, the primary first; empty on the host's network or when it is
    /// gone.
    List<String> ips(String sandboxId) {
        var known = sandboxIps.get(sandboxId);
        if (known != null) {
            return known;
        }
        var status = sandboxStatus(sandboxId);
        if (status == null) {
            return List.of();
        }
        var ips = ips(status);
        if (!ips.isEmpty() || onHostNetwork(status)) {
            sandboxIps.put(sandboxId, ips);
        }
        return ips;
    }

    private static boolean onHostNetwork(PodSandboxStatus status) {
        return status.getLinux().getNamespaces().getOptions().getNetwork() == NamespaceMode.NODE;
    }

    private static List<String> ips(PodSandboxStatus status) {
        var network = status.getNetwork();
        if (network.getIp().isEmpty()) {
            return List.of();
        }
        var ips = new ArrayList<String>();
        ips.add(network.getIp());
        network.getAdditionalIpsList().stream().map(PodIP::getIp).forEach(ips::add);
        return List.copyOf(ips);
    }

    @Nullable PodSandboxStatus sandboxStatus(String sandboxId) {
        var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandboxId).build();
        try {
            return connection.call(CriMethods.POD_SANDBOX_STATUS, request, DEADLINE).getStatus();
        } catch (StatusRuntimeException e) {
            if (gone(e)) {
                return null;
            }
            throw e;
        }
    }

    @Nullable ContainerStatus containerStatus(String containerId) {
        var request = ContainerStatusRequest.newBuilder().setContainerId(containerId).build();
        try {
            return connection.call(CriMethods.CONTAINER_STATUS, request, DEADLINE).getStatus();
        } catch (StatusRuntimeException e) {
            if (gone(e)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean gone(StatusRuntimeException e) {
        return e.getStatus().getCode() == Status.Code.NOT_FOUND;
    }

    private SandboxStatus status(PodSandbox sandbox) {
        return new SandboxStatus(
                sandbox.getId(),
                sandbox.getState() == PodSandboxState.SANDBOX_READY,
                sandbox.getMetadata().getAttempt(),
                instant(sandbox.getCreatedAt()),
                ips(sandbox.getId()),
                sandbox.getLabelsMap(),
                sandbox.getAnnotationsMap());
    }

    private RuntimeReply.@Nullable ContainerStatus status(Container listed) {
        var known = containers.get(listed.getId());
        if (known != null && known.state() == state(listed.getState())) {
            return known;
        }
        var status = containerStatus(listed.getId());
        if (status == null) {
            return null;
        }
        var fresh = status(listed.getPodSandboxId(), status);
        if (fresh.state() == State.RUNNING || fresh.state() == State.EXITED) {
            containers.put(listed.getId(), fresh);
        }
        return fresh;
    }

    private static RuntimeReply.ContainerStatus status(String sandboxId, ContainerStatus status) {
        var state = state(status.getState());
        return new RuntimeReply.ContainerStatus(
                status.getId(),
                sandboxId,
                status.getMetadata().getName(),
                status.getMetadata().getAttempt(),
                state,
                instant(status.getCreatedAt()),
                orNull(startedAt(status)),
                orNull(status.getFinishedAt()),
                status.getExitCode(),
                status.getReason(),
                state == State.EXITED ? LastWords.of(status) : status.getMessage(),
                status.getImage().getImage(),
                status.getImageRef(),
                status.getLogPath(),
                status.getLabelsMap(),
                status.getAnnotationsMap());
    }

    /// The start is noted when the call to start returns: a short container has ended before.
    private static long startedAt(ContainerStatus status) {
        return status.getFinishedAt() > 0
                ? Math.min(status.getStartedAt(), status.getFinishedAt())
                : status.getStartedAt();
    }

    private static State state(ContainerState state) {
        return switch (state) {
            case CONTAINER_CREATED -> State.CREATED;
            case CONTAINER_RUNNING -> State.RUNNING;
            case CONTAINER_EXITED -> State.EXITED;
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> State.UNKNOWN;
        };
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
    }

    private static @Nullable Instant orNull(long nanos) {
        return nanos <= 0 ? null : instant(nanos);
    }

    private static Map<String, Found> group(List<PodSandbox> sandboxes, List<Container> listed) {
        var pods = new TreeMap<String, Found>();
        for (var sandbox : sandboxes) {
            var uid = sandbox.getLabelsOrDefault(PodLabels.POD_UID, "");
            if (!uid.isEmpty()) {
                pods.computeIfAbsent(uid, _ -> new Found()).sandboxes.add(sandbox);
            }
        }
        for (var container : listed) {
            var uid = container.getLabelsOrDefault(PodLabels.POD_UID, "");
            if (!uid.isEmpty()) {
                pods.computeIfAbsent(uid, _ -> new Found()).containers.add(container);
            }
        }
        return pods;
    }

    /// What the two lists said of one pod.
    private static final class Found {
        private final List<PodSandbox> sandboxes = new ArrayList<>();
        private final List<Container> containers = new ArrayList<>();

        RuntimePod toPod(String uid, PodInspection inspection) {
            sandboxes.sort(Comparator.comparingLong(PodSandbox::getCreatedAt).reversed());
            containers.sort(Comparator.comparingLong(Container::getCreatedAt).reversed());
            var labels =
                    sandboxes.isEmpty()
                            ? containers.getFirst().getLabelsMap()
                            : sandboxes.getFirst().getLabelsMap();
            var statuses = new ArrayList<RuntimeReply.ContainerStatus>();
            for (var container : containers) {
                var status = inspection.status(container);
                if (status != null) {
                    statuses.add(status);
                }
            }
            return new RuntimePod(
                    uid,
                    labels.getOrDefault(PodLabels.POD_NAMESPACE, ""),
                    labels.getOrDefault(PodLabels.POD_NAME, ""),
                    sandboxes.stream().map(inspection::status).toList(),
                    statuses);
        }
    }
}
