// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;

/// Requests and limits of a pod as a whole, completed from those of its containers when the pod
/// gives some of its own.
///
/// <https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/>
final class PodLevelResources {

    private PodLevelResources() {}

    static JsonObject complete(JsonObject spec) {
        var own = spec.object("resources");
        if (own.object("limits").isEmpty() && own.object("requests").isEmpty()) {
            return spec;
        }
        return spec.with("resources", hugePageLimits(spec, own))
                .with("resources", o -> requests(spec, o));
    }

    private static JsonObject hugePageLimits(JsonObject spec, JsonObject own) {
        var limits = own.object("limits");
        for (var limit : effective(spec, "limits").entrySet()) {
            var name = limit.getKey();
            if (isHugePages(name) && !own.object("requests").has(name)) {
                limits = missing(limits, name, limit.getValue().toString());
            }
        }
        return limits.isEmpty() ? own : own.with("limits", limits);
    }

    private static JsonObject requests(JsonObject spec, JsonObject own) {
        var limits = own.object("limits");
        if (limits.isEmpty()) {
            return own;
        }
        var requests = own.object("requests");
        for (var request : effective(spec, "requests").entrySet()) {
            var name = request.getKey();
            if (isSupported(name) && !isHugePages(name)) {
                requests = missing(requests, name, request.getValue().toString());
            }
        }
        for (var name : limits.names()) {
            var limit = limits.get(name);
            if (limit != null && isSupported(name)) {
                requests = missing(requests, name, limit);
            }
        }
        return requests.isEmpty() ? own : own.with("requests", requests);
    }

    private static boolean isSupported(String resource) {
        return resource.equals("cpu") || resource.equals("memory") || isHugePages(resource);
    }

    private static boolean isHugePages(String resource) {
        return resource.startsWith("hugepages-");
    }

    /// What all containers need together: the larger of what runs for good (containers and
    /// sidecars) and the peak while initializing.
    private static Map<String, Quantity> effective(JsonObject spec, String list) {
        var running = new TreeMap<String, Quantity>();
        for (var container : spec.array("containers").objects()) {
            add(running, container.object("resources").object(list));
        }
        var sidecars = new TreeMap<String, Quantity>();
        var peak = new TreeMap<String, Quantity>();
        for (var container : spec.array("initContainers").objects()) {
            var resources = container.object("resources").object(list);
            var now = new TreeMap<>(sidecars);
            add(now, resources);
            if (container.string("restartPolicy").equals("Always")) {
                add(running, resources);
                sidecars = now;
            }
            now.forEach((name, amount) -> peak.merge(name, amount, Quantity::max));
        }
        peak.forEach((name, amount) -> running.merge(name, amount, Quantity::max));
        return running;
    }

    private static void add(Map<String, Quantity> sums, JsonObject resources) {
        resources.forEach(
                (name, value) ->
                        Quantity.of(value).ifPresent(q -> sums.merge(name, q, Quantity::plus)));
    }
}
