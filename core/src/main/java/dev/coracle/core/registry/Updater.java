// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.defaults.Defaults;
import dev.coracle.core.registry.validation.Validation;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store.Outcome;
import java.util.List;
import java.util.function.UnaryOperator;

/// Changes objects, whole or in part.
final class Updater {
    private final Parts parts;
    private final Creator creator;

    Updater(Parts parts, Creator creator) {
        this.parts = parts;
        this.creator = creator;
    }

    JsonObject update(
            ServedKind kind,
            ObjectKey key,
            String subresource,
            JsonObject object,
            WriteOptions options) {
        if (subresource.equals("scale")) {
            return scale(kind, key, object, options);
        }
        var body = parts.decoding().body(kind.type(), object, options);
        Decoding.checkKey(key, body);
        var sent = Rendition.stored(kind, body);
        if (subresource.isEmpty()) {
            if (kind.has(Trait.CREATE_ON_UPDATE) && parts.find(kind.storage(), key) == null) {
                var fresh = object.with("metadata", m -> m.without("resourceVersion"));
                return creator.create(kind, key.namespace(), fresh, options);
            }
            checkVersionGiven(kind, sent);
        }
        return Rendition.served(
                kind,
                write(
                        kind,
                        key,
                        subresource,
                        options,
                        current -> replacement(kind, subresource, current, sent)));
    }

    JsonObject patch(
            ServedKind kind, ObjectKey key, String subresource, Patch patch, WriteOptions options) {
        if (subresource.equals("scale")) {
            var workload =
                    write(
                            kind,
                            key,
                            "",
                            options,
                            current -> {
                                var before = Scale.of(kind.type(), current);
                                return scaled(
                                        kind,
                                        current,
                                        patched(kind, subresource, patch, before, options));
                            });
            return Scale.of(kind.type(), workload);
        }
        return Rendition.served(
                kind,
                write(
                        kind,
                        key,
                        subresource,
                        options,
                        current -> {
                            var before = Rendition.served(kind, current);
                            var after = patched(kind, subresource, patch, before, options);
                            Decoding.checkKey(key, after);
                            return replacement(
                                    kind, subresource, current, Rendition.stored(kind, after));
                        }));
    }

    private JsonObject patched(
            ServedKind kind,
            String subresource,
            Patch patch,
            JsonObject before,
            WriteOptions options) {
        return parts.decoding().patched(kind.type(), subresource, patch, before, options);
    }

    private JsonObject scale(
            ServedKind kind, ObjectKey key, JsonObject object, WriteOptions options) {
        var sent = parts.decoding().body(kind.type(), "scale", object, options);
        Decoding.checkKey(key, sent);
        var workload = write(kind, key, "", options, current -> scaled(kind, current, sent));
        return Scale.of(kind.type(), workload);
    }

    private static JsonObject scaled(ServedKind kind, JsonObject current, JsonObject scale) {
        checkExpected(kind, current, scale);
        return Scale.applied(current, scale);
    }

    JsonObject bind(ObjectKey key, JsonObject object, WriteOptions options) {
        var kind = ResourceTypes.served(ResourceTypes.PODS);
        var binding = parts.decoding().body(kind.type(), "binding", object, options);
        write(
                kind,
                key,
                "binding",
                options,
                current -> Binding.bound(current, binding, parts.now()));
        return Status.success(kind.type(), key.name(), "");
    }

    private static JsonObject replacement(
            ServedKind kind, String subresource, JsonObject current, JsonObject sent) {
        checkExpected(kind, current, sent);
        return Strategy.updated(kind, subresource, current, sent);
    }

    /// Refuses what was made from another object, or another state, than `current`.
    private static void checkExpected(ServedKind kind, JsonObject current, JsonObject sent) {
        var metadata = sent.object("metadata");
        if (!metadata.string("uid").isEmpty()) {
            Parts.checkPreconditions(kind, current, metadata.string("uid"), null);
        }
        var version = metadata.string("resourceVersion");
        if (!version.isEmpty()
                && !version.equals("0")
                && !version.equals(current.object("metadata").string("resourceVersion"))) {
            throw new ApiException(
                    Status.conflict(
                            kind.type(),
                            current.object("metadata").string("name"),
                            Parts.MODIFIED));
        }
    }

    private static void checkVersionGiven(ServedKind kind, JsonObject sent) {
        var version = sent.object("metadata").string("resourceVersion");
        if (kind.has(Trait.VERSION_REQUIRED) && (version.isEmpty() || version.equals("0"))) {
            var cause =
                    new Status.Cause(
                            "FieldValueInvalid",
                            "Invalid value: 0: must be specified for an update",
                            "metadata.resourceVersion");
            throw new ApiException(
                    Status.invalid(
                            kind.type(), sent.object("metadata").string("name"), List.of(cause)));
        }
    }

    /// Applies `change` to the newest state, again for as long as others write in between, and
    /// returns what is stored then. An object that was only kept by a finalizer goes when the
    /// change removes it.
    JsonObject write(
            ServedKind kind,
            ObjectKey key,
            String subresource,
            WriteOptions options,
            UnaryOperator<JsonObject> change) {
        return subresource.isEmpty()
                ? parts.services()
                        .alone(kind, () -> replace(kind, key, subresource, options, change))
                : replace(kind, key, subresource, options, change);
    }

    private JsonObject replace(
            ServedKind kind,
            ObjectKey key,
            String subresource,
            WriteOptions options,
            UnaryOperator<JsonObject> change) {
        while (true) {
            var entry = parts.present(kind, key);
            var current = entry.object();
            var next = completed(kind, subresource, current, change.apply(current));
            if (options.dryRun() || next.equals(current)) {
                return next;
            }
            var outcome =
                    Deletion.isDue(next)
                            ? parts.store().delete(entry.key(), entry.revision())
                            : parts.store().update(entry.key(), entry.revision(), next);
            if (outcome instanceof Outcome.Written(Entry written)) {
                return Deletion.isDue(next) ? next : written.object();
            }
        }
    }

    private JsonObject completed(
            ServedKind kind, String subresource, JsonObject current, JsonObject changed) {
        var stored = kind.storage();
        var next = Strategy.ordered(kind, Defaults.apply(stored, changed));
        next = parts.admitted(kind, subresource, current, next);
        if (subresource.isEmpty()) {
            if (ServiceAllocation.isService(kind)) {
                next = parts.services().updated(current, next);
            }
            next = ObjectMetadata.counted(kind, current, next);
        }
        var causes = Validation.update(stored, current, next, subresource);
        if (!causes.isEmpty()) {
            throw new ApiException(
                    Status.invalid(kind.type(), current.object("metadata").string("name"), causes));
        }
        return next;
    }
}
