// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.coracle.core.json.JsonReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventCorrelatorTest {
    private static final Instant T0 = Instant.parse("2026-11-21T04:03:48.123456789Z");

    private final EventCorrelator correlator = new EventCorrelator();

    @Test
    void theFirstReportIsANewEvent() {
        var write = correlator.record(backOff("crash"), T0).orElseThrow();

        assertThat(write)
                .isEqualTo(
                        new EventWrite.Create(
                                JsonReader.parseObject(
                                        """
                                        {"kind": "Event", "apiVersion": "v1",
                                         "metadata": {"name": "crash.NANOS",
                                                      "namespace": "shop"},
                                         "involvedObject": {"kind": "Pod", "namespace": "shop",
                                           "name": "crash", "uid": "u-crash", "apiVersion": "v1",
                                           "resourceVersion": "8040",
                                           "fieldPath": "spec.containers{app}"},
                                         "reason": "BackOff", "message": "Back-off",
                                         "source": {"component": "kubelet", "host": "yard"},
                                         "firstTimestamp": "2026-11-21T04:03:48Z",
                                         "lastTimestamp": "2026-11-21T04:03:48Z",
                                         "count": 1, "type": "Warning", "eventTime": null,
                                         "reportingComponent": "kubelet",
                                         "reportingInstance": "yard"}
                                        """
                                                .replace("NANOS", nanosInHex(T0)))));
    }

    @Test
    void theSameAgainIsCountedInTheSameEvent() {
        var first = (EventWrite.Create) correlator.record(backOff("crash"), T0).orElseThrow();

        var second =
                (EventWrite.Update)
                        correlator.record(backOff("crash"), T0.plusSeconds(15)).orElseThrow();

        assertThat(second.key()).isEqualTo(first.key());
        assertThat(second.patch())
                .isEqualTo(
                        JsonReader.parseObject(
                                """
                                {"count": 2, "lastTimestamp": "2026-11-21T04:04:03Z",
                                 "message": "Back-off"}"""));
        assertThat(second.event())
                .isEqualTo(
                        first.event()
                                .with("count", 2)
                                .with("lastTimestamp", "2026-11-21T04:04:03Z"));
    }

    @Test
    void anotherPartOfThePodOrAnotherPodIsAnotherEvent() {
        var names = new HashSet<String>();
        for (var request :
                List.of(
                        backOff("a"),
                        backOff("b"),
                        request("a", "spec.containers{other}", "Warning", "BackOff", "Back-off"),
                        request("a", "spec.containers{app}", "Normal", "BackOff", "Back-off"),
                        request("a", "spec.containers{app}", "Warning", "Failed", "Back-off"),
                        request("a", "spec.containers{app}", "Warning", "BackOff", "Other"))) {
            var write = correlator.record(request, T0).orElseThrow();
            assertThat(write).isInstanceOf(EventWrite.Create.class);
            names.add(((EventWrite.Create) write).key().toString());
        }
        assertThat(names).as("names at one instant").hasSize(6);
    }

    /// The scaling of a Deployment up and down as upstream was observed to report it.
    @Test
    void theTenthDifferentMessageAndWhatFollowsAreCombined() {
        var lines = new ArrayList<String>();
        for (int i = 1; i <= 12; i++) {
            lines.add(line(scaled("step " + i), T0.plusSeconds(i)));
        }
        assertThat(lines.subList(0, 9)).allMatch(line -> line.startsWith("create x1 step "));
        assertThat(lines.subList(9, 12))
                .containsExactly(
                        "create x1 (combined from similar events): step 10",
                        "update x2 (combined from similar events): step 11",
                        "update x3 (combined from similar events): step 12");
    }

    @Test
    void whatWasSilentForTenMinutesIsNotCombined() {
        for (int i = 1; i <= 9; i++) {
            line(scaled("step " + i), T0);
        }
        assertThat(line(scaled("step 10"), T0.plusSeconds(601))).isEqualTo("create x1 step 10");
    }

    @Test
    void theSameMessageOverAndOverIsNotCombined() {
        for (int i = 0; i < 20; i++) {
            assertThat(line(scaled("same"), T0)).endsWith(" same");
        }
    }

    @Test
    void afterABurstOneIsWrittenEveryFiveMinutesWithTheWholeCount() {
        var lines = new ArrayList<String>();
        for (int second = 0; second <= 700; second += 10) {
            lines.add(line(backOff("crash"), T0.plusSeconds(second)));
        }
        lines.removeIf("dropped"::equals);

        assertThat(lines).hasSize(27);
        assertThat(lines.subList(24, 27))
                .containsExactly(
                        "update x25 Back-off", "update x31 Back-off", "update x61 Back-off");
    }

    @Test
    void spamOfOneReasonLeavesTheOthersTheirBudget() {
        for (int i = 0; i < 30; i++) {
            line(backOff("crash"), T0);
        }
        assertThat(line(backOff("crash"), T0)).isEqualTo("dropped");
        assertThat(line(request("crash", "", "Normal", "Killing", "Stopping"), T0))
                .isEqualTo("create x1 Stopping");
        assertThat(line(backOff("other"), T0)).isEqualTo("create x1 Back-off");
    }

    @Test
    void anEventAboutANodeIsInTheDefaultNamespace() {
        var node =
                new EventRequest(
                        new EventRequest.Reference("v1", "Node", "", "yard", "yard", "", ""),
                        "Normal",
                        "NodeReady",
                        "Node yard status is now: NodeReady",
                        "kubelet",
                        "yard");

        var event = ((EventWrite.Create) correlator.record(node, T0).orElseThrow()).event();

        assertThat(event.object("metadata").string("namespace")).isEqualTo("default");
        assertThat(event.object("involvedObject"))
                .isEqualTo(
                        JsonReader.parseObject(
                                """
                                {"kind":"Node","name":"yard","uid":"yard","apiVersion":"v1"}"""));
    }

    @Test
    void aLongNameLeavesRoomForTheTime() {
        var write =
                (EventWrite.Create) correlator.record(backOff("x".repeat(253)), T0).orElseThrow();

        assertThat(write.key().name()).hasSize(253).endsWith("x." + nanosInHex(T0));
    }

    @Test
    void anUnknownTypeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request("a", "", "Fatal", "x", "y"))
                .withMessage("event type \"Fatal\" is not one of Normal, Warning");
    }

    private String line(EventRequest request, Instant now) {
        return correlator
                .record(request, now)
                .map(
                        write ->
                                switch (write) {
                                    case EventWrite.Create(var event) ->
                                            "create x%d %s"
                                                    .formatted(
                                                            event.number("count", 0),
                                                            event.string("message"));
                                    case EventWrite.Update(_, var patch, _) ->
                                            "update x%d %s"
                                                    .formatted(
                                                            patch.number("count", 0),
                                                            patch.string("message"));
                                })
                .orElse("dropped");
    }

    private static EventRequest backOff(String pod) {
        return request(pod, "spec.containers{app}", "Warning", "BackOff", "Back-off");
    }

    private static EventRequest scaled(String message) {
        return request("web", "", "Normal", "ScalingReplicaSet", message);
    }

    private static EventRequest request(
            String pod, String fieldPath, String type, String reason, String message) {
        return new EventRequest(
                new EventRequest.Reference("v1", "Pod", "shop", pod, "u-" + pod, "8040", fieldPath),
                type,
                reason,
                message,
                "kubelet",
                "yard");
    }

    private static String nanosInHex(Instant time) {
        return Long.toHexString(time.getEpochSecond() * 1_000_000_000L + time.getNano());
    }
}
