// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.serviceaccount;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.List;

/// Keeps a service account called `default` in every namespace that is not on its way out.
///
/// <https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts>
public final class DefaultServiceAccount implements Controller {
    private static final String NAME = "default";

    private final ResourceType namespaces;
    private final ResourceType serviceAccounts;

    public DefaultServiceAccount(ResourceType namespaces, ResourceType serviceAccounts) {
        this.namespaces = namespaces;
        this.serviceAccounts = serviceAccounts;
    }

    @Override
    public String name() {
        return "service-account-controller";
    }

    @Override
    public List<Trigger> reads() {
        return List.of(
                new Trigger(namespaces, namespace -> List.of(ObjectKey.of(namespace))),
                new Trigger(
                        serviceAccounts,
                        account -> List.of(new ObjectKey("", ObjectKey.of(account).namespace()))));
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(serviceAccounts);
    }

    /// `key` is a namespace's.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var namespace = view.get(namespaces, key);
        if (namespace == null
                || namespace.object("metadata").has("deletionTimestamp")
                || view.get(serviceAccounts, new ObjectKey(key.name(), NAME)) != null) {
            return Decision.NOTHING;
        }
        var account =
                JsonObject.builder()
                        .put("apiVersion", serviceAccounts.apiVersion())
                        .put("kind", serviceAccounts.kind())
                        .put(
                                "metadata",
                                JsonObject.builder()
                                        .put("name", NAME)
                                        .put("namespace", key.name())
                                        .build())
                        .build();
        return Decision.of(new Write.Create(serviceAccounts, key.name(), account));
    }
}
