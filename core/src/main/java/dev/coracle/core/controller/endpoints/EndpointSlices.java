// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Owners;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Keeps the slices of every service that selects pods: who is behind it, and of each whether it is
/// ready, serves, and is terminating.
///
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>
public final class EndpointSlices implements Controller {
    private static final SliceManager MANAGER = new SliceManager("endpointslice-controller.k8s.io");
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String FAMILY = "IPv4";

    /// Upstream's `--max-endpoints-per-slice`.
    private static final int MOST = 100;

    private static final Duration NODE_IS_MISSING = Duration.ofSeconds(1);

    private final Types types;

    /// The types that are read and written.
    public record Types(
            ResourceType services,
            ResourceType pods,
            ResourceType nodes,
            ResourceType endpoints,
            ResourceType endpointSlices) {}

    public EndpointSlices(Types types) {
        this.types = types;
    }

    @Override
    public String name() {
        return "endpointslice-controller";
    }

    @Override
    public List<Trigger> reads() {
        return Backends.triggers(types, new Trigger(types.endpointSlices(), MANAGER::serviceOf));
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(types.endpointSlices());
    }

    /// `key` is a service's. Slices of one that is gone go with it, being its own.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var service = view.get(types.services(), key);
        if (service == null || !Backends.isSelecting(service)) {
            return Decision.NOTHING;
        }
        var selected = Backends.selected(view, types.pods(), service);
        var nodes = nodes(view, selected);
        boolean anyMissing = false;
        var wanted = new LinkedHashMap<JsonArray, List<JsonObject>>();
        for (var pod : selected) {
            var address = Backends.address(pod);
            var node = pod.object("spec").string("nodeName");
            boolean missing =
                    !node.isEmpty()
                            && !nodes.containsKey(node)
                            && !Backends.publishesUnready(service);
            anyMissing |= missing;
            if (!address.isEmpty() && !missing) {
                wanted.computeIfAbsent(ports(service, pod), _ -> new ArrayList<>())
                        .add(endpoint(service, pod, address, nodes.getOrDefault(node, "")));
            }
        }
        var writes = writes(view, service, selected, wanted, now);
        return new Decision(writes, anyMissing ? NODE_IS_MISSING : null);
    }

    /// The zone of each node that one of `pods` is on and that exists.
    private Map<String, String> nodes(View view, List<JsonObject> pods) {
        var zones = new LinkedHashMap<String, String>();
        pods.stream()
                .map(pod -> pod.object("spec").string("nodeName"))
                .distinct()
                .forEach(
                        name -> {
                            var node = view.get(types.nodes(), new ObjectKey("", name));
                            if (node != null) {
                                zones.put(name, PodState.labels(node).string(ZONE));
                            }
                        });
        return zones;
    }

    private static JsonArray ports(JsonObject service, JsonObject pod) {
        return JsonArray.of(
                Backends.ports(service, pod).stream()
                        .map(
                                port ->
                                        JsonObject.builder()
                                                .put("name", port.name())
                                                .put("protocol", port.protocol())
                                                .put("port", port.number())
                                                .putUnlessEmpty(
                                                        "appProtocol", port.applicationProtocol())
                                                .build())
                        .toList());
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions>
    private static JsonObject endpoint(
            JsonObject service, JsonObject pod, String address, String zone) {
        boolean serving = PodState.isReady(pod);
        boolean terminating = PodState.isDeleting(pod);
        boolean ready = Backends.publishesUnready(service) || (serving && !terminating);
        return JsonObject.builder()
                .put("addresses", JsonArray.of(Json.of(address)))
                .put(
                        "conditions",
                        JsonObject.builder()
                                .put("ready", ready)
                                .put("serving", serving)
                                .put("terminating", terminating)
                                .build())
                .putUnlessEmpty("hostname", Backends.hostname(service, pod))
                .put("targetRef", Backends.reference(pod))
                .putUnlessEmpty("nodeName", pod.object("spec").string("nodeName"))
                .putUnlessEmpty("zone", zone)
                .build();
    }

    private List<Write> writes(
            View view,
            JsonObject service,
            List<JsonObject> selected,
            Map<JsonArray, List<JsonObject>> wanted,
            Instant now) {
        var all = MANAGER.slices(view, types.endpointSlices(), ObjectKey.of(service));
        var plan =
                SlicePlan.of(
                        all.stream()
                                .filter(slice -> slice.string("addressType").equals(FAMILY))
                                .filter(slice -> !PodState.isDeleting(slice))
                                .toList(),
                        wanted,
                        MOST);
        if (plan.isEmpty()) {
            plan.addPlaceholder();
        }
        var writes =
                plan.writes(
                        types.endpointSlices(),
                        () -> owned(service, fresh(service, selected)),
                        slice -> changed(service, selected, slice, now),
                        slice -> owned(service, slice));
        all.stream()
                .filter(slice -> !slice.string("addressType").equals(FAMILY))
                .forEach(slice -> writes.add(SlicePlan.delete(types.endpointSlices(), slice)));
        return writes;
    }

    private static JsonObject changed(
            JsonObject service, List<JsonObject> selected, JsonObject slice, Instant now) {
        var time = TriggerTime.next(slice, selected, now);
        return owned(service, slice)
                .with("metadata", m -> m.with("annotations", a -> TriggerTime.said(a, time)));
    }

    private JsonObject fresh(JsonObject service, List<JsonObject> selected) {
        var key = ObjectKey.of(service);
        var time = TriggerTime.first(service, selected);
        return JsonObject.builder()
                .put("apiVersion", types.endpointSlices().apiVersion())
                .put("kind", types.endpointSlices().kind())
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("generateName", key.name() + "-")
                                .put("namespace", key.namespace())
                                .putUnlessEmpty(
                                        "annotations", TriggerTime.said(JsonObject.EMPTY, time))
                                .build())
                .put("addressType", FAMILY)
                .build();
    }

    /// `slice` with the labels of `service`, and its own, and belonging to it.
    private static JsonObject owned(JsonObject service, JsonObject slice) {
        var labels = PodState.labels(service).without(Backends.HEADLESS);
        if (!Backends.hasAddress(service)) {
            labels = labels.with(Backends.HEADLESS, "");
        }
        var all = MANAGER.mark(labels, ObjectKey.of(service).name());
        var labeled = slice.with("metadata", m -> m.with("labels", all));
        boolean own =
                Owners.of(slice).stream()
                        .anyMatch(owner -> owner.string("uid").equals(Owners.uid(service)));
        return own ? labeled : Owners.with(labeled, Owners.reference(service));
    }
}
