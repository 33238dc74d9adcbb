// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.NodeStatus.Health;
import dev.coracle.core.kubelet.NodeStatus.Input;
import dev.coracle.core.kubelet.NodeStatus.Output;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeStatusTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00.5Z");
    private static final NodeStatus.Facts FACTS =
            new NodeStatus.Facts(
                    "yard",
                    "192.0.2.9",
                    "yard.example",
                    "linux",
                    "amd64",
                    "Debian GNU/Linux 12 (bookworm)",
                    "6.1.0",
                    "m",
                    "s",
                    "b",
                    "containerd://1.6.20",
                    "v1.36.2",
                    1500,
                    3L << 30,
                    10L << 30,
                    110);

    private final NodeStatus machine = new NodeStatus(FACTS, Health.GOOD);

    private static JsonObject node(Output.CreateNode created) {
        return created.node().with("metadata", metadata -> metadata.with("uid", "node-uid"));
    }

    private JsonObject register() {
        var outputs = machine.handle(new Input.Seen(null), T0);
        assertThat(outputs).hasSize(1);
        return node((Output.CreateNode) outputs.getFirst());
    }

    private static <T> T only(Class<T> type, List<Output> outputs) {
        var found = outputs.stream().filter(type::isInstance).map(type::cast).toList();
        assertThat(found).as("%s in %s", type.getSimpleName(), outputs).hasSize(1);
        return found.getFirst();
    }

    private static String ready(JsonObject status) {
        var ready = status.array("conditions").objects().getLast();
        return ready.string("status")
                + " "
                + ready.string("reason")
                + ": "
                + ready.string("message");
    }

    @Test
    void anUnknownNodeIsRegisteredWithItsLabels() {
        var labels = register().object("metadata").object("labels").strings();

        assertThat(labels)
                .containsEntry("kubernetes.io/hostname", "yard.example")
                .containsEntry("kubernetes.io/os", "linux")
                .containsEntry("kubernetes.io/arch", "amd64");
    }

    @Test
    void aNodeIsRegisteredWithRoomForPods() {
        var status = register().object("status");

        assertThat(status.object("allocatable").strings()).containsEntry("pods", "110");
        assertThat(ready(status)).isEqualTo("True KubeletReady: kubelet is posting ready status");
    }

    @Test
    void aRegisteredNodeReportsAtOnceAndBeats() {
        var outputs = machine.handle(new Input.Seen(register()), T0);

        var status = only(Output.WriteStatus.class, outputs).status();
        assertThat(status.object("capacity").strings())
                .containsEntry("cpu", "1500m")
                .containsEntry("memory", "3145728Ki")
                .containsEntry("pods", "110");
        assertThat(ready(status)).isEqualTo("True KubeletReady: kubelet is posting ready status");
        var lease = only(Output.RenewLease.class, outputs).lease();
        assertThat(lease.object("spec"))
                .isEqualTo(
                        JsonObject.builder()
                                .put("holderIdentity", "yard")
                                .put("leaseDurationSeconds", 40)
                                .put("renewTime", "2026-01-01T00:00:00.500000Z")
                                .build());
        assertThat(outputs).contains(new Output.WakeAt(T0.plusSeconds(10)));
        assertThat(outputs)
                .contains(
                        new Output.RecordEvent(
                                "yard",
                                "Normal",
                                "NodeHasSufficientMemory",
                                "Node yard status is now: NodeHasSufficientMemory"));
    }

    @Test
    void aQuietNodeRenewsItsLeaseEveryTenSecondsAndReportsEveryFiveMinutes() {
        var node = register();
        var first = only(Output.WriteStatus.class, machine.handle(new Input.Seen(node), T0));
        machine.handle(new Input.Seen(node.with("status", first.status())), T0);
        var leases = new ArrayList<Long>();
        var reports = new ArrayList<Long>();
        for (long second = 1; second <= 600; second++) {
            for (var output : machine.handle(new Input.Tick(), T0.plusSeconds(second))) {
                switch (output) {
                    case Output.RenewLease _ -> leases.add(second);
                    case Output.WriteStatus _ -> reports.add(second);
                    default -> {}
                }
            }
        }

        assertThat(leases).hasSize(60).startsWith(10L, 20L, 30L);
        assertThat(reports).containsExactly(300L, 600L);
    }

    @Test
    void aChangeIsReportedAtOnceAndItsTimeKept() {
        machine.handle(new Input.Seen(register()), T0);
        var bad = new Health("container runtime is down", false, true, false);

        var outputs = machine.handle(new Input.Checked(bad), T0.plusSeconds(3));

        var status = only(Output.WriteStatus.class, outputs).status();
        assertThat(ready(status)).isEqualTo("False KubeletNotReady: container runtime is down");
        var disk = status.array("conditions").objects().get(1);
        assertThat(disk.string("reason")).isEqualTo("KubeletHasDiskPressure");
        assertThat(disk.string("lastTransitionTime")).isEqualTo("2026-01-01T00:00:03Z");
        var memory = status.array("conditions").objects().getFirst();
        assertThat(memory.string("lastTransitionTime")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(memory.string("lastHeartbeatTime")).isEqualTo("2026-01-01T00:00:03Z");
        assertThat(outputs)
                .contains(
                        new Output.RecordEvent(
                                "yard",
                                "Normal",
                                "NodeNotReady",
                                "Node yard status is now: NodeNotReady"));
    }

    @Test
    void labelsThatWereTakenAwayComeBackAndOthersStay() {
        var changed =
                register()
                        .with(
                                "metadata",
                                metadata ->
                                        metadata.with(
                                                "labels", JsonObject.of("mine", Json.of("x"))));

        var update = only(Output.UpdateNode.class, machine.handle(new Input.Seen(changed), T0));

        assertThat(update.node().object("metadata").object("labels").strings())
                .containsEntry("mine", "x")
                .containsEntry("kubernetes.io/os", "linux");
    }
}
