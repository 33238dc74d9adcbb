// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.math.BigDecimal;
import java.math.RoundingMode;

/// `resourceFieldRef`: a container's own limits and requests, in units of a divisor, rounded up. A
/// limit that is not set is what the node can give.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-resourceFieldRef>
final class ResourceFields {
    private ResourceFields() {}

    static String value(JsonObject reference, Container container, Pod pod, KubeletConfig config)
            throws ConfigException {
        var resource = reference.string("resource");
        var source = named(reference.string("containerName"), container, pod);
        var amount = amount(resource, source.tree().object("resources"), config);
        var divisorText = reference.string("divisor");
        var divisor = divisorText.isEmpty() ? Quantity.ZERO : Quantity.parse(divisorText);
        var unit = divisor.isZero() ? BigDecimal.ONE : divisor.decimal();
        return amount.decimal().divide(unit, 0, RoundingMode.CEILING).toPlainString();
    }

    private static Container named(String name, Container container, Pod pod)
            throws ConfigException {
        if (name.isEmpty()) {
            return container;
        }
        return pod.allContainers().stream()
                .filter(other -> other.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ConfigException("container " + name + " not found"));
    }

    private static Quantity amount(String resource, JsonObject resources, KubeletConfig config)
            throws ConfigException {
        int dot = resource.indexOf('.');
        var kind = dot < 0 ? "" : resource.substring(0, dot);
        var name = resource.substring(dot + 1);
        if (!kind.equals("limits") && !kind.equals("requests")) {
            throw new ConfigException("unsupported container resource : " + resource);
        }
        var limits = resources.object("limits").strings();
        var requests = resources.object("requests").strings();
        if (kind.equals("requests") && requests.containsKey(name)) {
            return Quantity.parse(requests.get(name));
        }
        if (limits.containsKey(name)) {
            return Quantity.parse(limits.get(name));
        }
        if (kind.equals("requests")) {
            return Quantity.ZERO;
        }
        return switch (name) {
            case "cpu" -> Quantity.ofMillis(config.cpuMillis());
            case "memory" -> Quantity.ofBytes(config.memoryBytes());
            default -> Quantity.ZERO;
        };
    }
}
