// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.machine.Machine;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The node's own object: registers it, reports what it has and how it is, and keeps its heartbeat.
///
/// <https://kubernetes.io/docs/reference/node/node-status/>
public final class NodeStatus implements Machine<NodeStatus.Input, NodeStatus.Output> {
    /// <https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats>
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private static final Duration REPORT = Duration.ofMinutes(5);
    private static final int LEASE_SECONDS = 40;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// What the machine is and has. `architecture` is such as `amd64`;
    /// `containerRuntimeVersion` such as `containerd://1.6.20`.
    public record Facts(
            String name,
            String internalIp,
            String hostname,
            String operatingSystem,
            String architecture,
            String osImage,
            String kernelVersion,
            String machineId,
            String systemUuid,
            String bootId,
            String containerRuntimeVersion,
            String kubeletVersion,
            long cpuMillis,
            long memoryBytes,
            long diskBytes,
            int maxPods) {}

    /// How it is. `notReady` says why no pods can run, empty when they can: such as
    /// `container runtime is down`.
    public record Health(
            String notReady, boolean memoryPressure, boolean diskPressure, boolean pidPressure) {
        public static final Health GOOD = new Health("", false, false, false);
    }

    /// What it is told.
    public sealed interface Input {
        /// First, and whenever the node's object changed: the one in the API, null when none.
        record Seen(@Nullable JsonObject node) implements Input {}

        /// The health has changed, or may have.
        record Checked(Health health) implements Input {}

        /// An instant of [Output.WakeAt] has come.
        record Tick() implements Input {}
    }

    /// What it wants done.
    public sealed interface Output {
        /// Create the node; it is there already is well: look again and tell [Input.Seen].
        record CreateNode(JsonObject node) implements Output {}

        /// Replace the node's metadata and spec, on its resourceVersion; on a conflict look again.
        record UpdateNode(JsonObject node) implements Output {}

        /// Replace the node's `status`.
        record WriteStatus(String name, JsonObject status) implements Output {}

        /// Create this Lease, or replace the spec of the one that is there.
        record RenewLease(JsonObject lease) implements Output {}

        /// Record an event about the node.
        record RecordEvent(String name, String type, String reason, String message)
                implements Output {}

        /// Send [Input.Tick] then.
        record WakeAt(Instant at) implements Output {}
    }

    private record Condition(String type, boolean status, String reason, String message) {}

    private final Facts facts;
    private Health health;
    private @Nullable JsonObject node;
    private JsonObject status = JsonObject.EMPTY;
    private Instant reportedAt = Instant.MIN;
    private Instant beatAt = Instant.MIN;
    private boolean seen;
    private boolean registered;

    public NodeStatus(Facts facts, Health health) {
        this.facts = facts;
        this.health = health;
    }

    @Override
    public List<Output> handle(Input input, Instant now) {
        var outputs = new ArrayList<Output>();
        switch (input) {
            case Input.Seen(var found) -> seen(found, now, outputs);
            case Input.Checked(var newer) -> health = newer;
            case Input.Tick() -> {}
        }
        if (node != null) {
            report(node, now, outputs);
            beat(node, now, outputs);
        }
        return List.copyOf(outputs);
    }

    private void seen(@Nullable JsonObject found, Instant now, List<Output> outputs) {
        node = found;
        if (found == null) {
            registered = true;
            outputs.add(new Output.CreateNode(registration(now)));
            return;
        }
        if (!seen) {
            seen = true;
            status = registered ? JsonObject.EMPTY : found.object("status"); // ours is no news
            outputs.add(event("Starting", "Starting kubelet."));
        }
        var labels = found.object("metadata").object("labels");
        var wanted = labels;
        for (var name : labels().names()) {
            wanted = wanted.with(name, labels().string(name));
        }
        if (!wanted.equals(labels)) {
            var merged = wanted;
            outputs.add(
                    new Output.UpdateNode(found.with("metadata", m -> m.with("labels", merged))));
        }
    }

