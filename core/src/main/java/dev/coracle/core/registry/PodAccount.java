// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.defaults.PodAdmission;
import dev.coracle.core.registry.defaults.ServiceAccountAdmission;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// Gives a new pod what depends on other objects: its service account and its priority class.
///
/// Differs from upstream: where a namespace's default account is yet to be made, it is made here
/// instead of being waited for.
final class PodAccount {
    private static final String DEFAULT = "default";

    private final Parts parts;
    private final Creator creator;

    PodAccount(Parts parts, Creator creator) {
        this.parts = parts;
        this.creator = creator;
    }

    JsonObject admit(JsonObject pod, WriteOptions options) {
        var name = ServiceAccountAdmission.accountOf(pod);
        var namespace = pod.object("metadata").string("namespace");
        var withAccount =
                ServiceAccountAdmission.admit(
                        pod, account(new ObjectKey(namespace, name), options), parts.random());
        return PodAdmission.admit(withAccount, priorityClass(pod));
    }

    private @Nullable JsonObject account(ObjectKey key, WriteOptions options) {
        if (key.name().isEmpty()) {
            return null;
        }
        var account = parts.find(ResourceTypes.SERVICE_ACCOUNTS, key);
        return account == null && key.name().equals(DEFAULT)
                ? defaultAccount(key, options)
                : account;
    }

    private @Nullable JsonObject defaultAccount(ObjectKey key, WriteOptions options) {
        var kind = ResourceTypes.served(ResourceTypes.SERVICE_ACCOUNTS);
        var account = JsonObject.of("metadata", JsonObject.of("name", Json.of(DEFAULT)));
        try {
            return creator.create(
                    kind,
                    key.namespace(),
                    account,
                    new WriteOptions(
                            options.dryRun(),
                            options.fieldValidation(),
                            options.fieldManager(),
                            java.util.List.of(),
                            new java.util.ArrayList<>()));
        } catch (ApiException e) {
            if (e.is(Status.Reason.ALREADY_EXISTS)) {
                return parts.find(ResourceTypes.SERVICE_ACCOUNTS, key);
            }
            throw e;
        }
    }

    /// The class that the pod names; without a name, the default one of the lowest value.
    private @Nullable JsonObject priorityClass(JsonObject pod) {
        var name = pod.object("spec").string("priorityClassName");
        var type = ResourceTypes.PRIORITY_CLASSES;
        if (!name.isEmpty()) {
            return parts.find(type, new ObjectKey("", name));
        }
        return parts.store().range(type.keyPrefix(), "", 0, 0).entries().stream()
                .map(entry -> entry.object())
                .filter(priority -> priority.bool("globalDefault", false))
                .min(Comparator.comparingLong(priority -> priority.number("value", 0)))
                .orElse(null);
    }
}
