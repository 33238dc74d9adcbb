// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.view.View;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The pods behind a service and where they listen.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/#services-in-kubernetes>
final class Backends {
    static final String HEADLESS = "service.kubernetes.io/headless";

    private Backends() {}

    /// Whether `service` chooses its pods by labels; for others somebody else says what is behind
    /// them.
    static boolean isSelecting(JsonObject service) {
        var spec = service.object("spec");
        return !spec.string("type").equals("ExternalName") && !spec.object("selector").isEmpty();
    }

    static boolean hasAddress(JsonObject service) {
        var address = service.object("spec").string("clusterIP");
        return !address.isEmpty() && !address.equals("None");
    }

    /// What makes a controller look at a service again: the service, a pod that may be behind it,
    /// and what the controller itself `keeps` of it.
    static List<Controller.Trigger> triggers(EndpointSlices.Types types, Controller.Trigger keeps) {
        return List.of(
                new Controller.Trigger(types.services(), service -> List.of(ObjectKey.of(service))),
                new Controller.Trigger(
                        types.pods(), (view, pod) -> servicesOf(view, types.services(), pod)),
                keeps);
    }

    /// The services that `pod` may be behind.
    private static List<ObjectKey> servicesOf(View view, ResourceType services, JsonObject pod) {
        return view
                .selecting(services, ObjectKey.of(pod).namespace(), PodState.labels(pod))
                .stream()
                .map(ObjectKey::of)
                .toList();
    }

    static List<JsonObject> selected(View view, ResourceType pods, JsonObject service) {
        return view.labeled(
                pods, ObjectKey.of(service).namespace(), service.object("spec").object("selector"));
    }

    /// The address of IPv4 that traffic to `pod` goes to; empty when it has none, and when it has
    /// ended.
    static String address(JsonObject pod) {
        var status = pod.object("status");
        if (PodState.isFinished(pod)) {
            return "";
        }
        return Stream.concat(
                        status.array("podIPs").objects().stream().map(ip -> ip.string("ip")),
                        Stream.of(status.string("podIP")))
                .filter(ip -> !ip.isEmpty() && !IpAddress.isV6(ip))
                .findFirst()
                .orElse("");
    }

    static boolean publishesUnready(JsonObject service) {
        return service.object("spec").bool("publishNotReadyAddresses", false);
    }

    /// A port behind a service. `applicationProtocol` is empty when nothing is said.
    record Port(String name, String protocol, long number, String applicationProtocol) {}

    /// Where `pod` listens for the ports of `service`; a port whose name the pod does not have is
    /// left out.
    static List<Port> ports(JsonObject service, JsonObject pod) {
        var found = new ArrayList<Port>();
        for (var port : service.object("spec").array("ports").objects()) {
            var protocol = port.string("protocol");
            var number = number(port.get("targetPort"), protocol, pod);
            if (number != null) {
                found.add(
                        new Port(
                                port.string("name"), protocol, number, port.string("appProtocol")));
            }
        }
        return found;
    }

    private static @Nullable Long number(@Nullable Json target, String protocol, JsonObject pod) {
        return switch (target) {
            case JsonNumber number -> number.longValue();
            case JsonString(var name) -> named(name, protocol, pod);
            case null, default -> null;
        };
    }

    private static @Nullable Long named(String name, String protocol, JsonObject pod) {
        var spec = pod.object("spec");
        var sidecars =
                spec.array("initContainers").objects().stream()
                        .filter(container -> container.string("restartPolicy").equals("Always"));
        return Stream.concat(spec.array("containers").objects().stream(), sidecars)
                .flatMap(container -> container.array("ports").objects().stream())
                .filter(port -> port.string("name").equals(name))
                .filter(port -> port.string("protocol").equals(protocol))
                .map(port -> port.number("containerPort", 0))
                .findFirst()
                .orElse(null);
    }

    /// The name that `service` gives `pod` in DNS, empty when it gives none.
    static String hostname(JsonObject service, JsonObject pod) {
        return pod.object("spec").string("subdomain").equals(ObjectKey.of(service).name())
                ? pod.object("spec").string("hostname")
                : "";
    }

    static JsonObject reference(JsonObject pod) {
        var key = ObjectKey.of(pod);
        return JsonObject.builder()
                .put("kind", "Pod")
                .put("namespace", key.namespace())
                .put("name", key.name())
                .put("uid", pod.object("metadata").string("uid"))
                .build();
    }
}
