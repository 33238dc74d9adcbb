// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// Addresses in groups of the same ports, as `Endpoints` has them, a thousand at most.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/#over-capacity-endpoints>
final class Subsets {
    private static final int MOST = 1000;

    private final List<Subset> subsets;
    private final boolean truncated;

    /// One address with its ports.
    record Backend(JsonObject address, boolean ready, JsonArray ports) {}

    private record Subset(JsonArray ports, List<JsonObject> ready, List<JsonObject> unready) {
        Subset(JsonArray ports) {
            this(ports, new ArrayList<>(), new ArrayList<>());
        }

        JsonObject json() {
            return JsonObject.builder()
                    .putUnlessEmpty("addresses", JsonArray.of(ready))
                    .putUnlessEmpty("notReadyAddresses", JsonArray.of(unready))
                    .putUnlessEmpty("ports", ports)
                    .build();
        }
    }

    private Subsets(List<Subset> subsets, boolean truncated) {
        this.subsets = subsets;
        this.truncated = truncated;
    }

    static Subsets of(List<Backend> backends) {
        var byPorts = new TreeMap<String, Subset>();
        for (var backend : backends) {
            var subset =
                    byPorts.computeIfAbsent(
                            backend.ports().toString(), _ -> new Subset(backend.ports()));
            (backend.ready() ? subset.ready() : subset.unready()).add(backend.address());
        }
        var subsets = List.copyOf(byPorts.values());
        for (var subset : subsets) {
            subset.ready().sort(Comparator.comparing(Subsets::sortKey));
            subset.unready().sort(Comparator.comparing(Subsets::sortKey));
        }
        return new Subsets(subsets, truncate(subsets));
    }

    /// Addresses in the order of their numbers, then of whom they stand for.
    private static String sortKey(JsonObject address) {
        var key = new StringBuilder();
        for (var octet : address.string("ip").split("\\.", -1)) {
            key.append("%3s.".formatted(octet));
        }
        return key.append(address.object("targetRef").string("uid")).toString();
    }

    /// Cuts off what is too much, ready addresses last, each group in proportion to its size.
    private static boolean truncate(List<Subset> subsets) {
        int ready = subsets.stream().mapToInt(subset -> subset.ready().size()).sum();
        int unready = subsets.stream().mapToInt(subset -> subset.unready().size()).sum();
        if (ready + unready <= MOST) {
            return false;
        }
        boolean onlyReady = ready > MOST;
        int room = onlyReady ? MOST : MOST - ready;
        int total = onlyReady ? ready : unready;
        int left = room;
        for (var subset : subsets) {
            var list = onlyReady ? subset.ready() : subset.unready();
            int share = (int) Math.ceil((double) list.size() / total * room);
            int count = Math.min(list.size(), Math.min(share, left));
            list.subList(count, list.size()).clear();
            left -= count;
            if (onlyReady) {
                subset.unready().clear();
            }
        }
        return true;
    }

    boolean truncated() {
        return truncated;
    }

    boolean isEmpty() {
        return subsets.isEmpty();
    }

    JsonArray json() {
        return JsonArray.of(subsets.stream().map(Subset::json).toList());
    }
}
