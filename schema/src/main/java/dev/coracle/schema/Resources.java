// SPDX-License-Identifier: Apache-2.0
package dev.coracle.schema;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Signature;
import java.lang.classfile.instruction.ConstantInstruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The resources that are served, gathered from the calls a client can make: each private method
/// `…Call` holds the path, its twin `…WithHttpInfo` returns what is found there.
///
/// A line of `resources.txt`: group, version, plural, kind, type, `namespaced` or `cluster`, the
/// verbs joined by commas. A subresource has a line of its own with `plural/subresource`.
final class Resources {
    private static final Map<String, String> VERBS =
            Map.of(
                    "list", "list",
                    "read", "get",
                    "create", "create",
                    "replace", "update",
                    "patch", "patch",
                    "deleteCollection", "deletecollection",
                    "delete", "delete",
                    "connectGet", "connect",
                    "connectPost", "connect");

    private static final class Resource {
        final TreeSet<String> verbs = new TreeSet<>();
        boolean namespaced;
        String type = "";
    }

    private final Map<String, Resource> byKey = new TreeMap<>();

    void add(ClassModel api) {
        var returned = new HashMap<String, String>();
        for (var method : api.methods()) {
            returnedType(method).ifPresent(t -> returned.put(method.methodName().stringValue(), t));
        }
        for (var method : api.methods()) {
            var name = method.methodName().stringValue();
            if (name.endsWith("Call") && !name.endsWith("ValidateBeforeCall")) {
                var call = name.substring(0, name.length() - "Call".length());
                path(method).ifPresent(path -> add(path, call, returned));
            }
        }
    }

    private void add(String path, String call, Map<String, String> returned) {
        var verb = verb(call);
        var steps = new ArrayList<>(List.of(path.substring(1).split("/", -1)));
        boolean core = steps.getFirst().equals("api");
        int version = core ? 1 : 2;
        if (verb.isEmpty() || steps.size() <= version + 1 || path.contains("/watch/")) {
            return;
        }
        var key = (core ? "" : steps.get(1)) + "\t" + steps.get(version) + "\t";
        var rest = new ArrayList<>(steps.subList(version + 1, steps.size()));
        boolean namespaced = rest.size() > 2 && rest.get(1).equals("{namespace}");
        if (namespaced) {
            rest.subList(0, 2).clear();
        }
        rest.removeIf(step -> step.startsWith("{"));
        var resource = byKey.computeIfAbsent(key + String.join("/", rest), _ -> new Resource());
        resource.namespaced |= namespaced;
        resource.verbs.add(verb);
        var type = returned.getOrDefault(call + "WithHttpInfo", "");
        if ((verb.equals("get") || (verb.equals("create") && resource.type.isEmpty()))
                && !type.isEmpty()) {
            resource.type = type;
        }
        if (verb.equals("list")) {
            resource.verbs.add("watch");
        }
    }

    private static String verb(String call) {
        return VERBS.entrySet().stream()
                .filter(entry -> call.startsWith(entry.getKey()))
                .max(Map.Entry.comparingByKey(java.util.Comparator.comparingInt(String::length)))
                .map(Map.Entry::getValue)
                .orElse("");
    }

    private static Optional<String> path(MethodModel method) {
        return method.code().stream()
                .flatMap(code -> code.elementStream())
                .filter(ConstantInstruction.class::isInstance)
                .map(element -> ((ConstantInstruction) element).constantValue())
                .filter(value -> value instanceof String text && text.startsWith("/api"))
                .map(String.class::cast)
                .findFirst();
    }

    /// `V1Pod` for a method that returns `ApiResponse<V1Pod>`.
    private static Optional<String> returnedType(MethodModel method) {
        return method.findAttribute(Attributes.signature())
                .map(attribute -> attribute.asMethodSignature().result())
                .filter(Signature.ClassTypeSig.class::isInstance)
                .map(result -> ((Signature.ClassTypeSig) result).typeArgs())
                .filter(arguments -> arguments.size() == 1)
                .map(List::getFirst)
                .filter(Signature.TypeArg.Bounded.class::isInstance)
                .map(argument -> ((Signature.TypeArg.Bounded) argument).boundType())
                .filter(Signature.ClassTypeSig.class::isInstance)
                .map(bound -> ((Signature.ClassTypeSig) bound).className())
                .filter(name -> name.contains("/models/"))
                .map(name -> name.substring(name.lastIndexOf('/') + 1));
    }

    List<String> lines() {
        var lines = new ArrayList<String>();
        byKey.forEach(
                (key, resource) ->
                        lines.add(
                                String.join(
                                        "\t",
                                        key,
                                        kind(resource.type),
                                        resource.type,
                                        resource.namespaced ? "namespaced" : "cluster",
                                        String.join(",", resource.verbs))));
        return lines;
    }

    /// `Event` of `CoreV1Event`, `Pod` of `V1Pod`.
    private static String kind(String type) {
        return type.replaceFirst("^[A-Za-z]*?V\\d+((alpha|beta)\\d+)?", "");
    }
}
