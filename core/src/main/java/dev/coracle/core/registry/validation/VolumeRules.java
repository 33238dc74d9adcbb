// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Volumes of pods: each with a name of its own and exactly one source.
///
/// <https://kubernetes.io/docs/concepts/storage/volumes/>
final class VolumeRules {
    private static final String ONE_TYPE = "may not specify more than 1 volume type";
    private static final String FILE_MODE =
            "must be a number between 0 and 0777 (octal), both inclusive";
    private static final long MAX_MODE = 511;
    private static final List<String> HOST_PATH_TYPES =
            List.of(
                    "",
                    "BlockDevice",
                    "CharDevice",
                    "Directory",
                    "DirectoryOrCreate",
                    "File",
                    "FileOrCreate",
                    "Socket");
    private static final List<String> SHOWN_FIELDS =
            List.of(
                    "metadata.annotations",
                    "metadata.labels",
                    "metadata.name",
                    "metadata.namespace",
                    "metadata.uid");
    private static final long MIN_TOKEN_SECONDS = 600;
    private static final long MAX_TOKEN_SECONDS = 1L << 32;

    private VolumeRules() {}

    static void check(JsonObject spec, String path, Causes causes) {
        var seen = new HashSet<String>();
        Items.each(
                spec,
                path,
                "volumes",
                (at, volume) -> {
                    source(volume, at, causes);
                    var name = volume.string("name");
                    if (name.isEmpty()) {
                        causes.required(at + ".name");
                        return;
                    }
                    causes.invalidEach(at + ".name", name, Names.label(name));
                    if (!seen.add(name)) {
                        causes.duplicate(at + ".name", name);
                    }
                });
    }

    private static void source(JsonObject volume, String path, Causes causes) {
        boolean found = false;
        for (var type : volume.names()) {
            if (type.equals("name") || volume.get(type) instanceof JsonNull) {
                continue;
            }
            var at = path + "." + type;
            if (found) {
                causes.forbidden(at, ONE_TYPE);
                continue;
            }
            found = true;
            source(type, volume.object(type), at, causes);
        }
        if (!found) {
            causes.required(path, "must specify a volume type");
        }
    }

    private static void source(String type, JsonObject source, String path, Causes causes) {
        switch (type) {
            case "hostPath" -> hostPath(source, path, causes);
            case "emptyDir" -> emptyDir(source, path, causes);
            case "secret" -> {
                required(source, "secretName", path, causes);
                files(source, path, causes);
            }
            case "configMap" -> {
                required(source, "name", path, causes);
                files(source, path, causes);
            }
            case "persistentVolumeClaim" -> required(source, "claimName", path, causes);
            case "downwardAPI" -> {
                mode(source, "defaultMode", path, causes);
                downward(source, path, causes);
            }
            case "projected" -> projected(source, path, causes);
            case "nfs" -> nfs(source, path, causes);
            case "csi" -> required(source, "driver", path, causes);
            case "image" -> required(source, "reference", path, causes);
            case "ephemeral" -> {
                if (!(source.get("volumeClaimTemplate") instanceof JsonObject)) {
                    causes.required(path + ".volumeClaimTemplate");
                }
            }
            default -> {}
        }
    }

    private static void required(JsonObject source, String field, String path, Causes causes) {
        if (source.string(field).isEmpty()) {
            causes.required(path + "." + field);
        }
    }

    private static void hostPath(JsonObject source, String path, Causes causes) {
        var file = source.string("path");
        if (file.isEmpty()) {
            causes.required(path + ".path");
            return;
        }
        Paths.noBacksteps(file, path + ".path", causes);
        var type = source.string("type");
        if (!HOST_PATH_TYPES.contains(type)) {
            causes.unsupported(path + ".type", type, HOST_PATH_TYPES);
        }
    }

    private static void emptyDir(JsonObject source, String path, Causes causes) {
        var limit = ResourceRules.quantity(source, "sizeLimit");
        if (limit.isPresent() && limit.get().signum() < 0) {
            causes.forbidden(
                    path + ".sizeLimit", "SizeLimit field must be a valid resource quantity");
        }
    }

    private static void nfs(JsonObject source, String path, Causes causes) {
        required(source, "server", path, causes);
        required(source, "path", path, causes);
        if (!source.string("path").startsWith("/")) {
            causes.invalid(path + ".path", source.string("path"), "must be an absolute path");
        }
    }

