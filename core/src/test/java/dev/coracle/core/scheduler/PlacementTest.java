// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import static dev.coracle.core.scheduler.Fixtures.NODE;
import static dev.coracle.core.scheduler.Fixtures.container;
import static dev.coracle.core.scheduler.Fixtures.node;
import static dev.coracle.core.scheduler.Fixtures.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Pod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A node `yard` of 4 CPUs, 8Gi and 110 pods, and a pod to be made worse.
class PlacementTest {
    private static final String UNHELPFUL =
            " no new claims to deallocate, preemption: 0/1 nodes are available:"
                    + " 1 Preemption is not helpful for scheduling.";
    private static final String NO_VICTIMS =
            " no new claims to deallocate, preemption: 0/1 nodes are available:"
                    + " 1 No preemption victims found for incoming pod.";

    @Test
    void aPodThatAsksForNothingGoesAnywhere() {
        assertThat(decide(pod("{}"))).isEqualTo(new Placement.Bind("yard"));
    }

    /// The two messages that v1.36 was observed to give.
    @Test
    void whatCanNeverFitIsSaidAsUpstreamSaysIt() {
        assertThat(message(pod("{nodeSelector: {lacks: this}}")))
                .isEqualTo(
                        "0/1 nodes are available: 1 node(s) didn't match Pod's node"
                                + " affinity/selector."
                                + UNHELPFUL);
        assertThat(message(pod("{containers: [%s]}".formatted(container("64", "900Gi")))))
                .isEqualTo(
                        "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory."
                                + UNHELPFUL);
    }

    @Test
    void whatOthersTakeMightBeFreed() {
        var others = List.of(pod("{containers: [%s]}".formatted(container("3", "1Gi"))));
        var pod = pod("{containers: [%s]}".formatted(container("1500m", "1Gi")));

        assertThat(message(pod, state(NODE, others)))
                .isEqualTo("0/1 nodes are available: 1 Insufficient cpu." + NO_VICTIMS);
    }

    @Test
    void aPodThatMayNotPreemptIsToldSo() {
        assertThat(message(pod("{preemptionPolicy: Never, nodeSelector: {lacks: this}}")))
                .endsWith("preemption: not eligible due to preemptionPolicy=Never.");
    }

    @Test
    void anExactFitFits() {
        assertThat(decide(pod("{containers: [%s]}".formatted(container("4", "8Gi")))))
                .isEqualTo(new Placement.Bind("yard"));
        assertThat(message(pod("{containers: [%s]}".formatted(container("4001m", "1")))))
                .startsWith("0/1 nodes are available: 1 Insufficient cpu.");
    }

    @Test
    void thereIsRoomForSoManyPodsOnly() {
        var node = node("yard", "{status: {allocatable: {cpu: 4, memory: 8Gi, pods: '1'}}}");

        assertThat(message(pod("{}"), state(node, List.of(pod("{}")))))
                .isEqualTo("0/1 nodes are available: 1 Too many pods." + NO_VICTIMS);
    }

    @Test
    void aResourceTheNodeDoesNotHaveIsInsufficient() {
        var gpu = "{containers: [{name: a, resources: {limits: {example.com/gpu: 1}}}]}";

        assertThat(message(pod(gpu)))
                .isEqualTo("0/1 nodes are available: 1 Insufficient example.com/gpu." + UNHELPFUL);
    }

    @Test
    void whereNoNodeIsThereIsNoPlace() {
        assertThat(Placement.decide(PendingPod.of(pod("{}")), List.of()))
                .isEqualTo(
                        new Placement.Unschedulable(
                                "no nodes available to schedule pods", java.util.Set.of()));
    }

