// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.empty;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Defaults of volumes, claims, storage classes, and secrets.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/>
final class StorageDefaults {

    private StorageDefaults() {}

    static JsonObject claim(JsonObject claim) {
        return claim.with("spec", StorageDefaults::claimSpec)
                .with("status", status -> empty(status, "phase", "Pending"));
    }

    /// A claim inside of a StatefulSet, which names its kind like a whole object.
    static JsonObject claimTemplate(JsonObject claim) {
        return claim(empty(empty(claim, "kind", "PersistentVolumeClaim"), "apiVersion", "v1"));
    }

    static JsonObject claimSpec(JsonObject spec) {
        return missing(spec, "resources", JsonObject.EMPTY)
                .with("resources", ResourceDefaults::requirements)
                .with("volumeMode", volumeMode(spec));
    }

    private static Json volumeMode(JsonObject spec) {
        var mode = spec.get("volumeMode");
        return mode instanceof JsonString ? mode : Json.of("Filesystem");
    }

    static JsonObject volume(JsonObject volume) {
        return volume.with(
                        "spec",
                        spec ->
                                empty(
                                                ResourceDefaults.list(spec, "capacity"),
                                                "persistentVolumeReclaimPolicy",
                                                "Retain")
                                        .with("volumeMode", volumeMode(spec)))
                .with(
                        "spec",
                        spec -> Unset.inside(spec, "hostPath", path -> missing(path, "type", "")))
                .with("status", status -> empty(status, "phase", "Pending"));
    }

    static JsonObject storageClass(JsonObject storageClass) {
        return missing(
                missing(storageClass, "reclaimPolicy", "Delete"), "volumeBindingMode", "Immediate");
    }

    /// `stringData` is for writing only: it ends up in `data`, over what is there.
    ///
    /// <https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data>
    static JsonObject secret(JsonObject secret) {
        var result = empty(secret, "type", "Opaque");
        var plain = result.object("stringData").strings();
        if (plain.isEmpty()) {
            return result.without("stringData");
        }
        return result.without("stringData")
                .with(
                        "data",
                        data -> {
                            var merged = data;
                            for (var entry : plain.entrySet()) {
                                merged = merged.with(entry.getKey(), encoded(entry.getValue()));
                            }
                            return merged;
                        });
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
