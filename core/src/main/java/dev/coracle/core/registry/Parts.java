// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What the verbs of the registry share.
record Parts(
        Store store,
        Decoding decoding,
        InstantSource clock,
        RandomGenerator random,
        ServiceAllocation services,
        List<Admission> admissions) {
    static final String MODIFIED =
            "the object has been modified; please apply your changes to the latest version and try"
                    + " again";

    Parts {
        admissions = List.copyOf(admissions);
    }

    Instant now() {
        return clock.instant();
    }

    /// As stored, null when it does not exist.
    @Nullable JsonObject find(ResourceType type, ObjectKey key) {
        var entry = store.get(type.key(key.namespace(), key.name()));
        return entry == null ? null : entry.object();
    }

    /// @throws ApiException 404
    Entry present(ServedKind kind, ObjectKey key) {
        var entry = store.get(kind.storage().key(key.namespace(), key.name()));
        if (entry == null) {
            throw new ApiException(Status.notFound(kind.type(), key.name()));
        }
        return entry;
    }

    JsonObject admitted(
            ServedKind kind, String subresource, @Nullable JsonObject old, JsonObject object) {
        var result = object;
        for (var admission : admissions) {
            result = admission.admit(kind.storage(), subresource, old, result);
        }
        return result;
    }

    /// @throws ApiException 409 unless `actual` has this uid and resourceVersion (null: any)
    static void checkPreconditions(
            ServedKind kind, JsonObject actual, @Nullable String uid, @Nullable String version) {
        var metadata = actual.object("metadata");
        if (uid != null && !uid.equals(metadata.string("uid"))) {
            throw failed(kind, metadata, "UID", uid, metadata.string("uid"));
        }
        if (version != null && !version.equals(metadata.string("resourceVersion"))) {
            throw failed(
                    kind, metadata, "ResourceVersion", version, metadata.string("resourceVersion"));
        }
    }

    private static ApiException failed(
            ServedKind kind, JsonObject metadata, String what, String wanted, String actual) {
        return new ApiException(
                Status.conflict(
                        kind.type(),
                        metadata.string("name"),
                        "Precondition failed: %s in precondition: %s, %s in object meta: %s"
                                .formatted(what, wanted, what, actual)));
    }
}
