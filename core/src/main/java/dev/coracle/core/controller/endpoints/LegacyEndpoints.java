// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keeps the one `Endpoints` of every service that selects pods, for clients that do not know
/// slices yet. Deprecated upstream, and still there.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/#endpoints>
public final class LegacyEndpoints implements Controller {
    private static final String MANAGED_BY = "endpoints.kubernetes.io/managed-by";
    private static final String MANAGER = "endpoint-controller";
    private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

    private final EndpointSlices.Types types;

    public LegacyEndpoints(EndpointSlices.Types types) {
        this.types = types;
    }

    @Override
    public String name() {
        return "endpoint-controller";
    }

    @Override
    public List<Trigger> reads() {
        return Backends.triggers(types, new Trigger(types.endpoints(), LegacyEndpoints::serviceOf));
    }

    /// Those that somebody else has made are not ours to look at.
    private static List<ObjectKey> serviceOf(JsonObject endpoints) {
        return PodState.labels(endpoints).string(MANAGED_BY).equals(MANAGER)
                ? List.of(ObjectKey.of(endpoints))
                : List.of();
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(types.endpoints());
    }

    /// `key` is a service's, and its endpoints'.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var service = view.get(types.services(), key);
        var present = view.get(types.endpoints(), key);
        if (service == null) {
            return present == null
                    ? Decision.NOTHING
                    : Decision.of(new Write.Delete(types.endpoints(), key, DeleteOptions.NONE));
        }
        if (!Backends.isSelecting(service)) {
            return Decision.NOTHING;
        }
        var selected = Backends.selected(view, types.pods(), service);
        var subsets = subsets(service, selected);
        var labels = labels(service);
        if (present == null) {
            var created = written(fresh(key), subsets, labels);
            var time = TriggerTime.first(service, selected);
            return Decision.of(
                    new Write.Create(types.endpoints(), key.namespace(), timed(created, time)));
        }
        var updated = written(present, subsets, labels);
        if (updated.equals(present)) {
            return Decision.NOTHING;
        }
        var time = TriggerTime.next(present, selected, now);
        return Decision.of(new Write.Update(types.endpoints(), key, "", timed(updated, time)));
    }

    private JsonObject fresh(ObjectKey key) {
        return JsonObject.builder()
                .put("apiVersion", types.endpoints().apiVersion())
                .put("kind", types.endpoints().kind())
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("name", key.name())
                                .put("namespace", key.namespace())
                                .build())
                .build();
    }

    private static JsonObject labels(JsonObject service) {
        var labels = PodState.labels(service).without(Backends.HEADLESS).with(MANAGED_BY, MANAGER);
        return Backends.hasAddress(service) ? labels : labels.with(Backends.HEADLESS, "");
    }

    private static JsonObject written(JsonObject endpoints, Subsets subsets, JsonObject labels) {
        var result =
                endpoints.with(
                        "metadata",
                        m -> {
                            var annotations = m.object("annotations");
                            var marked =
                                    subsets.truncated()
                                            ? annotations.with(OVER_CAPACITY, "truncated")
                                            : annotations.without(OVER_CAPACITY);
                            var labeled = m.with("labels", labels);
                            return marked.isEmpty()
                                    ? labeled.without("annotations")
                                    : labeled.with("annotations", marked);
                        });
        return subsets.isEmpty()
                ? result.without("subsets")
                : result.with("subsets", subsets.json());
    }

    private static JsonObject timed(JsonObject endpoints, @Nullable Instant time) {
        return endpoints.with(
                "metadata", m -> m.with("annotations", a -> TriggerTime.said(a, time)));
    }

    private static Subsets subsets(JsonObject service, List<JsonObject> selected) {
        var headless = service.object("spec").string("clusterIP").equals("None");
        boolean portless = service.object("spec").array("ports").isEmpty();
        boolean unready = Backends.publishesUnready(service);
        var found = new ArrayList<Subsets.Backend>();
        for (var pod : selected) {
            var ip = Backends.address(pod);
            if (ip.isEmpty() || (PodState.isDeleting(pod) && !unready)) {
                continue;
            }
            var ports = Backends.ports(service, pod).stream().map(LegacyEndpoints::port).toList();
            if (!ports.isEmpty() || (portless && headless)) {
                found.add(
                        new Subsets.Backend(
                                address(service, pod, ip),
                                unready || PodState.isReady(pod),
                                JsonArray.of(ports)));
            }
        }
        return Subsets.of(found);
    }

    private static JsonObject address(JsonObject service, JsonObject pod, String ip) {
        return JsonObject.builder()
                .put("ip", ip)
                .putUnlessEmpty("hostname", Backends.hostname(service, pod))
                .putUnlessEmpty("nodeName", pod.object("spec").string("nodeName"))
                .put("targetRef", Backends.reference(pod))
                .build();
    }

    private static JsonObject port(Backends.Port port) {
        return JsonObject.builder()
                .putUnlessEmpty("name", port.name())
                .put("port", port.number())
                .put("protocol", port.protocol())
                .putUnlessEmpty("appProtocol", port.applicationProtocol())
                .build();
    }
}
