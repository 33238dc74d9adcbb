// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Environment variables, and the references to fields they share with the downward API's volumes.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>
final class EnvironmentRules {
    private static final List<String> FIELDS =
            List.of(
                    "metadata.name",
                    "metadata.namespace",
                    "metadata.uid",
                    "spec.nodeName",
                    "spec.serviceAccountName",
                    "status.hostIP",
                    "status.hostIPs",
                    "status.podIP",
                    "status.podIPs");

    /// Known to the API, though only volumes may show them.
    private static final Set<String> WHOLE_MAPS = Set.of("metadata.annotations", "metadata.labels");

    private static final List<String> RESOURCES =
            List.of(
                    "limits.cpu",
                    "limits.ephemeral-storage",
                    "limits.memory",
                    "requests.cpu",
                    "requests.ephemeral-storage",
                    "requests.memory");
    private static final Set<String> BYTE_DIVISORS =
            Set.of(
                    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi",
                    "1Ei");
    private static final String BYTE_DIVISOR_LIST =
            "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
    private static final Pattern SUBSCRIPT = Pattern.compile("([^\\[\\]]*)\\['(.*)'\\]");
    private static final String ONE_SOURCE = "may not have more than one field specified at a time";

    private EnvironmentRules() {}

    static void check(JsonObject container, String path, Causes causes) {
        Items.each(container, path, "env", (at, variable) -> variable(variable, at, causes));
        Items.each(container, path, "envFrom", (at, source) -> from(source, at, path, causes));
    }

    private static void variable(JsonObject variable, String path, Causes causes) {
        var name = variable.string("name");
        if (name.isEmpty()) {
            causes.required(path + ".name");
        } else {
            causes.invalidEach(path + ".name", name, Names.variable(name));
        }
        if (variable.get("valueFrom") instanceof JsonObject source) {
            valueFrom(variable.string("value"), source, path + ".valueFrom", causes);
        }
    }

    private static void valueFrom(String value, JsonObject source, String path, Causes causes) {
        int sources = 0;
        if (source.get("fieldRef") instanceof JsonObject field) {
            sources++;
            field(field, FIELDS, path + ".fieldRef", causes);
        }
        if (source.get("resourceFieldRef") instanceof JsonObject resource) {
            sources++;
            resource(resource, path + ".resourceFieldRef", false, causes);
        }
        for (var kind : List.of("configMapKeyRef", "secretKeyRef")) {
            if (source.get(kind) instanceof JsonObject key) {
                sources++;
                key(key, path + "." + kind, causes);
            }
        }
        if (source.get("fileKeyRef") instanceof JsonObject file) {
            sources++;
            for (var part : List.of("volumeName", "path", "key")) {
                if (file.string(part).isEmpty()) {
                    causes.required(path + ".fileKeyRef." + part);
                }
            }
        }
        if (sources == 0) {
            causes.invalid(
                    path,
                    "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        } else if (!value.isEmpty()) {
            causes.invalid(path, "", "may not be specified when `value` is not empty");
        } else if (sources > 1) {
            causes.invalid(path, "", ONE_SOURCE);
        }
    }

    private static void key(JsonObject reference, String path, Causes causes) {
        var name = reference.string("name");
        causes.invalidEach(path + ".name", name, Names.subdomain(name));
        var key = reference.string("key");
        if (key.isEmpty()) {
            causes.required(path + ".key");
        } else {
            causes.invalidEach(path + ".key", key, Names.configKey(key));
        }
    }

    /// The messages about the whole entry name the list without an index, as upstream's do.
    private static void from(JsonObject source, String path, String container, Causes causes) {
        var prefix = source.string("prefix");
        if (!prefix.isEmpty()) {
            causes.invalidEach(path + ".prefix", prefix, Names.variable(prefix));
        }
        int sources = 0;
        for (var kind : List.of("configMapRef", "secretRef")) {
            if (source.get(kind) instanceof JsonObject reference) {
                sources++;
                var name = reference.string("name");
                if (name.isEmpty()) {
                    causes.required(path + "." + kind + ".name");
                } else {
                    causes.invalidEach(path + "." + kind + ".name", name, Names.subdomain(name));
                }
            }
        }
        if (sources == 0) {
            causes.invalid(
                    container + ".envFrom",
                    "",
                    "must specify one of: `configMapRef` or `secretRef`");
        } else if (sources > 1) {
            causes.invalid(container + ".envFrom", "", ONE_SOURCE);
        }
    }

    static void field(JsonObject field, List<String> allowed, String path, Causes causes) {
        if (field.string("apiVersion").isEmpty()) {
            causes.required(path + ".apiVersion");
            return;
        }
        var wanted = field.string("fieldPath");
        if (wanted.isEmpty()) {
            causes.required(path + ".fieldPath");
            return;
        }
        var subscript = SUBSCRIPT.matcher(wanted);
        if (subscript.matches()) {
            subscripted(subscript.group(1), subscript.group(2), path, causes);
        } else if (!allowed.contains(wanted)) {
            if (FIELDS.contains(wanted) || WHOLE_MAPS.contains(wanted)) {
                causes.unsupported(path + ".fieldPath", wanted, allowed);
            } else {
                causes.invalid(
                        path + ".fieldPath",
                        wanted,
                        "error converting fieldPath: field label not supported: " + wanted);
            }
        }
    }

    private static void subscripted(String map, String key, String path, Causes causes) {
        switch (map) {
            case "metadata.annotations" -> {
                var lower = key.toLowerCase(Locale.ROOT);
                causes.invalidEach(path, lower, Names.qualified(lower));
            }
            case "metadata.labels" -> causes.invalidEach(path, key, Names.qualified(key));
            default ->
                    causes.invalid(
                            path + ".fieldPath",
                            map + "['" + key + "']",
                            "error converting fieldPath: field label does not support subscript");
        }
    }

    static void resource(JsonObject reference, String path, boolean volume, Causes causes) {
        var resource = reference.string("resource");
        boolean huge =
                resource.startsWith("limits.hugepages-")
                        || resource.startsWith("requests.hugepages-");
        if (volume && reference.string("containerName").isEmpty()) {
            causes.required(path + ".containerName");
        } else if (resource.isEmpty()) {
            causes.required(path + ".resource");
        } else if (!RESOURCES.contains(resource) && !huge) {
            causes.unsupported(path + ".resource", resource, RESOURCES);
        }
        var divisor = reference.get("divisor");
        if (divisor != null) {
            Quantity.of(divisor)
                    .filter(quantity -> quantity.signum() != 0)
                    .ifPresent(quantity -> divisor(resource, quantity.toString(), path, causes));
        }
    }

    private static void divisor(String resource, String divisor, String path, Causes causes) {
        if (resource.endsWith(".cpu")) {
            if (!divisor.equals("1m") && !divisor.equals("1")) {
                causes.invalid(
                        path + ".divisor",
                        resource,
                        "only divisor's values 1m and 1 are supported with the cpu resource");
            }
        } else if (!BYTE_DIVISORS.contains(divisor)) {
            var what =
                    resource.endsWith(".memory")
                            ? "memory"
                            : resource.contains("hugepages")
                                    ? "hugepages"
                                    : "local ephemeral storage";
            causes.invalid(
                    path + ".divisor",
                    resource,
                    "only divisor's values %s are supported with the %s resource"
                            .formatted(BYTE_DIVISOR_LIST, what));
        }
    }
}
