// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The quality of service a pod gets, as its requests and limits of CPU and memory ask for it.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>
public enum QosClass {
    GUARANTEED("Guaranteed"),
    BURSTABLE("Burstable"),
    BEST_EFFORT("BestEffort");

    private static final List<String> COUNTED = List.of("cpu", "memory");

    private final String text;

    QosClass(String text) {
        this.text = text;
    }

    /// As in `status.qosClass`.
    public String text() {
        return text;
    }

    /// The class of a pod with this `spec`. Amounts of zero count as absent; what the pod asks for
    /// as a whole replaces what its containers ask for.
    public static QosClass of(JsonObject spec) {
        var whole = spec.object("resources");
        if (!whole.object("limits").isEmpty() || !whole.object("requests").isEmpty()) {
            return of(List.of(whole));
        }
        var asking = new ArrayList<JsonObject>();
        for (var list : List.of("containers", "initContainers")) {
            for (var container : spec.array(list).objects()) {
                asking.add(container.object("resources"));
            }
        }
        return of(asking);
    }

    private static QosClass of(List<JsonObject> asking) {
        var requests = new TreeMap<String, Quantity>();
        var limits = new TreeMap<String, Quantity>();
        boolean allLimited = true;
        for (var resources : asking) {
            add(requests, resources.object("requests"));
            var own = new TreeMap<String, Quantity>();
            add(own, resources.object("limits"));
            allLimited &= own.size() == COUNTED.size();
            own.forEach((name, amount) -> limits.merge(name, amount, Quantity::plus));
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return BEST_EFFORT;
        }
        return allLimited && requests.equals(limits) ? GUARANTEED : BURSTABLE;
    }

    private static void add(Map<String, Quantity> sums, JsonObject resources) {
        for (var name : COUNTED) {
            var amount = resources.get(name);
            if (amount != null) {
                Quantity.of(amount)
                        .filter(quantity -> !quantity.isZero())
                        .ifPresent(quantity -> sums.merge(name, quantity, Quantity::plus));
            }
        }
    }
}
