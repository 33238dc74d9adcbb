// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.ServiceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/// Gives a service its node ports. One number belongs to one service, which may use it for several
/// protocols.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport>
final class ServicePorts {
    static final String NODE_PORT = "nodePort";
    static final String HEALTH_PORT = "healthCheckNodePort";
    private static final int STEP = 32;
    private static final int MOST_FIXED = 128;

    private final ServiceRanges ranges;
    private final RandomGenerator random;

    /// Numbers of other services, and those given in this round.
    private final Set<Long> taken;

    ServicePorts(ServiceRanges ranges, RandomGenerator random, Set<Long> taken) {
        this.ranges = ranges;
        this.random = random;
        this.taken = new HashSet<>(taken);
    }

    /// The node ports of the ports in `spec`.
    static Set<Long> ofPorts(JsonObject spec) {
        var numbers = new HashSet<Long>();
        spec.array("ports").objects().forEach(port -> numbers.add(port.number(NODE_PORT, 0)));
        numbers.remove(0L);
        return numbers;
    }

    /// As [#ofPorts], and that of health checks.
    static Set<Long> of(JsonObject spec) {
        var numbers = ofPorts(spec);
        numbers.add(spec.number(HEALTH_PORT, 0));
        numbers.remove(0L);
        return numbers;
    }

    static JsonObject each(JsonObject spec, UnaryOperator<JsonObject> change) {
        return spec.has("ports")
                ? spec.with(
                        "ports",
                        JsonArray.of(spec.array("ports").objects().stream().map(change).toList()))
                : spec;
    }

    /// `service`, which is new, with a node port for each port that is to have one: of ports with
    /// the same number (for TCP and UDP) the same.
    ///
    /// @throws ApiException if one that it asks for cannot be had, or none is left
    JsonObject created(JsonObject service) {
        var spec = service.object("spec");
        var result = service;
        if (ServiceType.hasNodePorts(spec)) {
            var known = new HashMap<Long, Long>();
            var ports = spec.array("ports").objects();
            var given = new ArrayList<JsonObject>();
            for (int i = 0; i < ports.size(); i++) {
                given.add(created(service, i, known));
            }
            result = service.with("spec", s -> s.with("ports", JsonArray.of(given)));
        }
        return ServiceType.hasHealthCheck(spec) ? withHealthPort(result) : result;
    }

    private JsonObject created(JsonObject service, int index, Map<Long, Long> known) {
        var spec = service.object("spec");
        var ports = spec.array("ports").objects();
        var port = ports.get(index);
        long wanted = port.number(NODE_PORT, 0);
        if (wanted == 0 && !ServiceType.drawsNodePorts(spec)) {
            return port;
        }
        long number = port.number("port", 0);
        long same = known.getOrDefault(number, 0L);
        if (same != 0 && (wanted == 0 || wanted == same)) {
            return port.with(NODE_PORT, same);
        }
        long asked = same != 0 ? wanted : requested(ports, number);
        long given = asked != 0 ? take(service, index, asked) : draw("nodePort");
        known.putIfAbsent(number, given);
        return port.with(NODE_PORT, given);
    }

    private static long requested(List<JsonObject> ports, long number) {
        return ports.stream()
                .filter(port -> port.number("port", 0) == number)
                .mapToLong(port -> port.number(NODE_PORT, 0))
                .filter(nodePort -> nodePort != 0)
                .findFirst()
                .orElse(0);
    }

    /// `service` with node ports for what is new in it, `old` being what it replaces.
    ///
    /// @throws ApiException as [#created]
    JsonObject updated(JsonObject old, JsonObject service) {
        var before = old.object("spec");
        var spec = service.object("spec");
        var result = service;
        if (ServiceType.hasNodePorts(spec)) {
            var own = ofPorts(before);
            taken.addAll(own);
            var ports = spec.array("ports").objects();
            var given = new ArrayList<JsonObject>();
            for (int i = 0; i < ports.size(); i++) {
                given.add(updated(service, i, own));
            }
            result = service.with("spec", s -> s.with("ports", JsonArray.of(given)));
        }
        return ServiceType.hasHealthCheck(spec) && !ServiceType.hasHealthCheck(before)
                ? withHealthPort(result)
                : result;
    }

    /// `own` are the numbers that the service has already, and gets.
    private JsonObject updated(JsonObject service, int index, Set<Long> own) {
        var spec = service.object("spec");
        var port = spec.array("ports").objects().get(index);
        long wanted = port.number(NODE_PORT, 0);
        if (own.contains(wanted) || (wanted == 0 && !ServiceType.drawsNodePorts(spec))) {
            return port;
        }
        long given = wanted != 0 ? take(service, index, wanted) : draw("nodePort");
        own.add(given);
        return port.with(NODE_PORT, given);
    }

    private long take(JsonObject service, int index, long number) {
        var refusal = refusal(number);
        if (!refusal.isEmpty()) {
            var field = "spec.ports[%d].nodePort".formatted(index);
            throw ServiceRefusal.invalid(
                    service, List.of(ServiceRefusal.cause(field, Json.of(number), refusal)));
        }
        taken.add(number);
        return number;
    }

    private String refusal(long number) {
        if (number < ranges.nodePortMin() || number > ranges.nodePortMax()) {
            return "provided port is not in the valid range. The range of valid ports is %d-%d"
                    .formatted(ranges.nodePortMin(), ranges.nodePortMax());
        }
        return taken.contains(number) ? "provided port is already allocated" : "";
    }

    private long draw(String what) {
        long least = ranges.nodePortMin();
        var band = Band.of(ranges.nodePortMax() - least + 1, STEP, MOST_FIXED);
        var drawn = band.draw(number -> taken.contains(least + number), random);
        if (drawn.isEmpty()) {
            throw ServiceRefusal.internal("failed to allocate a %s: range is full".formatted(what));
        }
        taken.add(least + drawn.getAsLong());
        return least + drawn.getAsLong();
    }

    private JsonObject withHealthPort(JsonObject service) {
        long wanted = service.object("spec").number(HEALTH_PORT, 0);
        if (wanted == 0) {
            long drawn = draw("HealthCheck NodePort 0");
            return service.with("spec", spec -> spec.with(HEALTH_PORT, drawn));
        }
        var refusal = refusal(wanted);
        if (!refusal.isEmpty()) {
            throw ServiceRefusal.internal(
                    "failed to allocate requested HealthCheck NodePort %d: %s"
                            .formatted(wanted, refusal));
        }
        taken.add(wanted);
        return service;
    }
}
