// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.patch.Patches;
import dev.coracle.core.schema.Schema;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.schema.StrictDecoder;

/// Makes of what a client sent an object that fits the schema of its kind.
final class Decoding {
    private final Schemas schemas;

    Decoding(Schemas schemas) {
        this.schemas = schemas;
        ResourceTypes.all().forEach(this::schema);
    }

    private Schema schema(ResourceType type) {
        return schema(type.apiVersion(), type.kind());
    }

    private Schema schema(String apiVersion, String kind) {
        var schema = schemas.kind(apiVersion, kind);
        if (schema == null) {
            throw new IllegalStateException("no schema of %s %s".formatted(apiVersion, kind));
        }
        return schema;
    }

    /// The body of a create or update of `type`.
    ///
    /// @throws ApiException 400 if it does not fit
    JsonObject body(ResourceType type, JsonObject sent, WriteOptions options) {
        return body(type.apiVersion(), type.kind(), sent, options);
    }

    /// What was sent to a subresource that is a kind of its own.
    JsonObject body(ResourceType type, String subresource, JsonObject sent, WriteOptions options) {
        var sub = part(type, subresource);
        return body(apiVersion(sub), sub.kind(), sent, options);
    }

    private JsonObject body(String apiVersion, String kind, JsonObject sent, WriteOptions options) {
        var given = sent.string("apiVersion");
        if (!given.isEmpty() && !given.equals(apiVersion)) {
            throw ApiException.badRequest(
                    "the API version in the data (%s) does not match the expected API version (%s)"
                            .formatted(given, apiVersion));
        }
        var givenKind = sent.string("kind");
        if (!givenKind.isEmpty() && !givenKind.equals(kind)) {
            throw ApiException.badRequest(
                    "%s in version \"%s\" cannot be handled as a %s: the kinds do not match"
                            .formatted(givenKind, apiVersion, kind));
        }
        var named = sent.with("apiVersion", apiVersion).with("kind", kind);
        return StrictDecoder.body(schema(apiVersion, kind), named, options);
    }

    /// `current` (in its served form) as `patch` makes it.
    ///
    /// @throws ApiException if the patch does not apply, or its result does not fit
    JsonObject patched(
            ResourceType type,
            String subresource,
            Patch patch,
            JsonObject current,
            WriteOptions options) {
        var schema =
                subresource.isEmpty()
                        ? schema(type)
                        : schema(
                                apiVersion(part(type, subresource)),
                                part(type, subresource).kind());
        var result = Patches.apply(patch, current, schema);
        for (var name : new String[] {"apiVersion", "kind"}) {
            if (!result.string(name).equals(current.string(name))) {
                throw ApiException.badRequest(
                        "a patch may not change %s from \"%s\" to \"%s\""
                                .formatted(name, current.string(name), result.string(name)));
            }
        }
        return StrictDecoder.patched(schema, result, patch.body(), options);
    }

    private static ResourceType.Subresource part(ResourceType type, String subresource) {
        return type.subresources().stream()
                .filter(sub -> sub.name().equals(subresource))
                .findFirst()
                .orElseThrow();
    }

    private static String apiVersion(ResourceType.Subresource sub) {
        return sub.group().isEmpty() ? sub.version() : sub.group() + "/" + sub.version();
    }

    /// @throws ApiException 400 if the name or namespace in `sent` is not that of the request
    static void checkKey(ObjectKey key, JsonObject sent) {
        var metadata = sent.object("metadata");
        var name = metadata.string("name");
        if (name.isEmpty()) {
            throw ApiException.badRequest(
                    "the name of the object (%s based on URL) was undeterminable: name must be provided"
                            .formatted(key.name()));
        }
        if (!name.equals(key.name())) {
            throw ApiException.badRequest(
                    "the name of the object (%s) does not match the name on the URL (%s)"
                            .formatted(name, key.name()));
        }
        var namespace = metadata.string("namespace");
        if (!namespace.isEmpty()
                && !key.namespace().isEmpty()
                && !namespace.equals(key.namespace())) {
            throw ApiException.badRequest(
                    "the namespace of the object (%s) does not match the namespace on the URL (%s)"
                            .formatted(namespace, key.namespace()));
        }
    }
}
