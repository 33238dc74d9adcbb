// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import static dev.coracle.core.scheduler.Fixtures.NODE;
import static dev.coracle.core.scheduler.Fixtures.node;
import static dev.coracle.core.scheduler.Fixtures.podTree;
import static dev.coracle.core.scheduler.Fixtures.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private static final Instant T0 = Instant.parse("2026-11-21T04:05:00Z");
    private static final String BIG =
            "{containers: [%s]}".formatted(Fixtures.container("3", "1Gi"));
    private static final String TOO_BIG =
            "{containers: [%s]}".formatted(Fixtures.container("64", "1Gi"));

    private final Scheduler scheduler = new Scheduler();

    @Test
    void aPodThatFitsIsBoundAndSaysSo() {
        var outputs = scheduler.handle(all(List.of(podTree("web", "{}")), List.of(NODE)), T0);

        assertThat(outputs).hasSize(1);
        var bind = (SchedulerOutput.Bind) outputs.getFirst();
        assertThat(bind.key()).isEqualTo(new ObjectKey("default", "web"));
        assertThat(bind.podUid()).isEqualTo("u-web");
        assertThat(bind.binding())
                .isEqualTo(
                        JsonReader.parseObject(
                                """
                                {"apiVersion": "v1", "kind": "Binding",
                                 "metadata": {"name": "web", "namespace": "default", "uid": "u-web"},
                                 "target": {"kind": "Node", "name": "yard"}}"""));
        assertThat(bind.events()).hasSize(1);
        var event = bind.events().getFirst();
        assertThat(event.type() + " " + event.reason() + " " + event.component() + event.host())
                .isEqualTo("Normal Scheduled default-scheduler");
        assertThat(event.message()).isEqualTo("Successfully assigned default/web to yard");
    }

    @Test
    void aPodThatFitsNowhereIsTold() {
        var outputs =
                scheduler.handle(
                        all(
                                List.of(podTree("web", "{nodeSelector: {lacks: this}}")),
                                List.of(NODE)),
                        T0);

        var message =
                "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no"
                        + " new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption"
                        + " is not helpful for scheduling.";
        assertThat(outputs).hasSize(3);
        var event = ((SchedulerOutput.RecordEvent) outputs.get(0)).event();
        assertThat(event.type() + " " + event.reason()).isEqualTo("Warning FailedScheduling");
        assertThat(event.message()).isEqualTo(message);
        assertThat(((SchedulerOutput.PatchStatus) outputs.get(1)).patch())
                .isEqualTo(
                        JsonReader.parseObject(
                                """
                                {"metadata": {"uid": "u-web"}, "status": {"conditions": [
                                  {"type": "PodScheduled", "observedGeneration": 1,
                                   "status": "False", "lastProbeTime": null,
                                   "lastTransitionTime": "2026-11-21T04:05:00Z",
                                   "reason": "Unschedulable", "message": "%s"}]}}"""
                                        .formatted(message)));
        assertThat(outputs.get(2)).isEqualTo(new SchedulerOutput.WakeAt(T0.plusSeconds(300)));
    }

    @Test
    void aConditionThatIsThereAlreadyIsNotWrittenAgain() {
        var tree = podTree("web", "{nodeSelector: {lacks: this}}");
        var patch =
                (SchedulerOutput.PatchStatus)
                        scheduler.handle(all(List.of(tree), List.of(NODE)), T0).get(1);
        var told = tree.with("status", patch.patch().object("status"));

        assertThat(
                        kinds(
                                new Scheduler()
                                        .handle(
                                                all(List.of(told), List.of(NODE)),
                                                T0.plusSeconds(9))))
                .containsExactly("RecordEvent", "WakeAt");
    }

    @Test
    void anotherMessageKeepsTheTimeOfTheTransition() {
        var condition =
                yaml(
                        "{type: PodScheduled, status: 'False', reason: Unschedulable, message: old,"
                                + " lastTransitionTime: '2026-11-21T04:00:00Z'}");
        var tree =
                podTree("web", TOO_BIG)
                        .with("status", JsonObject.of("conditions", JsonArray.of(condition)));

        var patch =
                (SchedulerOutput.PatchStatus)
                        scheduler.handle(all(List.of(tree), List.of(NODE)), T0).get(1);

        assertThat(patch.patch().object("status").array("conditions").objects().getFirst())
                .extracting(c -> c.string("lastTransitionTime"))
                .isEqualTo("2026-11-21T04:00:00Z");
    }

    @Test
    void whatWasJustBoundCountsBeforeTheApiShowsIt() {
        var outputs =
                scheduler.handle(
                        all(List.of(podTree("a", BIG), podTree("b", BIG)), List.of(NODE)), T0);

        assertThat(kinds(outputs)).containsExactly("Bind", "RecordEvent", "PatchStatus", "WakeAt");
    }

    @Test
    void theHigherPriorityGoesFirst() {
        var low = podTree("low", BIG);
        var high = podTree("high", BIG).with("spec", spec -> spec.with("priority", 100));

        var outputs = scheduler.handle(all(List.of(low, high), List.of(NODE)), T0);

        assertThat(((SchedulerOutput.Bind) outputs.getFirst()).key().name()).isEqualTo("high");
    }

    @Test
    void roomThatIsGivenBackIsOfferedAtOnce() {
        var first = podTree("a", BIG);
        scheduler.handle(all(List.of(first, podTree("b", BIG)), List.of(NODE)), T0);
        scheduler.handle(pods(boundTo("yard", first)), T0.plusMillis(20));

        assertThat(kinds(scheduler.handle(pods(podTree("c", "{}")), T0.plusSeconds(1))))
                .as("a newcomer changes nothing for b")
                .containsExactly("Bind");
        var ended = boundTo("yard", first).with("status", yaml("{phase: Succeeded}"));
        assertThat(kinds(scheduler.handle(pods(ended), T0.plusSeconds(2)))).containsExactly("Bind");
    }

    @Test
    void aPodThatLeavesHelpsOnlyThoseWhoLackRoom() {
        var gone = boundTo("yard", podTree("gone", "{}"));
        scheduler.handle(
                all(
                        List.of(
                                gone,
                                podTree("big", TOO_BIG),
                                podTree("picky", "{nodeSelector: {lacks: this}}")),
                        List.of(NODE)),
                T0);

        var outputs =
                scheduler.handle(
                        new SchedulerInput.Changes(
                                List.of(), List.of(ObjectKey.of(gone)), List.of(), List.of()),
                        T0.plusSeconds(1));

        assertThat(kinds(outputs)).containsExactly("RecordEvent", "PatchStatus", "WakeAt");
        assertThat(outputs.toString()).contains("name=big").doesNotContain("name=picky");
    }

    @Test
    void aNodeThatChangesIsTriedWhenTheChangeHelps() {
        scheduler.handle(
                all(List.of(podTree("web", "{nodeSelector: {disk: ssd}}")), List.of(NODE)), T0);

        var heartbeat = NODE.with("status", status -> status.with("nodeInfo", yaml("{a: b}")));
        assertThat(scheduler.handle(nodes(heartbeat), T0.plusSeconds(1))).isEmpty();
        var labelled = node("yard", "{metadata: {labels: {disk: hdd}}}");
        assertThat(scheduler.handle(nodes(labelled), T0.plusSeconds(2))).isEmpty();
        var right = node("yard", "{metadata: {labels: {disk: ssd}}}");
        assertThat(kinds(scheduler.handle(nodes(right), T0.plusSeconds(3))))
                .containsExactly("Bind");
    }

    @Test
    void aTaintThatGoesAwayLetsThePodIn() {
        var notReady =
                node(
                        "yard",
                        "{spec: {taints: [{key: node.kubernetes.io/not-ready, effect: NoSchedule}]}}");
        scheduler.handle(all(List.of(podTree("web", "{}")), List.of(notReady)), T0);

        assertThat(kinds(scheduler.handle(nodes(NODE), T0.plusSeconds(1)))).containsExactly("Bind");
    }

    @Test
    void theFirstNodeIsWaitedFor() {
        var outputs = scheduler.handle(all(List.of(podTree("web", "{}")), List.of()), T0);

        assertThat(outputs.toString()).contains("no nodes available to schedule pods");
        assertThat(kinds(scheduler.handle(nodes(NODE), T0.plusSeconds(1)))).containsExactly("Bind");
    }

    @Test
    void afterFiveMinutesAPodIsTriedInAnyCase() {
        scheduler.handle(all(List.of(podTree("web", TOO_BIG)), List.of(NODE)), T0);

        assertThat(scheduler.handle(new SchedulerInput.Tick(), T0.plusSeconds(299))).isEmpty();
        assertThat(kinds(scheduler.handle(new SchedulerInput.Tick(), T0.plusSeconds(300))))
                .containsExactly("RecordEvent", "PatchStatus", "WakeAt");
    }

    @Test
    void aBindingThatFailsIsTriedAgainAfterABackOff() {
        scheduler.handle(all(List.of(podTree("web", "{}")), List.of(NODE)), T0);
        var key = new ObjectKey("default", "web");
        var now = T0;
        for (long seconds : new long[] {1, 2, 4, 8, 10, 10}) {
            var outputs =
                    scheduler.handle(new SchedulerInput.BindFailed(key, "u-web", "timeout"), now);
            assertThat(kinds(outputs)).containsExactly("RecordEvent", "WakeAt");
            assertThat(outputs.toString()).contains("binding rejected: timeout");
            now = now.plusSeconds(seconds);
            assertThat(outputs.getLast()).isEqualTo(new SchedulerOutput.WakeAt(now));
            assertThat(scheduler.handle(new SchedulerInput.Tick(), now.minusMillis(1))).isEmpty();
            assertThat(kinds(scheduler.handle(new SchedulerInput.Tick(), now)))
                    .containsExactly("Bind");
        }
    }

    @Test
    void aFailureOfAPodThatIsGoneIsNoMatter() {
        var pod = podTree("web", "{}");
        scheduler.handle(all(List.of(pod), List.of(NODE)), T0);
        scheduler.handle(
                new SchedulerInput.Changes(
                        List.of(), List.of(ObjectKey.of(pod)), List.of(), List.of()),
                T0);

        assertThat(
                        scheduler.handle(
                                new SchedulerInput.BindFailed(
                                        ObjectKey.of(pod), "u-web", "not found"),
                                T0))
                .isEmpty();
    }

    @Test
    void aPodOfTheSameNameWithAnotherUidIsAnotherPod() {
        scheduler.handle(all(List.of(podTree("web", BIG)), List.of(NODE)), T0);
        var successor = podTree("web", BIG).with("metadata", m -> m.with("uid", "u-2"));

        assertThat(kinds(scheduler.handle(pods(successor), T0.plusSeconds(1))))
                .containsExactly("Bind");
    }

    @Test
    void podsOfOthersAndGatedAndDeletedOnesAreLeftAlone() {
        var deleted =
                podTree("deleted", "{}")
                        .with("metadata", m -> m.with("deletionTimestamp", "2026-11-21T04:05:00Z"));
        var outputs =
                scheduler.handle(
                        all(
                                List.of(
                                        podTree("other", "{schedulerName: volcano}"),
                                        podTree("gated", "{schedulingGates: [{name: wait}]}"),
                                        podTree("done", "{}")
                                                .with("status", yaml("{phase: Succeeded}")),
                                        boundTo("yard", podTree("bound", "{}")),
                                        deleted),
                                List.of(NODE)),
                        T0);

        assertThat(outputs).isEmpty();
        assertThat(kinds(scheduler.handle(pods(podTree("gated", "{}")), T0)))
                .containsExactly("Bind");
    }

    @Test
    void rulesThatAreNotConsideredAreNamed() {
        var spec =
                "{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{}]}},"
                        + " topologySpreadConstraints: [{topologyKey: zone, whenUnsatisfiable:"
                        + " DoNotSchedule}, {topologyKey: rack, whenUnsatisfiable: ScheduleAnyway}]}";

        var outputs = scheduler.handle(all(List.of(podTree("web", spec)), List.of(NODE)), T0);

        assertThat(((SchedulerOutput.Bind) outputs.getFirst()).events())
                .extracting(event -> event.reason() + " " + event.message())
                .containsExactly(
                        "Scheduled Successfully assigned default/web to yard",
                        "SchedulingRuleIgnored"
                                + " spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
                                + " was not considered: this scheduler does not know it",
                        "SchedulingRuleIgnored spec.topologySpreadConstraints[zone] was not"
                                + " considered: this scheduler does not know it");
    }

    private static JsonObject boundTo(String node, JsonObject pod) {
        return pod.with("spec", spec -> spec.with("nodeName", Json.of(node)));
    }

    private static SchedulerInput all(List<JsonObject> pods, List<JsonObject> nodes) {
        return new SchedulerInput.Changes(pods, List.of(), nodes, List.of());
    }

    private static SchedulerInput pods(JsonObject... pods) {
        return all(List.of(pods), List.of());
    }

    private static SchedulerInput nodes(JsonObject... nodes) {
        return all(List.of(), List.of(nodes));
    }

    private static List<String> kinds(List<SchedulerOutput> outputs) {
        return outputs.stream().map(output -> output.getClass().getSimpleName()).toList();
    }
}
