// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.controller.Desk;
import dev.coracle.core.json.JsonObject;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DeletionOrderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T04:00:00Z");
    private static final String OLD = "2026-11-20T04:00:00Z";
    private static final String NEW = "2026-11-21T03:59:50Z";

    /// Each goes before those below it, in which one thing is better.
    private static final List<JsonObject> IN_ORDER =
            List.of(
                    pod("unassigned", "", "Pending", false, OLD, 0, OLD, ""),
                    pod("pending", "yard", "Pending", false, OLD, 0, OLD, ""),
                    pod("unknown", "yard", "Unknown", false, OLD, 0, OLD, ""),
                    pod("unready", "yard", "Running", false, OLD, 0, OLD, ""),
                    pod("cheap", "yard", "Running", true, OLD, 0, OLD, "-5"),
                    pod("just ready", "yard", "Running", true, NEW, 0, OLD, ""),
                    pod("restarted", "yard", "Running", true, OLD, 7, OLD, ""),
                    pod("young", "yard", "Running", true, OLD, 0, NEW, ""),
                    pod("good", "yard", "Running", true, OLD, 0, OLD, "nonsense"),
                    pod("dear", "yard", "Running", true, OLD, 0, OLD, "5"));

    private static JsonObject pod(
            String name,
            String node,
            String phase,
            boolean ready,
            String readySince,
            int restarts,
            String created,
            String cost) {
        return Desk.json(
                """
                {'metadata': {'name': '%s', 'uid': '%s', 'creationTimestamp': '%s',
                  'annotations': {'controller.kubernetes.io/pod-deletion-cost': '%s'}},
                 'spec': {'nodeName': '%s'},
                 'status': {'phase': '%s',
                  'conditions': [{'type': 'Ready', 'status': '%s', 'lastTransitionTime': '%s'}],
                  'containerStatuses': [{'restartCount': %d}]}}"""
                        .formatted(
                                name,
                                name,
                                created,
                                cost,
                                node,
                                phase,
                                ready ? "True" : "False",
                                readySince,
                                restarts));
    }

    @Test
    void whatIsLeastUsefulGoesFirst() {
        var shuffled = IN_ORDER.stream().collect(Collectors.toList());
        Collections.shuffle(shuffled, new Random(5));

        shuffled.sort(DeletionOrder.at(NOW));

        assertThat(shuffled).isEqualTo(IN_ORDER);
    }
}
