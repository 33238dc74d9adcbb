// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.util.ArrayList;
import java.util.List;

/// A pod's quality of service, by what its containers request and may use of CPU and memory.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>
enum QosClass {
    GUARANTEED("Guaranteed"),
    BURSTABLE("Burstable"),
    BEST_EFFORT("BestEffort");

    private static final List<String> RESOURCES = List.of("cpu", "memory");

    private final String text;

    QosClass(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /// Of a pod whose requests have been defaulted from its limits.
    static QosClass of(JsonObject pod) {
        var spec = pod.object("spec");
        var holders = new ArrayList<JsonObject>();
        if (spec.has("resources")) {
            holders.add(spec);
        } else {
            holders.addAll(spec.array("containers").objects());
            holders.addAll(spec.array("initContainers").objects());
        }
        boolean any = false;
        boolean all = !holders.isEmpty();
        for (var holder : holders) {
            for (var resource : RESOURCES) {
                var request = holder.object("resources").object("requests").get(resource);
                var limit = holder.object("resources").object("limits").get(resource);
                any |= isSet(request) || isSet(limit);
                all &= isSet(limit) && (request == null || request.equals(limit));
            }
        }
        if (!any) {
            return BEST_EFFORT;
        }
        return all ? GUARANTEED : BURSTABLE;
    }

    private static boolean isSet(@org.jspecify.annotations.Nullable Json quantity) {
        return switch (quantity) {
            case JsonString(var text) -> !text.replaceAll("[^1-9]", "").isEmpty();
            case JsonNumber number -> number.decimal().signum() != 0;
            case null, default -> false;
        };
    }
}
