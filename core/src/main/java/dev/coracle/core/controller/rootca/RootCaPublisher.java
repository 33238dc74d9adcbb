// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.rootca;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.List;

/// Keeps the config map `kube-root-ca.crt` in every namespace, so that pods can tell the API
/// server from an impostor.
///
/// <https://kubernetes.io/docs/concepts/security/service-accounts/#authenticating-in-pods>
public final class RootCaPublisher implements Controller {
    private static final String NAME = "kube-root-ca.crt";

    /// Upstream's annotation, word for word.
    private static final JsonObject ANNOTATIONS =
            JsonObject.of(
                    "kubernetes.io/description",
                    Json.of(
                            "Contains a CA bundle that can be used to verify the kube-apiserver"
                                    + " when using internal endpoints such as the internal service IP"
                                    + " or kubernetes.default.svc. No other usage is guaranteed across"
                                    + " distributions of Kubernetes clusters."));

    private final ResourceType namespaces;
    private final ResourceType configMaps;
    private final JsonObject data;

    /// `authority` is the certificate in PEM.
    public RootCaPublisher(ResourceType namespaces, ResourceType configMaps, String authority) {
        this.namespaces = namespaces;
        this.configMaps = configMaps;
        this.data = JsonObject.of("ca.crt", Json.of(authority));
    }

    @Override
    public String name() {
        return "root-ca-certificate-publisher-controller";
    }

    @Override
    public List<Trigger> reads() {
        return List.of(
                new Trigger(namespaces, namespace -> List.of(ObjectKey.of(namespace))),
                new Trigger(
                        configMaps,
                        map ->
                                ObjectKey.of(map).name().equals(NAME)
                                        ? List.of(new ObjectKey("", ObjectKey.of(map).namespace()))
                                        : List.of()));
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(configMaps);
    }

    /// `key` is a namespace's.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var namespace = view.get(namespaces, key);
        if (namespace == null || namespace.object("metadata").has("deletionTimestamp")) {
            return Decision.NOTHING;
        }
        var present = view.get(configMaps, new ObjectKey(key.name(), NAME));
        if (present == null) {
            return Decision.of(new Write.Create(configMaps, key.name(), configMap(key.name())));
        }
        return present.object("data").equals(data)
                ? Decision.NOTHING
                : Decision.of(
                        new Write.Update(
                                configMaps, ObjectKey.of(present), "", present.with("data", data)));
    }

    private JsonObject configMap(String namespace) {
        return JsonObject.builder()
                .put("apiVersion", configMaps.apiVersion())
                .put("kind", configMaps.kind())
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("name", NAME)
                                .put("namespace", namespace)
                                .put("annotations", ANNOTATIONS)
                                .build())
                .put("data", data)
                .build();
    }
}