    @Test
    void reasonsOfSeveralNodesAreCountedAndSorted() {
        var nodes =
                List.of(
                        state(node("a", "{spec: {unschedulable: true}}"), List.of()),
                        state(
                                node("b", "{spec: {taints: [{key: k, effect: NoSchedule}]}}"),
                                List.of()),
                        state(node("c", "{spec: {unschedulable: true}}"), List.of()));

        var placement = Placement.decide(PendingPod.of(pod("{}")), nodes);

        assertThat(((Placement.Unschedulable) placement).message())
                .isEqualTo(
                        "0/3 nodes are available: 1 node(s) had untolerated taint(s),"
                                + " 2 node(s) were unschedulable. no new claims to deallocate,"
                                + " preemption: 0/3 nodes are available:"
                                + " 3 Preemption is not helpful for scheduling.");
    }

    @Test
    void theNodeWithTheMostLeftIsChosenAndAmongEqualsTheFirst() {
        var busy =
                state(
                        node("a", "{}"),
                        List.of(pod("{containers: [%s]}".formatted(container("1", "1Gi")))));
        var idle = List.of(state(node("b", "{}"), List.of()), state(node("c", "{}"), List.of()));
        var nodes = new ArrayList<>(idle.reversed());
        nodes.add(busy);

        assertThat(Placement.decide(PendingPod.of(pod("{}")), nodes))
                .isEqualTo(new Placement.Bind("b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{key: k, value: v, effect: NoSchedule} | | false",
                "{key: k, value: v, effect: PreferNoSchedule} | | true",
                "{key: k, value: v, effect: NoExecute} | | false",
                "{key: k, value: v, effect: NoSchedule} | {key: k, value: v} | true",
                "{key: k, value: v, effect: NoSchedule} | {key: k, value: w} | false",
                "{key: k, value: v, effect: NoSchedule} | {key: k, operator: Exists} | true",
                "{key: k, value: v, effect: NoSchedule} | {operator: Exists} | true",
                "{key: k, value: v, effect: NoSchedule} | {operator: Exists, effect: NoExecute} | false",
                "{key: k, value: v, effect: NoSchedule} | {key: k, operator: Equal, value: v, effect: NoSchedule} | true",
            })
    void taintsRepelWhatDoesNotTolerateThem(String taint, String toleration, boolean fits) {
        var node = node("yard", "{spec: {taints: [%s]}}".formatted(taint));
        var tolerations = toleration == null ? "" : toleration;

        var placement =
                decide(pod("{tolerations: [%s]}".formatted(tolerations)), state(node, List.of()));

        assertThat(placement instanceof Placement.Bind).isEqualTo(fits);
    }

    @Test
    void aCordonedNodeTakesOnlyPodsThatTolerateIt() {
        var cordoned = state(node("yard", "{spec: {unschedulable: true}}"), List.of());

        assertThat(message(pod("{}"), cordoned))
                .startsWith("0/1 nodes are available: 1 node(s) were unschedulable.");
        assertThat(
                        decide(
                                pod(
                                        "{tolerations: [{key: node.kubernetes.io/unschedulable,"
                                                + " operator: Exists, effect: NoSchedule}]}"),
                                cordoned))
                .isEqualTo(new Placement.Bind("yard"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{matchExpressions: [{key: disk, operator: In, values: [ssd, nvme]}]} | true",
                "{matchExpressions: [{key: disk, operator: In, values: [hdd]}]} | false",
                "{matchExpressions: [{key: disk, operator: NotIn, values: [hdd]}]} | true",
                "{matchExpressions: [{key: none, operator: NotIn, values: [hdd]}]} | true",
                "{matchExpressions: [{key: disk, operator: Exists}]} | true",
                "{matchExpressions: [{key: disk, operator: DoesNotExist}]} | false",
                "{matchExpressions: [{key: size, operator: Gt, values: ['9']}]} | true",
                "{matchExpressions: [{key: size, operator: Gt, values: ['10']}]} | false",
                "{matchExpressions: [{key: size, operator: Lt, values: ['11']}]} | true",
                "{matchExpressions: [{key: disk, operator: Lt, values: ['11']}]} | false",
                "{matchExpressions: [{key: disk, operator: Exists}, {key: size, operator: Lt, values: ['2']}]} | false",
                "{matchFields: [{key: metadata.name, operator: In, values: [yard]}]} | true",
                "{matchFields: [{key: metadata.name, operator: In, values: [other]}]} | false",
                "{} | false",
                "{}, {matchExpressions: [{key: disk, operator: Exists}]} | true",
            })
    void affinityChoosesNodesByLabelsAndName(String terms, boolean fits) {
        var node = node("yard", "{metadata: {labels: {disk: ssd, size: '10'}}}");
        var affinity =
                "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution:"
                        + " {nodeSelectorTerms: [%s]}}}}".formatted(terms);

        assertThat(decide(pod(affinity), state(node, List.of())) instanceof Placement.Bind)
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({
        "{hostPort: 80}, {hostPort: 80}, false",
        "{hostPort: 80}, {hostPort: 81}, true",
        "{hostPort: 80}, '{hostPort: 80, protocol: UDP}', true",
        "'{hostPort: 80, hostIP: 10.0.0.1}', '{hostPort: 80, hostIP: 10.0.0.2}', true",
        "'{hostPort: 80, hostIP: 10.0.0.1}', {hostPort: 80}, false",
        "{containerPort: 80}, {containerPort: 80}, true",
    })
    void aHostPortIsTakenOnce(String taken, String wanted, boolean fits) {
        var ports = "{containers: [{name: a, ports: [%s]}]}";
        var node = state(NODE, List.of(pod(ports.formatted(taken))));

        var placement = decide(pod(ports.formatted(wanted)), node);

        assertThat(placement instanceof Placement.Bind).isEqualTo(fits);
        if (placement instanceof Placement.Unschedulable(var message, _)) {
            assertThat(message)
                    .isEqualTo(
                            "0/1 nodes are available: 1 node(s) didn't have free ports for the"
                                    + " requested pod ports."
                                    + NO_VICTIMS);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{containers: [{cpu: 1}, {cpu: 1}]} | 2",
                "{initContainers: [{cpu: 3}, {cpu: 1}], containers: [{cpu: 1}, {cpu: 1}]} | 3",
                "{initContainers: [{cpu: 1, sidecar: true}, {cpu: 3}], containers: [{cpu: 1}, {cpu: 1}]} | 4",
                "{initContainers: [{cpu: 3}, {cpu: 1, sidecar: true}], containers: [{cpu: 1}, {cpu: 1}]} | 3",
                "{initContainers: [{cpu: 500m, sidecar: true}], containers: [{cpu: 250m}]} | 750m",
                "{containers: [{cpu: 1}], overhead: {cpu: 250m}} | 1250m",
                "{containers: [{cpu: 1}], resources: {requests: {cpu: 3}}} | 3",
                "{containers: [{limit: 2}]} | 2",
            })
    void sidecarsAddUpAndInitContainersRunOneAtATime(String spec, String cpu) {
        var tree =
                Fixtures.yaml(spec)
                        .with("containers", Fixtures.withResources(spec, "containers"))
                        .with("initContainers", Fixtures.withResources(spec, "initContainers"));

        assertThat(Requests.of(Pod.of(JsonObject.of("spec", tree))).get("cpu")).hasToString(cpu);
    }

    private static Placement decide(Pod pod) {
        return decide(pod, state(NODE, List.of()));
    }

    private static Placement decide(Pod pod, NodeState node) {
        return Placement.decide(PendingPod.of(pod), List.of(node));
    }

    private static String message(Pod pod) {
        return message(pod, state(NODE, List.of()));
    }

    private static String message(Pod pod, NodeState node) {
        return ((Placement.Unschedulable) decide(pod, node)).message();
    }

    private static NodeState state(JsonObject node, List<Pod> bound) {
        return NodeState.of(node, bound.stream().map(PendingPod::of).toList());
    }
}
