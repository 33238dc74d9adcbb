// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// What containers mount, and which block devices they use.
///
/// <https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath>
final class MountRules {
    private static final List<String> PROPAGATIONS =
            List.of("Bidirectional", "HostToContainer", "None");
    private static final List<String> RECURSIONS = List.of("Disabled", "Enabled", "IfPossible");

    private MountRules() {}

    static void check(
            JsonObject container, Map<String, JsonObject> volumes, String path, Causes causes) {
        var mounted = new HashSet<String>();
        Items.each(
                container,
                path,
                "volumeMounts",
                (at, mount) -> {
                    name(mount, volumes, at, causes);
                    var where = mount.string("mountPath");
                    if (where.isEmpty()) {
                        causes.required(at + ".mountPath");
                    }
                    if (!mounted.add(where)) {
                        causes.invalid(at + ".mountPath", where, "must be unique");
                    }
                    overlap(mount, container, at, causes);
                    subPaths(mount, volumes, at, path + ".volumeMounts", causes);
                    propagation(mount, container, path + ".volumeMounts", causes);
                });
        devices(container, volumes, path, causes);
    }

    private static void name(
            JsonObject mount, Map<String, JsonObject> volumes, String path, Causes causes) {
        var name = mount.string("name");
        if (name.isEmpty()) {
            causes.required(path + ".name");
        }
        if (!volumes.containsKey(name)) {
            causes.notFound(path + ".name", name);
        }
    }

    private static void overlap(
            JsonObject mount, JsonObject container, String path, Causes causes) {
        for (var device : container.array("volumeDevices").objects()) {
            if (device.string("name").equals(mount.string("name"))) {
                causes.invalid(
                        path + ".name",
                        mount.string("name"),
                        "must not already exist in volumeDevices");
            }
            if (device.string("devicePath").equals(mount.string("mountPath"))) {
                causes.invalid(
                        path + ".mountPath",
                        mount.string("mountPath"),
                        "must not already exist as a path in volumeDevices");
            }
        }
    }

    /// Upstream names the list, not the mount, where a path is malformed.
    private static void subPaths(
            JsonObject mount,
            Map<String, JsonObject> volumes,
            String path,
            String list,
            Causes causes) {
        var volume = volumes.getOrDefault(mount.string("name"), JsonObject.EMPTY);
        for (var field : List.of("subPath", "subPathExpr")) {
            if (volume.has("image") && !mount.string(field).isEmpty()) {
                causes.invalid(
                        path + "." + field,
                        mount.string(field),
                        "not allowed in image volume sources");
            }
        }
        var subPath = mount.string("subPath");
        Paths.descending(subPath, list + ".subPath", causes);
        var expression = mount.string("subPathExpr");
        if (!expression.isEmpty() && !subPath.isEmpty()) {
            causes.invalid(
                    path + ".subPathExpr",
                    expression,
                    "subPathExpr and subPath are mutually exclusive");
        }
        Paths.descending(expression, list + ".subPathExpr", causes);
    }

    private static void propagation(
            JsonObject mount, JsonObject container, String list, Causes causes) {
        var propagation = mount.stringOrNull("mountPropagation");
        if (propagation != null && !PROPAGATIONS.contains(propagation)) {
            causes.unsupported(list + ".mountPropagation", propagation, PROPAGATIONS);
        }
        boolean privileged = container.object("securityContext").bool("privileged", false);
        if ("Bidirectional".equals(propagation) && !privileged) {
            causes.forbidden(
                    list + ".mountPropagation",
                    "Bidirectional mount propagation is available only to privileged containers");
        }
        var recursion = mount.stringOrNull("recursiveReadOnly");
        if (recursion == null || recursion.equals("Disabled")) {
            return;
        }
        var at = list + ".recursiveReadOnly";
        if (!RECURSIONS.contains(recursion)) {
            causes.unsupported(at, recursion, RECURSIONS);
            return;
        }
        if (!mount.bool("readOnly", false)) {
            causes.forbidden(at, "may only be specified when readOnly is true");
        }
        if (propagation != null && !propagation.equals("None")) {
            causes.forbidden(
                    at, "may only be specified when mountPropagation is None or not specified");
        }
    }

    private static void devices(
            JsonObject container, Map<String, JsonObject> volumes, String path, Causes causes) {
        var names = new HashSet<String>();
        var paths = new HashSet<String>();
        Items.each(
                container,
                path,
                "volumeDevices",
                (at, device) -> {
                    var name = device.string("name");
                    name(device, volumes, at, causes);
                    if (!name.isEmpty() && !names.add(name)) {
                        causes.invalid(at + ".name", name, "must be unique");
                    }
                    var volume = volumes.get(name);
                    if (volume != null
                            && !volume.has("persistentVolumeClaim")
                            && !volume.has("ephemeral")) {
                        causes.invalid(
                                at + ".name",
                                name,
                                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
                    }
                    var where = device.string("devicePath");
                    if (where.isEmpty()) {
                        causes.required(at + ".devicePath");
                    }
                    if (!paths.add(where)) {
                        causes.invalid(at + ".devicePath", where, "must be unique");
                    }
                });
    }
}
