// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.util.Map;
import java.util.TreeMap;

/// What a pod asks of a node, by resource name; what it does not ask for is absent.
///
/// App containers and sidecars run at the same time, so their requests add up. An init container
/// runs with the sidecars started before it and nothing else. The larger of both is needed, and the
/// overhead of the pod's runtime on top. A container that has a limit but no request requests its
/// limit; requests of the pod as a whole replace those of its containers.
///
///     sidecar s: 1 CPU    init i: 3 CPU (after s)    apps: 1 + 1 CPU
///     while initializing  s + i = 4
///     while running       s + 1 + 1 = 3              requested: 4
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>
final class Requests {

    private Requests() {}

    static Map<String, Quantity> of(Pod pod) {
        var running = new TreeMap<String, Quantity>();
        var needed = new TreeMap<String, Quantity>();
        for (var container : pod.initContainers()) {
            var own = of(container.tree().object("resources"));
            if (container.role() == Container.Role.SIDECAR) {
                add(running, own);
                raise(needed, running);
            } else {
                var together = new TreeMap<>(running);
                add(together, own);
                raise(needed, together);
            }
        }
        for (var container : pod.containers()) {
            add(running, of(container.tree().object("resources")));
        }
        raise(needed, running);
        needed.putAll(of(pod.spec().object("resources")));
        add(needed, quantities(pod.spec().object("overhead")));
        needed.values().removeIf(Quantity::isZero);
        return needed;
    }

    private static Map<String, Quantity> of(JsonObject resources) {
        var requests = quantities(resources.object("limits"));
        requests.putAll(quantities(resources.object("requests")));
        return requests;
    }

    static Map<String, Quantity> quantities(JsonObject object) {
        var quantities = new TreeMap<String, Quantity>();
        object.forEach(
                (name, value) -> {
                    var text = value instanceof JsonString(var string) ? string : value.text();
                    quantities.put(name, Quantity.parse(text));
                });
        return quantities;
    }

    static void add(Map<String, Quantity> sum, Map<String, Quantity> more) {
        more.forEach((name, quantity) -> sum.merge(name, quantity, Quantity::plus));
    }

    private static void raise(Map<String, Quantity> most, Map<String, Quantity> other) {
        other.forEach((name, quantity) -> most.merge(name, quantity, Quantity::max));
    }
}
