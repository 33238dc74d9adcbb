// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.system;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Keeps the services that the cluster itself offers to its pods, and says what is behind them:
/// nothing selects it, because it is this process.
///
/// What people change in such a service stays as they want it; only its being there, and where it
/// leads, is seen to.
public final class SystemServices implements Controller {
    private static final String SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";

    private final Types types;
    private final Map<ObjectKey, SystemService> kept = new LinkedHashMap<>();

    /// The types that are read and written.
    public record Types(
            ResourceType namespaces,
            ResourceType services,
            ResourceType endpoints,
            ResourceType endpointSlices) {}

    public SystemServices(Types types, List<SystemService> services) {
        this.types = types;
        services.forEach(service -> kept.put(service.key(), service));
    }

    @Override
    public String name() {
        return "system-services";
    }

    @Override
    public List<Trigger> reads() {
        var triggers = new ArrayList<Trigger>();
        triggers.add(
                new Trigger(
                        types.namespaces(),
                        namespace ->
                                kept.keySet().stream()
                                        .filter(
                                                key ->
                                                        key.namespace()
                                                                .equals(
                                                                        ObjectKey.of(namespace)
                                                                                .name()))
                                        .toList()));
        for (var type : List.of(types.services(), types.endpoints(), types.endpointSlices())) {
            triggers.add(
                    new Trigger(
                            type,
                            object ->
                                    kept.containsKey(ObjectKey.of(object))
                                            ? List.of(ObjectKey.of(object))
                                            : List.of()));
        }
        return triggers;
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(types.services(), types.endpoints(), types.endpointSlices());
    }

    /// `key` is that of a service and of all that belongs to it.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var wanted = kept.get(key);
        var namespace = view.get(types.namespaces(), new ObjectKey("", key.namespace()));
        if (wanted == null || namespace == null || PodState.isDeleting(namespace)) {
            return Decision.NOTHING;
        }
        var writes = new ArrayList<Write>();
        if (view.get(types.services(), key) == null) {
            var service =
                    object(types.services(), key, wanted.labels()).with("spec", wanted.spec());
            writes.add(new Write.Create(types.services(), key.namespace(), service));
        }
        var backend = wanted.backend();
        if (backend != null) {
            keep(view, types.endpointSlices(), key, slice(wanted, backend), writes);
            if (wanted.isLegacy()) {
                keep(view, types.endpoints(), key, endpoints(wanted, backend), writes);
            }
        }
        return new Decision(writes, null);
    }

    /// Makes what is missing, and puts right where it leads elsewhere.
    private static void keep(
            View view, ResourceType type, ObjectKey key, JsonObject wanted, List<Write> writes) {
        var present = view.get(type, key);
        if (present == null) {
            writes.add(new Write.Create(type, key.namespace(), wanted));
            return;
        }
        var right = present;
        for (var field : List.of("endpoints", "ports", "subsets")) {
            var value = wanted.get(field);
            right = value == null ? right : right.with(field, value);
        }
        if (!right.equals(present)) {
            writes.add(new Write.Update(type, key, "", right));
        }
    }

    private static JsonObject object(ResourceType type, ObjectKey key, JsonObject labels) {
        return JsonObject.builder()
                .put("apiVersion", type.apiVersion())
                .put("kind", type.kind())
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("name", key.name())
                                .put("namespace", key.namespace())
                                .put("labels", labels)
                                .build())
                .build();
    }

    private JsonObject slice(SystemService service, SystemService.Backend backend) {
        var endpoint =
                JsonObject.of(
                        "addresses",
                        JsonArray.of(Json.of(backend.host())),
                        "conditions",
                        JsonObject.of("ready", Json.of(true)));
        var labels = JsonObject.of(EndpointSlice.SERVICE_NAME, Json.of(service.key().name()));
        return object(types.endpointSlices(), service.key(), labels)
                .with("addressType", "IPv4")
                .with("endpoints", JsonArray.of(endpoint))
                .with("ports", service.ports(backend));
    }

    private JsonObject endpoints(SystemService service, SystemService.Backend backend) {
        var subset =
                JsonObject.of(
                        "addresses",
                        JsonArray.of(JsonObject.of("ip", Json.of(backend.host()))),
                        "ports",
                        service.ports(backend));
        var labels = JsonObject.of(SKIP_MIRROR, Json.of("true"));
        return object(types.endpoints(), service.key(), labels)
                .with("subsets", JsonArray.of(subset));
    }
}