    /// <https://kubernetes.io/docs/reference/node/node-labels/>
    private JsonObject labels() {
        return JsonObject.builder()
                .put("beta.kubernetes.io/arch", facts.architecture())
                .put("beta.kubernetes.io/os", facts.operatingSystem())
                .put("kubernetes.io/arch", facts.architecture())
                .put("kubernetes.io/hostname", facts.hostname())
                .put("kubernetes.io/os", facts.operatingSystem())
                .build();
    }

    /// With its status, so that a scheduler never sees a node that has room for nothing.
    private JsonObject registration(Instant now) {
        return JsonObject.builder()
                .put("apiVersion", "v1")
                .put("kind", "Node")
                .put("metadata", JsonObject.of("name", Json.of(facts.name()), "labels", labels()))
                .put("spec", JsonObject.EMPTY)
                .put("status", status(conditions(), now))
                .build();
    }

    private Output event(String reason, String message) {
        return new Output.RecordEvent(facts.name(), "Normal", reason, message);
    }

    private void report(JsonObject current, Instant now, List<Output> outputs) {
        var conditions = conditions();
        boolean changed = !reportedAt.equals(Instant.MIN) && isDue(conditions, current);
        if (!changed && now.isBefore(nextReport())) {
            return;
        }
        for (var condition : conditions) {
            var before = previous(condition.type()).string("status");
            if (!before.equals(text(condition))) {
                outputs.add(event(eventReason(condition), eventMessage(condition)));
            }
        }
        status = status(conditions, now);
        reportedAt = now;
        outputs.add(new Output.WriteStatus(facts.name(), status));
    }

    private Instant nextReport() {
        return reportedAt.equals(Instant.MIN) ? Instant.MIN : reportedAt.plus(REPORT);
    }

    /// Whether something other than a heartbeat differs from what was reported, or from what is
    /// stored by now.
    private boolean isDue(List<Condition> conditions, JsonObject current) {
        boolean lost = current.object("status").object("capacity").isEmpty();
        return lost
                || conditions.stream()
                        .anyMatch(
                                condition -> {
                                    var previous = previous(condition.type());
                                    return !previous.string("status").equals(text(condition))
                                            || !previous.string("message")
                                                    .equals(condition.message());
                                });
    }

    private static String text(Condition condition) {
        return condition.status() ? "True" : "False";
    }

    private JsonObject previous(String type) {
        return status.array("conditions").objects().stream()
                .filter(condition -> condition.string("type").equals(type))
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }

    private List<Condition> conditions() {
        return List.of(
                new Condition(
                        "MemoryPressure",
                        health.memoryPressure(),
                        health.memoryPressure()
                                ? "KubeletHasInsufficientMemory"
                                : "KubeletHasSufficientMemory",
                        health.memoryPressure()
                                ? "kubelet has insufficient memory available"
                                : "kubelet has sufficient memory available"),
                new Condition(
                        "DiskPressure",
                        health.diskPressure(),
                        health.diskPressure()
                                ? "KubeletHasDiskPressure"
                                : "KubeletHasNoDiskPressure",
                        health.diskPressure()
                                ? "kubelet has disk pressure"
                                : "kubelet has no disk pressure"),
                new Condition(
                        "PIDPressure",
                        health.pidPressure(),
                        health.pidPressure()
                                ? "KubeletHasInsufficientPID"
                                : "KubeletHasSufficientPID",
                        health.pidPressure()
                                ? "kubelet has insufficient PID available"
                                : "kubelet has sufficient PID available"),
                new Condition(
                        "Ready",
                        health.notReady().isEmpty(),
                        health.notReady().isEmpty() ? "KubeletReady" : "KubeletNotReady",
                        health.notReady().isEmpty()
                                ? "kubelet is posting ready status"
                                : health.notReady()));
    }

    /// `KubeletHasSufficientMemory` is the event NodeHasSufficientMemory.
    private static String eventReason(Condition condition) {
        return condition.type().equals("Ready")
                ? (condition.status() ? "NodeReady" : "NodeNotReady")
                : condition.reason().replace("Kubelet", "Node");
    }

