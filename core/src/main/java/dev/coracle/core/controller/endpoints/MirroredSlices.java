// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Owners;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Repeats in slices what somebody has written by hand into the `Endpoints` of a service that
/// selects nothing, so that readers need to know slices only.
///
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>,
/// "EndpointSlice mirroring"
public final class MirroredSlices implements Controller {
    private static final SliceManager MANAGER =
            new SliceManager("endpointslicemirroring-controller.k8s.io");

    private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
    private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final List<String> FAMILIES = List.of("IPv4", "IPv6");

    /// Upstream's `--mirroring-max-endpoints-per-subset`, which is a slice's, too.
    private static final int MOST = 1000;

    private final EndpointSlices.Types types;

    public MirroredSlices(EndpointSlices.Types types) {
        this.types = types;
    }

    @Override
    public String name() {
        return "endpointslice-mirroring-controller";
    }

    @Override
    public List<Trigger> reads() {
        return List.of(
                new Trigger(types.endpoints(), endpoints -> List.of(ObjectKey.of(endpoints))),
                new Trigger(types.services(), service -> List.of(ObjectKey.of(service))),
                new Trigger(types.endpointSlices(), MANAGER::serviceOf));
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(types.endpointSlices());
    }

    /// `key` is that of a service and of endpoints.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var present = MANAGER.slices(view, types.endpointSlices(), key);
        var endpoints = view.get(types.endpoints(), key);
        if (endpoints == null || !isMirrored(endpoints, view.get(types.services(), key))) {
            return new Decision(
                    present.stream()
                            .map(slice -> SlicePlan.delete(types.endpointSlices(), slice))
                            .toList(),
                    null);
        }
        var writes = new ArrayList<Write>();
        for (var family : FAMILIES) {
            var slices =
                    present.stream()
                            .filter(slice -> slice.string("addressType").equals(family))
                            .toList();
            writes.addAll(writes(endpoints, family, slices));
        }
        return new Decision(writes, null);
    }

    private static boolean isMirrored(JsonObject endpoints, @Nullable JsonObject service) {
        return service != null
                && service.object("spec").object("selector").isEmpty()
                && !PodState.labels(endpoints).string(SKIP).equals("true")
                && !endpoints.object("metadata").object("annotations").has(LEADER);
    }

    private List<Write> writes(JsonObject endpoints, String family, List<JsonObject> slices) {
        var plan = SlicePlan.of(slices, wanted(endpoints, family), MOST);
        return plan.writes(
                types.endpointSlices(),
                () -> dressed(endpoints, fresh(endpoints, family)),
                slice -> dressed(endpoints, slice),
                slice -> dressed(endpoints, slice));
    }

    private static Map<JsonArray, List<JsonObject>> wanted(JsonObject endpoints, String family) {
        var wanted = new LinkedHashMap<JsonArray, List<JsonObject>>();
        for (var subset : endpoints.array("subsets").objects()) {
            var ports =
                    JsonArray.of(
                            subset.array("ports").objects().stream()
                                    .map(MirroredSlices::port)
                                    .toList());
            var list = new ArrayList<JsonObject>();
            add(subset, "addresses", true, family, list);
            add(subset, "notReadyAddresses", false, family, list);
            if (!list.isEmpty()) {
                wanted.computeIfAbsent(ports, _ -> new ArrayList<>())
                        .addAll(list.subList(0, Math.min(MOST, list.size())));
            }
        }
        return wanted;
    }

    private static JsonObject port(JsonObject port) {
        return JsonObject.builder()
                .put("name", port.string("name"))
                .put("protocol", port.string("protocol"))
                .put("port", port.number("port", 0))
                .putUnlessEmpty("appProtocol", port.string("appProtocol"))
                .build();
    }

    private static void add(
            JsonObject subset, String list, boolean ready, String family, List<JsonObject> to) {
        for (var address : subset.array(list).objects()) {
            if (IpAddress.isV6(address.string("ip")) == family.equals("IPv6")) {
                to.add(
                        JsonObject.builder()
                                .put("addresses", JsonArray.of(Json.of(address.string("ip"))))
                                .put("conditions", JsonObject.of("ready", Json.of(ready)))
                                .putUnlessEmpty("hostname", address.string("hostname"))
                                .putUnlessEmpty("targetRef", address.get("targetRef"))
                                .putUnlessEmpty("nodeName", address.string("nodeName"))
                                .build());
            }
        }
    }

    private JsonObject fresh(JsonObject endpoints, String family) {
        var key = ObjectKey.of(endpoints);
        return JsonObject.builder()
                .put("apiVersion", types.endpointSlices().apiVersion())
                .put("kind", types.endpointSlices().kind())
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("generateName", key.name() + "-")
                                .put("namespace", key.namespace())
                                .put("ownerReferences", JsonArray.of(Owners.reference(endpoints)))
                                .build())
                .put("addressType", family)
                .build();
    }

    /// `slice` with the labels and annotations of `endpoints`, and its own.
    private static JsonObject dressed(JsonObject endpoints, JsonObject slice) {
        var labels = MANAGER.mark(PodState.labels(endpoints), ObjectKey.of(endpoints).name());
        var annotations =
                TriggerTime.without(endpoints.object("metadata").object("annotations"))
                        .without(APPLIED);
        return slice.with(
                "metadata",
                m -> {
                    var labeled = m.with("labels", labels);
                    return annotations.isEmpty()
                            ? labeled.without("annotations")
                            : labeled.with("annotations", annotations);
                });
    }
}
