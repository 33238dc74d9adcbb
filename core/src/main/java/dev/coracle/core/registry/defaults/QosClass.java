// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;

/// The quality of service a pod gets, as its requests and limits of CPU and memory ask for it.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>
public enum QosClass {
    GUARANTEED("Guaranteed"),
    BURSTABLE("Burstable"),
    BEST_EFFORT("BestEffort");

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
        var asking = new ArrayList<JsonObject>();
        if (whole.object("limits").isEmpty() && whole.object("requests").isEmpty()) {
            for (var container : spec.array("containers").objects()) {
                asking.add(container.object("resources"));
            }
            for (var container : spec.array("initContainers").objects()) {
                asking.add(container.object("resources"));
            }
        } else {
            asking.add(whole);
        }
        return of(asking);
    }

    private static QosClass of(Iterable<JsonObject> asking) {
        var requests = new TreeMap<String, Quantity>();
        var limits = new TreeMap<String, Quantity>();
        boolean allLimited = true;
        for (var resources : asking) {
            add(requests, resources.object("requests"));
            var own = new TreeMap<String, Quantity>();
            add(own, resources.object("limits"));
            allLimited &= own.size() == 2;
            own.forEach((name, amount) -> limits.merge(name, amount, Quantity::plus));
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return BEST_EFFORT;
        }
        boolean equal =
                requests.size() == limits.size()
                        && requests.entrySet().stream()
                                .allMatch(
                                        request -> {
                                            var limit = limits.get(request.getKey());
                                            return limit != null
                                                    && limit.compareTo(request.getValue()) == 0;
                                        });
        return allLimited && equal ? GUARANTEED : BURSTABLE;
    }

    private static void add(Map<String, Quantity> sums, JsonObject resources) {
        resources.forEach(
                (name, value) -> {
                    if (name.equals("cpu") || name.equals("memory")) {
                        Quantity.of(value)
                                .filter(quantity -> quantity.signum() > 0)
                                .ifPresent(quantity -> sums.merge(name, quantity, Quantity::plus));
                    }
                });
    }
}
