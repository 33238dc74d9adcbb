// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.defaults.Creation;
import dev.coracle.core.registry.defaults.Defaults;
import dev.coracle.core.registry.validation.Validation;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store.Outcome;

/// Makes new objects.
final class Creator {
    /// How often another name is drawn when a generated one is taken.
    private static final int NAME_ATTEMPTS = 8;

    private final Parts parts;
    private final PodAccount account;

    Creator(Parts parts) {
        this.parts = parts;
        this.account = new PodAccount(parts, this);
    }

    JsonObject create(ServedKind kind, String namespace, JsonObject object, WriteOptions options) {
        return parts.services().alone(kind, () -> make(kind, namespace, object, options));
    }

    private JsonObject make(
            ServedKind kind, String namespace, JsonObject object, WriteOptions options) {
        var sent = parts.decoding().body(kind.type(), object, options);
        var home = namespace(kind.type(), namespace, sent);
        if (!sent.object("metadata").string("resourceVersion").isEmpty()) {
            // Differs from upstream: code 400, where 500 without a reason is given.
            throw ApiException.badRequest(
                    "resourceVersion should not be set on objects to be created");
        }
        var draft = Strategy.created(kind, Rendition.stored(kind, sent));
        boolean generated = sent.object("metadata").string("name").isEmpty();
        for (int attempt = 1; ; attempt++) {
            var complete = completed(kind, home, draft, options);
            var name = complete.object("metadata").string("name");
            var key = kind.storage().key(home, name);
            if (options.dryRun() && parts.store().get(key) == null) {
                return Rendition.served(kind, complete);
            }
            if (!options.dryRun()
                    && parts.store().create(key, complete)
                            instanceof Outcome.Written(Entry entry)) {
                return Rendition.served(kind, entry.object());
            }
            if (!generated || attempt == NAME_ATTEMPTS) {
                throw new ApiException(Status.alreadyExists(kind.type(), name));
            }
        }
    }

    /// `draft` with everything the server adds.
    ///
    /// @throws ApiException if it is refused
    private JsonObject completed(
            ServedKind kind, String namespace, JsonObject draft, WriteOptions options) {
        var metadata =
                ObjectMetadata.created(
                        kind, namespace, draft.object("metadata"), parts.now(), parts.random());
        var stored = kind.storage();
        var name = metadata.string("name");
        if (stored.namespaced()) {
            var home = parts.find(ResourceTypes.NAMESPACES, new ObjectKey("", namespace));
            NamespaceRules.checkCreate(kind.type(), name, namespace, home);
        }
        var object =
                Defaults.apply(stored, Strategy.ordered(kind, draft.with("metadata", metadata)));
        if (stored.equals(ResourceTypes.PODS)) {
            object = account.admit(object, options);
        }
        object = parts.admitted(kind, "", null, Creation.prepare(stored, object));
        if (ServiceAllocation.isService(kind)) {
            object = parts.services().created(object);
        }
        var causes = Validation.create(stored, object);
        if (!causes.isEmpty()) {
            throw new ApiException(Status.invalid(kind.type(), name, causes));
        }
        return object;
    }

    /// The namespace that the request's path and the object agree on.
    private static String namespace(ResourceType type, String requested, JsonObject object) {
        if (!type.namespaced()) {
            return "";
        }
        var own = object.object("metadata").string("namespace");
        if (requested.isEmpty() && own.isEmpty()) {
            throw ApiException.badRequest("an empty namespace may not be set during creation");
        }
        if (!requested.isEmpty() && !own.isEmpty() && !own.equals(requested)) {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the"
                            + " request");
        }
        return requested.isEmpty() ? own : requested;
    }
}
