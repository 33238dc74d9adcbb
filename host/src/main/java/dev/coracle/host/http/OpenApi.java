// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonWriter;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Describes the paths and parameters of the API, one OpenAPI v3 document for each group version.
/// `kubectl apply` reads there that the server validates fields, and leaves that to it.
///
/// Differs from upstream: the documents name no schemas of objects, and there is no OpenAPI v2.
///
/// <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3>
final class OpenApi {
    private static final String ROOT = "/openapi/v3";
    private static final JsonObject STRING = JsonObject.of("type", Json.of("string"));
    private static final JsonObject OK =
            JsonObject.of(
                    "200",
                    JsonObject.of("description", Json.of("OK")),
                    "401",
                    JsonObject.of("description", Json.of("Unauthorized")));
    private static final Map<String, String> METHODS =
            Map.of(
                    "create", "post",
                    "update", "put",
                    "patch", "patch",
                    "delete", "delete",
                    "deletecollection", "delete",
                    "get", "get",
                    "list", "get");
    private static final List<String> WRITE = List.of("dryRun", "fieldManager", "fieldValidation");
    private static final List<String> LIST =
            List.of(
                    "allowWatchBookmarks",
                    "continue",
                    "fieldSelector",
                    "labelSelector",
                    "limit",
                    "resourceVersion",
                    "resourceVersionMatch",
                    "sendInitialEvents",
                    "timeoutSeconds",
                    "watch");
    private static final List<String> DELETE =
            List.of("dryRun", "gracePeriodSeconds", "propagationPolicy");

    private final Map<String, List<Discovery.Served>> groupVersions = new LinkedHashMap<>();
    private final ServerVersion version;

    OpenApi(List<Discovery.Served> kinds, ServerVersion version) {
        this.version = version;
        for (var kind : kinds) {
            groupVersions.computeIfAbsent(root(kind.type()), _ -> new ArrayList<>()).add(kind);
        }
    }

    /// `api/v1`, `apis/apps/v1`.
    private static String root(ResourceType type) {
        return (type.group().isEmpty() ? "api/" : "apis/") + type.apiVersion();
    }

    /// Answers for `path` if it is one of these documents; false if it is not.
    boolean answer(String path, Exchange exchange) throws IOException {
        if (path.equals(ROOT) || path.equals(ROOT + "/")) {
            exchange.send(200, exchange.accept(Set.of()).encoding(), index());
            return true;
        }
        var document =
                path.startsWith(ROOT + "/") ? document(path.substring(ROOT.length() + 1)) : null;
        if (document == null) {
            return false;
        }
        exchange.send(200, exchange.accept(Set.of()).encoding(), document);
        return true;
    }

    private JsonObject index() {
        var paths = JsonObject.builder();
        for (var root : groupVersions.keySet()) {
            paths.put(
                    root,
                    JsonObject.of(
                            "serverRelativeURL",
                            Json.of(ROOT + "/" + root + "?hash=" + hash(root))));
        }
        return JsonObject.of("paths", paths.build());
    }

    private @Nullable JsonObject document(String root) {
        var kinds = groupVersions.get(root);
        if (kinds == null) {
            return null;
        }
        var paths = JsonObject.builder();
        for (var kind : kinds) {
            paths(root, kind, paths);
        }
        return JsonObject.builder()
                .put("openapi", "3.0.0")
                .put(
                        "info",
                        JsonObject.of(
                                "title",
                                Json.of("Kubernetes"),
                                "version",
                                Json.of(version.gitVersion())))
                .put("paths", paths.build())
                .build();
    }

    private static void paths(String root, Discovery.Served served, JsonObject.Builder paths) {
        var type = served.type();
        var space = type.namespaced() ? "/namespaces/{namespace}" : "";
        var collection = "/" + root + space + "/" + type.plural();
        var gvk = gvk(type.group(), type.version(), type.kind());
        if (type.namespaced() && served.verbs().contains("list")) {
            paths.put(
                    "/" + root + "/" + type.plural(),
                    item(List.of("list"), List.of("list"), gvk, false, false));
        }
        paths.put(
                collection,
                item(
                        List.of("create", "deletecollection", "list"),
                        served.verbs(),
                        gvk,
                        type.namespaced(),
                        false));
        if (served.verbs().contains("get")) {
            paths.put(
                    collection + "/{name}",
                    item(
                            List.of("delete", "get", "patch", "update"),
                            served.verbs(),
                            gvk,
                            type.namespaced(),
                            true));
        }
        for (var sub : type.subresources()) {
            paths.put(
                    collection + "/{name}/" + sub.name(),
                    item(
                            List.of("create", "delete", "get", "patch", "update"),
                            sub.verbs(),
                            gvk(sub.group(), sub.version(), sub.kind()),
                            type.namespaced(),
                            true));
        }
    }

    private static JsonObject gvk(String group, String version, String kind) {
        return JsonObject.builder()
                .put("group", group)
                .put("kind", kind)
                .put("version", version)
                .build();
    }

    /// One path with an operation for each of `candidates` that is in `verbs`.
    private static JsonObject item(
            List<String> candidates,
            List<String> verbs,
            JsonObject gvk,
            boolean namespaced,
            boolean named) {
        var item = JsonObject.builder();
        for (var verb : candidates) {
            if (verbs.contains(verb)) {
                item.put(java.util.Objects.requireNonNull(METHODS.get(verb)), operation(verb, gvk));
            }
        }
        var inPath = new ArrayList<Json>();
        if (namespaced) {
            inPath.add(parameter("namespace", "path"));
        }
        if (named) {
            inPath.add(parameter("name", "path"));
        }
        return item.putUnlessEmpty("parameters", JsonArray.of(inPath)).build();
    }

    private static JsonObject operation(String verb, JsonObject gvk) {
        Stream<String> names =
                switch (verb) {
                    case "create", "update", "patch" -> WRITE.stream();
                    case "delete" -> DELETE.stream();
                    case "deletecollection" ->
                            Stream.concat(DELETE.stream(), LIST.stream()).distinct();
                    case "list" -> LIST.stream();
                    default -> Stream.of();
                };
        return JsonObject.builder()
                .putUnlessEmpty(
                        "parameters",
                        names.map(name -> (Json) parameter(name, "query")).collect(Json.toArray()))
                .put("responses", OK)
                .put("x-kubernetes-action", verb.equals("create") ? "post" : verb)
                .put("x-kubernetes-group-version-kind", gvk)
                .build();
    }

    private static JsonObject parameter(String name, String in) {
        var parameter = JsonObject.builder().put("name", name).put("in", in);
        if (in.equals("path")) {
            parameter.put("required", true);
        }
        return parameter.put("schema", STRING).build();
    }

    /// Changes when the document does: clients may keep what they read under it.
    private String hash(String root) {
        try {
            var json = JsonWriter.bytes(java.util.Objects.requireNonNull(document(root)));
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(json));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }
}
