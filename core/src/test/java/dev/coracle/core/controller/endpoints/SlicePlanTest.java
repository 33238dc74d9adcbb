// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.controller.Desk;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlicePlanTest {
    private static final int MOST = 4;

    private static JsonObject endpoint(int number, boolean ready) {
        return Desk.json(
                "{'addresses': ['10.0.0.%d'], 'conditions': {'ready': %s}}"
                        .formatted(number, ready));
    }

    private static JsonArray ports(int number) {
        return Desk.array("[{'port': %d}]".formatted(number));
    }

    private static JsonObject slice(String name, JsonArray ports, List<JsonObject> endpoints) {
        return JsonObject.builder()
                .put("metadata", JsonObject.of("name", Json.of(name)))
                .put("ports", ports)
                .put("endpoints", JsonArray.of(endpoints))
                .build();
    }

    @Test
    void whatIsNewFillsTheSliceThatHasJustRoom() {
        var full =
                slice(
                        "full",
                        ports(1),
                        List.of(endpoint(1, true), endpoint(2, true), endpoint(3, true)));
        var roomy = slice("roomy", ports(1), List.of(endpoint(4, true)));
        var wanted =
                List.of(
                        endpoint(1, true),
                        endpoint(2, true),
                        endpoint(3, true),
                        endpoint(4, true),
                        endpoint(5, true));

        var plan = SlicePlan.of(List.of(roomy, full), Map.of(ports(1), wanted), MOST);

        assertThat(plan.unchanged()).containsExactly(roomy);
        assertThat(plan.drafts()).extracting(draft -> draft.existing()).containsExactly(full);
        assertThat(plan.deleted()).isEmpty();
    }

    @Test
    void aSliceWhosePortsNobodyWantsIsUsedAgain() {
        var old = slice("old", ports(1), List.of(endpoint(1, true)));

        var plan = SlicePlan.of(List.of(old), Map.of(ports(2), List.of(endpoint(1, true))), MOST);

        assertThat(plan.drafts()).extracting(draft -> draft.existing()).containsExactly(old);
        assertThat(plan.deleted()).isEmpty();
    }

    /// Whatever was and whatever is wanted: in the end each wanted endpoint is there once, no slice
    /// is too full, and the next plan finds nothing to do.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyHistoryEndsWithJustWhatIsWanted(long seed) {
        var random = new SplittableRandom(seed);
        var slices = new LinkedHashMap<String, JsonObject>();
        int made = 0;
        for (int step = 0; step < 150; step++) {
            var wanted = new LinkedHashMap<JsonArray, List<JsonObject>>();
            for (int number = 0; number < 30; number++) {
                if (random.nextInt(3) > 0) {
                    wanted.computeIfAbsent(
                                    ports(random.nextInt(8) == 0 ? 2 : 1), _ -> new ArrayList<>())
                            .add(endpoint(number, random.nextBoolean()));
                }
            }
            var plan = SlicePlan.of(List.copyOf(slices.values()), wanted, MOST);
            for (var draft : plan.drafts()) {
                var name =
                        draft.existing().isEmpty()
                                ? "s" + made++
                                : draft.existing().object("metadata").string("name");
                slices.put(name, slice(name, draft.ports(), draft.endpoints()));
            }
            plan.deleted().forEach(slice -> slices.remove(slice.object("metadata").string("name")));

            var found = new HashMap<JsonArray, List<JsonObject>>();
            for (var slice : slices.values()) {
                var endpoints = slice.array("endpoints").objects();
                assertThat(endpoints.size()).isBetween(1, MOST);
                found.computeIfAbsent(slice.array("ports"), _ -> new ArrayList<>())
                        .addAll(endpoints);
            }
            assertThat(found.keySet())
                    .as("seed %d, step %d", seed, step)
                    .isEqualTo(wanted.keySet());
            wanted.forEach(
                    (ports, endpoints) ->
                            assertThat(found.get(ports))
                                    .as("seed %d", seed)
                                    .containsExactlyInAnyOrderElementsOf(endpoints));
            var again = SlicePlan.of(List.copyOf(slices.values()), wanted, MOST);
            assertThat(again.drafts()).isEmpty();
            assertThat(again.deleted()).isEmpty();
        }
    }
}
