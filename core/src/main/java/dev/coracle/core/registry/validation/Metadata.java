// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The rules of `metadata`, which are the same for every kind but for the form of names.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>
final class Metadata {
    static final String IMMUTABLE = "field is immutable";
    private static final int ANNOTATION_BYTES = 256 * 1024;

    /// Kinds whose names end up in places with room for a label only.
    private static final Set<String> LABEL_NAMES = Set.of("namespaces", "services");

    /// Kinds whose names may be anything a path can hold.
    private static final Set<String> FREE_NAMES =
            Set.of(
                    "roles.rbac.authorization.k8s.io",
                    "clusterroles.rbac.authorization.k8s.io",
                    "rolebindings.rbac.authorization.k8s.io",
                    "clusterrolebindings.rbac.authorization.k8s.io");

    private static final List<String> FIXED =
            List.of(
                    "name",
                    "namespace",
                    "uid",
                    "creationTimestamp",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds");

    private Metadata() {}

    static void create(ResourceType type, JsonObject metadata, Causes causes) {
        var generated = metadata.string("generateName");
        if (!generated.isEmpty()) {
            causes.invalidEach(
                    "metadata.generateName", generated, name(type, beforeSuffix(generated)));
        }
        var name = metadata.string("name");
        if (name.isEmpty()) {
            causes.required("metadata.name", "name or generateName is required");
        } else {
            causes.invalidEach("metadata.name", name, name(type, name));
        }
        namespace(type, metadata.string("namespace"), causes);
        if (metadata.number("generation", 0) < 0) {
            causes.invalid(
                    "metadata.generation",
                    metadata.number("generation", 0),
                    "must be greater than or equal to 0");
        }
        common(metadata, causes);
    }

    private static void namespace(ResourceType type, String namespace, Causes causes) {
        if (!type.namespaced()) {
            if (!namespace.isEmpty()) {
                causes.forbidden("metadata.namespace", "not allowed on this type");
            }
        } else if (namespace.isEmpty()) {
            causes.required("metadata.namespace");
        } else {
            causes.invalidEach("metadata.namespace", namespace, Names.label(namespace));
        }
    }

    /// A prefix may end in dashes, since a suffix will follow.
    private static String beforeSuffix(String prefix) {
        return prefix.length() > 1 && prefix.endsWith("-")
                ? prefix.substring(0, prefix.length() - 2) + "a"
                : prefix;
    }

    private static List<String> name(ResourceType type, String name) {
        var kind = type.qualified();
        if (LABEL_NAMES.contains(kind)) {
            return Names.label(name);
        }
        return FREE_NAMES.contains(kind) ? Names.pathSegment(name) : Names.subdomain(name);
    }

    static void update(JsonObject old, JsonObject metadata, Causes causes) {
        if (old.has("deletionTimestamp")) {
            var added = new TreeSet<>(metadata.array("finalizers").strings());
            added.removeAll(old.array("finalizers").strings());
            if (!added.isEmpty()) {
                var list = added.stream().map(Causes::quoted).toList();
                causes.forbidden(
                        "metadata.finalizers",
                        "no new finalizers can be added if the object is being deleted, found new finalizers []string{%s}"
                                .formatted(String.join(", ", list)));
            }
        }
        if (metadata.string("resourceVersion").isEmpty()) {
            causes.invalid("metadata.resourceVersion", "", "must be specified for an update");
        }
        if (metadata.number("generation", 0) < old.number("generation", 0)) {
            causes.invalid(
                    "metadata.generation",
                    metadata.number("generation", 0),
                    "must not be decremented");
        }
        for (var field : FIXED) {
            immutable(metadata, old, field, "metadata", causes);
        }
        common(metadata, causes);
    }

    private static void common(JsonObject metadata, Causes causes) {
        labels("metadata.labels", metadata.object("labels"), causes);
        annotations("metadata.annotations", metadata.object("annotations"), causes);
        owners(metadata, causes);
        finalizers(metadata.array("finalizers").strings(), causes);
    }

    static void labels(String path, JsonObject labels, Causes causes) {
        labels.strings()
                .forEach(
                        (name, value) -> {
                            causes.invalidEach(path, name, Names.qualified(name));
                            causes.invalidEach(path, value, Names.labelValue(value));
                        });
    }

    static void annotations(String path, JsonObject annotations, Causes causes) {
        long bytes = 0;
        for (var entry : annotations.strings().entrySet()) {
            var lower = entry.getKey().toLowerCase(Locale.ROOT);
            causes.invalidEach(path, entry.getKey(), Names.qualified(lower));
            bytes += bytes(entry.getKey()) + bytes(entry.getValue());
        }
        if (bytes > ANNOTATION_BYTES) {
            causes.tooLong(path, ANNOTATION_BYTES);
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void owners(JsonObject metadata, Causes causes) {
        var path = "metadata.ownerReferences";
        var references = metadata.array("ownerReferences");
        var controller = "";
        for (var owner : references.objects()) {
            if (owner.string("apiVersion").isEmpty()) {
                causes.invalid(path + ".apiVersion", "", "version must not be empty");
            }
            for (var field : List.of("kind", "name", "uid")) {
                if (owner.string(field).isEmpty()) {
                    causes.invalid(path + "." + field, "", "must not be empty");
                }
            }
            if (owner.string("apiVersion").equals("v1") && owner.string("kind").equals("Event")) {
                causes.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
            }
            if (!owner.bool("controller", false)) {
                continue;
            }
            var current = owner.string("kind") + "/" + owner.string("name");
            if (controller.isEmpty()) {
                controller = current;
            } else {
                causes.invalid(
                        path,
                        references,
                        "Only one reference can have Controller set to true. Found \"true\" in references for %s and %s"
                                .formatted(controller, current));
            }
        }
    }

    private static void finalizers(List<String> finalizers, Causes causes) {
        var path = "metadata.finalizers";
        for (var finalizer : finalizers) {
            causes.invalidEach(path, finalizer, Names.qualified(finalizer));
        }
        if (finalizers.contains("orphan") && finalizers.contains("foregroundDeletion")) {
            causes.invalid(
                    path,
                    JsonArray.ofStrings(finalizers),
                    "finalizer orphan and foregroundDeletion cannot be both set");
        }
    }

    /// Refuses a change of `field`; absent and empty are the same.
    static void immutable(
            JsonObject updated, JsonObject old, String field, String path, Causes causes) {
        var now = updated.get(field);
        var before = old.get(field);
        if (!same(now, before)) {
            causes.invalid(path + "." + field, now, IMMUTABLE);
        }
    }

    static boolean same(@Nullable Json now, @Nullable Json before) {
        return absent(now) ? absent(before) : now != null && now.equals(before);
    }

    private static boolean absent(@Nullable Json value) {
        return switch (value) {
            case null -> true;
            case JsonString(var text) -> text.isEmpty();
            case JsonObject object -> object.isEmpty();
            case JsonArray array -> array.isEmpty();
            case JsonNull _ -> true;
            case Json _ -> false;
        };
    }
}
