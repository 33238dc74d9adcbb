// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.manifest;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Brings manifests to the API: creates what is new, merges into what is there.
public final class Application {
    /// Who made the change, as `metadata.managedFields` and audit would name us.
    private static final String FIELD_MANAGER = "coracle";

    private final Api api;
    private final List<ResourceType> types;
    private final Consumer<String> warn;

    /// `types` are all kinds that `api` knows; `warn` is told what the API warns of.
    public Application(Api api, List<ResourceType> types, Consumer<String> warn) {
        this.api = api;
        this.types = List.copyOf(types);
        this.warn = warn;
    }

    /// What became of a manifest; `created` is false when the object was there already.
    public record Applied(ResourceType type, JsonObject object, boolean created) {}

    /// Finds the kind of every manifest before any is applied, so that a misspelt kind in the last
    /// document does not leave half a file behind.
    ///
    /// @throws IOException naming the file and document of the first kind that is not known, or of
    ///     the first object that the API refuses
    public List<Applied> apply(List<Manifest> manifests) throws IOException {
        var kinds = new ArrayList<ResourceType>();
        for (var manifest : manifests) {
            kinds.add(type(manifest));
        }
        var applied = new ArrayList<Applied>();
        for (int i = 0; i < manifests.size(); i++) {
            applied.add(apply(kinds.get(i), manifests.get(i)));
        }
        return List.copyOf(applied);
    }

    private ResourceType type(Manifest manifest) throws IOException {
        for (var type : types) {
            if (type.kind().equals(manifest.kind())
                    && type.apiVersion().equals(manifest.apiVersion())) {
                return type;
            }
        }
        throw new IOException(
                "%s: no matches for kind \"%s\" in version \"%s\""
                        .formatted(manifest.source(), manifest.kind(), manifest.apiVersion()));
    }

    private Applied apply(ResourceType type, Manifest manifest) throws IOException {
        var warnings = new ArrayList<String>();
        var options =
                new Api.WriteOptions(
                        false,
                        Api.FieldValidation.STRICT,
                        FIELD_MANAGER,
                        manifest.duplicates(),
                        warnings);
        var namespace = namespace(type, manifest.object());
        try {
            return write(type, namespace, manifest.object(), options);
        } catch (ApiException e) {
            throw new IOException(
                    "%s (%s \"%s\"): %s"
                            .formatted(
                                    manifest.source(),
                                    manifest.kind(),
                                    manifest.name(),
                                    e.status().message()),
                    e);
        } finally {
            warnings.forEach(warning -> warn.accept(manifest.source() + ": " + warning));
        }
    }

    private Applied write(
            ResourceType type, String namespace, JsonObject object, Api.WriteOptions options) {
        try {
            return new Applied(type, api.create(type, namespace, object, options), true);
        } catch (ApiException e) {
            if (!e.is(Status.Reason.ALREADY_EXISTS)) {
                throw e;
            }
            var key = new ObjectKey(namespace, object.object("metadata").string("name"));
            var patch = new Api.Patch(Api.Patch.Format.STRATEGIC_MERGE, object);
            return new Applied(type, api.patch(type, key, "", patch, options), false);
        }
    }

    /// Where kubectl's default configuration would put it.
    private static String namespace(ResourceType type, JsonObject object) {
        if (!type.namespaced()) {
            return "";
        }
        var namespace = object.object("metadata").string("namespace");
        return namespace.isEmpty() ? "default" : namespace;
    }
}
