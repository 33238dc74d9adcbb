// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.each;
import static dev.coracle.core.registry.defaults.Unset.empty;
import static dev.coracle.core.registry.defaults.Unset.inside;
import static dev.coracle.core.registry.defaults.Unset.isMissing;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.json.JsonObject;

/// Defaults of a pod's volumes.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/>
final class VolumeDefaults {
    /// Mode 0644.
    private static final long FILE_MODE = 420;

    private static final long TOKEN_SECONDS = 3600;

    private VolumeDefaults() {}

    static JsonObject volume(JsonObject volume) {
        boolean sourceless =
                volume.names().stream()
                        .allMatch(name -> name.equals("name") || isMissing(volume, name));
        var result = sourceless ? volume.with("emptyDir", JsonObject.EMPTY) : volume;
        result = inside(result, "configMap", VolumeDefaults::mode);
        result = inside(result, "secret", VolumeDefaults::mode);
        result = inside(result, "downwardAPI", source -> downwardApi(mode(source)));
        result =
                inside(
                        result,
                        "projected",
                        source -> each(mode(source), "sources", VolumeDefaults::projection));
        result = inside(result, "hostPath", source -> missing(source, "type", ""));
        result =
                inside(
                        result,
                        "emptyDir",
                        source -> ResourceDefaults.quantity(source, "sizeLimit"));
        result =
                inside(
                        result,
                        "ephemeral",
                        source ->
                                inside(
                                        source,
                                        "volumeClaimTemplate",
                                        claim ->
                                                missing(claim, "metadata", JsonObject.EMPTY)
                                                        .with("spec", StorageDefaults::claimSpec)));
        result = inside(result, "image", VolumeDefaults::image);
        return network(result);
    }

    private static JsonObject mode(JsonObject source) {
        return missing(source, "defaultMode", FILE_MODE);
    }

    private static JsonObject image(JsonObject source) {
        return empty(source, "pullPolicy", ImagePullPolicy.defaultFor(source.string("reference")));
    }

    private static JsonObject projection(JsonObject projection) {
        return inside(
                inside(projection, "downwardAPI", VolumeDefaults::downwardApi),
                "serviceAccountToken",
                token -> missing(token, "expirationSeconds", TOKEN_SECONDS));
    }

    private static JsonObject downwardApi(JsonObject source) {
        return each(
                source,
                "items",
                item ->
                        inside(
                                inside(item, "fieldRef", field -> empty(field, "apiVersion", "v1")),
                                "resourceFieldRef",
                                field -> missing(field, "divisor", "0")));
    }

    private static JsonObject network(JsonObject volume) {
        var result = inside(volume, "iscsi", source -> empty(source, "iscsiInterface", "default"));
        result =
                inside(
                        result,
                        "rbd",
                        source ->
                                empty(
                                        empty(empty(source, "pool", "rbd"), "user", "admin"),
                                        "keyring",
                                        "/etc/ceph/keyring"));
        result =
                inside(
                        result,
                        "azureDisk",
                        source ->
                                missing(
                                        missing(
                                                missing(
                                                        missing(source, "cachingMode", "ReadWrite"),
                                                        "fsType",
                                                        "ext4"),
                                                "readOnly",
                                                false),
                                        "kind",
                                        "Shared"));
        return inside(
                result,
                "scaleIO",
                source -> empty(empty(source, "storageMode", "ThinProvisioned"), "fsType", "xfs"));
    }
}
