// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.ResourceTypes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class TablesTest {
    private final Tables tables =
            new Tables(InstantSource.fixed(Instant.parse("2026-11-21T04:05:00Z")));

    @ParameterizedTest
    @CsvSource({
        "-5, <invalid>",
        "-1, 0s",
        "0, 0s",
        "119, 119s",
        "120, 2m",
        "173, 2m53s",
        "600, 10m",
        "10799, 179m",
        "10800, 3h",
        "11100, 3h5m",
        "28800, 8h",
        "172799, 47h",
        "180000, 2d2h",
        "691200, 8d",
        "63072000, 2y",
        "64800000, 2y20d",
        "252288000, 8y"
    })
    void agesHaveTwoUnitsAtMost(long seconds, String text) {
        assertThat(Ages.text(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyTypeHasACellForEachColumn(ResourceType type) {
        var object = JsonReader.parseObject("{\"metadata\": {\"name\": \"x\"}}");
        var columns = tables.columns(type).objects();
        assertThat(tables.cells(type, object).size()).isEqualTo(columns.size());
        assertThat(columns).extracting(column -> column.string("name")).contains("Name");
        assertThat(columns).allSatisfy(c -> assertThat(c.names()).contains("type", "priority"));
    }

    static java.util.stream.Stream<ResourceType> types() {
        return ResourceTypes.all().stream();
    }

    @Test
    void restartsTellWhenTheLastWas() {
        assertThat(
                        cells(
                                ResourceTypes.PODS,
                                """
                                {"metadata": {"name": "web", "creationTimestamp": "2026-11-21T04:00:00Z"},
                                 "spec": {"containers": [{"name": "app"}], "nodeName": "yard"},
                                 "status": {"phase": "Running", "podIPs": [{"ip": "10.1.0.7"}],
                                  "containerStatuses": [{"name": "app", "ready": true, "restartCount": 2,
                                   "state": {"running": {}},
                                   "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-11-21T04:04:45Z"}}}]}}
                                """))
                .isEqualTo(
                        "[\"web\",\"1/1\",\"Running\",\"2 (15s ago)\",\"5m\",\"10.1.0.7\",\"yard\",\"<none>\",\"<none>\"]");
    }

    @Test
    void initContainersThatEndInAWayWithoutANameShowTheirExitCodeOrSignal() {
        assertThat(initEnding("{\"exitCode\": 3}")).isEqualTo("Init:ExitCode:3");
        assertThat(initEnding("{\"exitCode\": 137, \"signal\": 9}")).isEqualTo("Init:Signal:9");
    }

    private static String initEnding(String terminated) {
        return PodStatus.of(
                        JsonReader.parseObject(
                                """
                                {"metadata": {"name": "web"},
                                 "spec": {"initContainers": [{"name": "a"}], "containers": [{"name": "b"}]},
                                 "status": {"phase": "Pending",
                                  "initContainerStatuses": [{"name": "a", "state": {"terminated": %s}}]}}
                                """
                                        .formatted(terminated)))
                .reason();
    }

    @Test
    void aLostNodesPodIsUnknownAndADeletedOneTerminates() {
        var lost = "{\"phase\": \"Running\", \"reason\": \"NodeLost\"}";
        assertThat(deleted(lost)).isEqualTo("Unknown");
        assertThat(deleted("{\"phase\": \"Running\"}")).isEqualTo("Terminating");
        assertThat(deleted("{\"phase\": \"Failed\"}")).isEqualTo("Failed");
    }

    private static String deleted(String status) {
        return PodStatus.of(
                        JsonReader.parseObject(
                                """
                                {"metadata": {"name": "web", "deletionTimestamp": "2026-11-21T04:04:45Z"},
                                 "spec": {"containers": [{"name": "b"}]}, "status": %s}
                                """
                                        .formatted(status)))
                .reason();
    }

    @Test
    void eventsAreCountedWhereverTheCountIs() {
        var cells =
                cells(
                        ResourceTypes.EVENTS,
                        """
                        {"metadata": {"name": "web.1"}, "type": "Warning", "reason": "BackOff",
                         "message": " Back-off ", "count": 4, "source": {"component": "kubelet", "host": "yard"},
                         "firstTimestamp": "2026-11-21T04:04:00Z", "lastTimestamp": "2026-11-21T04:04:50Z",
                         "involvedObject": {"kind": "Pod", "name": "web", "fieldPath": "spec.containers{app}"}}
                        """);
        assertThat(cells)
                .isEqualTo(
                        "[\"10s\",\"Warning\",\"BackOff\",\"pod/web\",\"spec.containers{app}\",\"kubelet, yard\",\"Back-off\",\"60s\",4,\"web.1\"]");
    }

    @Test
    void aServiceShowsItsPortsAndAddresses() {
        var cells =
                cells(
                        ResourceTypes.SERVICES,
                        """
                        {"metadata": {"name": "web", "creationTimestamp": "2026-11-21T04:00:00Z"},
                         "spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.9", "selector": {"app": "web"},
                          "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}}
                        """);
        assertThat(cells)
                .isEqualTo(
                        "[\"web\",\"LoadBalancer\",\"10.96.0.9\",\"<pending>\",\"80:30080/TCP,53/UDP\",\"5m\",\"app=web\"]");
    }

    private String cells(ResourceType type, String object) {
        return tables.cells(type, JsonReader.parseObject(object)).text();
    }
}
