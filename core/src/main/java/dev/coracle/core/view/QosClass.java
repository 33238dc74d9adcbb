// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.Quantity;
import java.util.List;

/// How much a pod's containers promise about their use of CPU and memory.
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

    /// As `status.qosClass` shows it.
    public String text() {
        return text;
    }

    public static QosClass of(Pod pod) {
        boolean any = false;
        boolean all = true;
        for (var container : pod.allContainers()) {
            var resources = container.tree().object("resources");
            var limits = resources.object("limits").strings();
            var requests = resources.object("requests").strings();
            for (var name : COUNTED) {
                var limit = Quantity.parse(limits.getOrDefault(name, "0"));
                var request = Quantity.parse(requests.getOrDefault(name, limit.toString()));
                any |= !limit.isZero() || !request.isZero();
                all &= !limit.isZero() && limit.equals(request);
            }
        }
        return !any ? BEST_EFFORT : all ? GUARANTEED : BURSTABLE;
    }
}