    private String eventMessage(Condition condition) {
        return "Node " + facts.name() + " status is now: " + eventReason(condition);
    }

    private JsonObject status(List<Condition> conditions, Instant now) {
        var capacity = amounts();
        return status.with("capacity", capacity)
                .with("allocatable", capacity)
                .with(
                        "conditions",
                        conditions.stream()
                                .map(condition -> condition(condition, now))
                                .collect(Json.toArray()))
                .with("addresses", addresses())
                .with("nodeInfo", nodeInfo());
    }

    private JsonObject amounts() {
        return JsonObject.builder()
                .put("cpu", Quantity.ofMillis(facts.cpuMillis()).toString())
                .put("ephemeral-storage", kibibytes(facts.diskBytes()))
                .put("hugepages-1Gi", "0")
                .put("hugepages-2Mi", "0")
                .put("memory", kibibytes(facts.memoryBytes()))
                .put("pods", Integer.toString(facts.maxPods()))
                .build();
    }

    private static String kibibytes(long bytes) {
        return bytes / 1024 + "Ki";
    }

    private Json condition(Condition condition, Instant now) {
        var previous = previous(condition.type());
        var since = previous.get("lastTransitionTime");
        boolean same = previous.string("status").equals(text(condition)) && since != null;
        return JsonObject.builder()
                .put("type", condition.type())
                .put("status", text(condition))
                .put("lastHeartbeatTime", ContainerStatuses.time(now))
                .put(
                        "lastTransitionTime",
                        same && since != null ? since : ContainerStatuses.time(now))
                .put("reason", condition.reason())
                .put("message", condition.message())
                .build();
    }

    private JsonArray addresses() {
        return JsonArray.of(
                JsonObject.of(
                        "type", Json.of("InternalIP"), "address", Json.of(facts.internalIp())),
                JsonObject.of("type", Json.of("Hostname"), "address", Json.of(facts.hostname())));
    }

    private JsonObject nodeInfo() {
        return JsonObject.builder()
                .put("machineID", facts.machineId())
                .put("systemUUID", facts.systemUuid())
                .put("bootID", facts.bootId())
                .put("kernelVersion", facts.kernelVersion())
                .put("osImage", facts.osImage())
                .put("containerRuntimeVersion", facts.containerRuntimeVersion())
                .put("kubeletVersion", facts.kubeletVersion())
                .put("kubeProxyVersion", "")
                .put("operatingSystem", facts.operatingSystem())
                .put("architecture", facts.architecture())
                .build();
    }

    private void beat(JsonObject current, Instant now, List<Output> outputs) {
        if (!beatAt.equals(Instant.MIN) && now.isBefore(beatAt.plus(HEARTBEAT))) {
            return;
        }
        beatAt = now;
        outputs.add(new Output.RenewLease(lease(current, now)));
        outputs.add(new Output.WakeAt(now.plus(HEARTBEAT)));
    }

    private JsonObject lease(JsonObject current, Instant now) {
        var owner =
                JsonObject.builder()
                        .put("apiVersion", "v1")
                        .put("kind", "Node")
                        .put("name", facts.name())
                        .put("uid", current.object("metadata").string("uid"))
                        .build();
        var metadata =
                JsonObject.builder()
                        .put("name", facts.name())
                        .put("namespace", "kube-node-lease")
                        .put("ownerReferences", JsonArray.of(owner))
                        .build();
        var spec =
                JsonObject.builder()
                        .put("holderIdentity", facts.name())
                        .put("leaseDurationSeconds", LEASE_SECONDS)
                        .put("renewTime", MICROS.format(now))
                        .build();
        return JsonObject.builder()
                .put("apiVersion", "coordination.k8s.io/v1")
                .put("kind", "Lease")
                .put("metadata", metadata)
                .put("spec", spec)
                .build();
    }
}