    private static void files(JsonObject source, String path, Causes causes) {
        mode(source, "defaultMode", path, causes);
        items(source, path, causes);
    }

    private static void items(JsonObject source, String path, Causes causes) {
        Items.each(
                source,
                path,
                "items",
                (at, item) -> {
                    required(item, "key", at, causes);
                    required(item, "path", at, causes);
                    Paths.file(item.string("path"), at + ".path", causes);
                    mode(item, "mode", at, causes);
                });
    }

    private static void mode(JsonObject source, String field, String path, Causes causes) {
        long mode = source.number(field, 0);
        if (mode < 0 || mode > MAX_MODE) {
            causes.invalid(path + "." + field, mode, FILE_MODE);
        }
    }

    private static void downward(JsonObject source, String path, Causes causes) {
        Items.each(
                source,
                path,
                "items",
                (at, item) -> {
                    required(item, "path", at, causes);
                    Paths.file(item.string("path"), at + ".path", causes);
                    shown(item, at, causes);
                    mode(item, "mode", at, causes);
                });
    }

    private static void shown(JsonObject item, String path, Causes causes) {
        boolean both =
                item.get("fieldRef") instanceof JsonObject
                        && item.get("resourceFieldRef") instanceof JsonObject;
        if (item.get("fieldRef") instanceof JsonObject field) {
            EnvironmentRules.field(field, SHOWN_FIELDS, path + ".fieldRef", causes);
        } else if (item.get("resourceFieldRef") instanceof JsonObject resource) {
            EnvironmentRules.resource(resource, path + ".resourceFieldRef", true, causes);
        } else {
            causes.required(path, "one of fieldRef and resourceFieldRef is required");
        }
        if (both) {
            causes.invalid(
                    path,
                    "resource",
                    "fieldRef and resourceFieldRef can not be specified simultaneously");
        }
    }

    private static void projected(JsonObject source, String path, Causes causes) {
        mode(source, "defaultMode", path, causes);
        var paths = new HashSet<String>();
        Items.each(
                source,
                path,
                "sources",
                (at, projection) -> {
                    long kinds =
                            projection.names().stream()
                                    .filter(name -> projection.get(name) instanceof JsonObject)
                                    .count();
                    for (var kind : projection.names()) {
                        if (projection.get(kind) instanceof JsonObject part) {
                            projection(kind, part, at + "." + kind, causes);
                            unique(kind, part, paths, path, at, causes);
                        }
                    }
                    if (kinds > 1) {
                        causes.forbidden(at, ONE_TYPE + " per source");
                    }
                });
    }

    private static void projection(String kind, JsonObject part, String path, Causes causes) {
        switch (kind) {
            case "secret", "configMap" -> {
                required(part, "name", path, causes);
                items(part, path, causes);
            }
            case "downwardAPI" -> downward(part, path, causes);
            case "serviceAccountToken" -> token(part, path, causes);
            default -> {}
        }
    }

    private static void token(JsonObject token, String path, Causes causes) {
        long seconds = token.number("expirationSeconds", MIN_TOKEN_SECONDS);
        if (seconds < MIN_TOKEN_SECONDS) {
            causes.invalid(
                    path + ".expirationSeconds",
                    seconds,
                    "may not specify a duration less than 10 minutes");
        }
        if (seconds > MAX_TOKEN_SECONDS) {
            causes.invalid(
                    path + ".expirationSeconds",
                    seconds,
                    "may not specify a duration larger than 2^32 seconds");
        }
        required(token, "path", path, causes);
        Paths.file(token.string("path"), path + ".path", causes);
    }

    private static void unique(
            String kind,
            JsonObject part,
            Set<String> paths,
            String volume,
            String source,
            Causes causes) {
        if (part.get("path") != null && !paths.add(part.string("path"))) {
            causes.invalid(volume, part.string("path"), "conflicting duplicate paths");
        }
        for (var item : part.array("items").objects()) {
            var file = item.string("path");
            if (file.isEmpty() || paths.add(file)) {
                continue;
            }
            var owner = part.string("name");
            causes.invalid(
                    source,
                    owner.isEmpty() ? file : owner,
                    "conflicting duplicate paths"
                            + (owner.isEmpty() ? "" : ": " + kind + " file " + file));
        }
    }
}
