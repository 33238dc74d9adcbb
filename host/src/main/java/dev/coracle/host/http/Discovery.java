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
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// Tells clients which kinds there are: group by group, or all in one document.
///
/// <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>
final class Discovery {
    private static final Set<Accept.View> AGGREGATED =
            EnumSet.of(Accept.View.DISCOVERY_V2, Accept.View.DISCOVERY_V2BETA1);

    /// A kind with the verbs on it; those of reviews can only be created.
    record Served(ResourceType type, List<String> verbs) {}

    private final Map<String, Map<String, List<Served>>> groups = new LinkedHashMap<>();
    private final Map<String, Aggregated> aggregated = new LinkedHashMap<>();

    private record Aggregated(byte[] json, String etag) {}

    Discovery(List<Served> kinds) {
        for (var kind : kinds) {
            groups.computeIfAbsent(kind.type().group(), _ -> new LinkedHashMap<>())
                    .computeIfAbsent(kind.type().version(), _ -> new ArrayList<>())
                    .add(kind);
        }
        for (var view : AGGREGATED) {
            aggregated.put("api" + view, aggregate(view, true));
            aggregated.put("apis" + view, aggregate(view, false));
        }
    }

    private Aggregated aggregate(Accept.View view, boolean core) {
        var items =
                groups.entrySet().stream()
                        .filter(group -> group.getKey().isEmpty() == core)
                        .map(group -> aggregatedGroup(group.getKey(), group.getValue()))
                        .collect(Json.toArray());
        var json =
                JsonWriter.bytes(
                        JsonObject.builder()
                                .put("kind", "APIGroupDiscoveryList")
                                .put("apiVersion", view.apiVersion())
                                .put("metadata", JsonObject.EMPTY)
                                .put("items", items)
                                .build());
        return new Aggregated(json, etag(json));
    }

    /// Answers for `path` if it is one of discovery's; false if it is not.
    boolean answer(String path, Exchange exchange) throws IOException {
        var steps = List.of(path.substring(1).split("/"));
        switch (steps.getFirst()) {
            case "api" -> {
                if (steps.size() == 1) {
                    root(exchange, "api", this::versions);
                } else {
                    send(exchange, steps.size() == 2 ? resources("", steps.get(1)) : null);
                }
            }
            case "apis" -> {
                switch (steps.size()) {
                    case 1 -> root(exchange, "apis", this::groupList);
                    case 2 -> send(exchange, group(steps.get(1)));
                    case 3 -> send(exchange, resources(steps.get(1), steps.get(2)));
                    default -> send(exchange, null);
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void root(
            Exchange exchange,
            String root,
            java.util.function.Function<Exchange, JsonObject> legacy)
            throws IOException {
        var accept = exchange.accept(AGGREGATED);
        var document = aggregated.get(root + accept.view());
        exchange.response().getHeaders().put(HttpHeader.VARY, "Accept");
        if (document == null) {
            exchange.send(200, accept.encoding(), legacy.apply(exchange));
            return;
        }
        exchange.response().getHeaders().put(HttpHeader.ETAG, document.etag());
        if (exchange.header("If-None-Match").equals(document.etag())) {
            exchange.send(304, accept.view().mediaType(), new byte[0]);
        } else {
            exchange.send(200, accept.view().mediaType(), document.json());
        }
    }

    private static void send(Exchange exchange, @Nullable JsonObject document) throws IOException {
        if (document == null) {
            throw Errors.unknownPath();
        }
        exchange.send(200, exchange.accept(Set.of()).encoding(), document);
    }

    private JsonObject versions(Exchange exchange) {
        return JsonObject.builder()
                .put("kind", "APIVersions")
                .put("versions", JsonArray.ofStrings(List.copyOf(versionsOf("").keySet())))
                .put(
                        "serverAddressByClientCIDRs",
                        JsonArray.of(
                                JsonObject.of(
                                        "clientCIDR",
                                        Json.of("0.0.0.0/0"),
                                        "serverAddress",
                                        Json.of(exchange.header("Host")))))
                .build();
    }

    private Map<String, List<Served>> versionsOf(String group) {
        return groups.getOrDefault(group, Map.of());
    }

    private JsonObject groupList(Exchange exchange) {
        return JsonObject.builder()
                .put("kind", "APIGroupList")
                .put("apiVersion", "v1")
                .put(
                        "groups",
                        groups.keySet().stream()
                                .filter(name -> !name.isEmpty())
                                .map(this::groupBody)
                                .collect(Json.toArray()))
                .build();
    }

    private @Nullable JsonObject group(String name) {
        if (name.isEmpty() || !groups.containsKey(name)) {
            return null;
        }
        var builder = JsonObject.builder().put("kind", "APIGroup").put("apiVersion", "v1");
        groupBody(name).forEach(builder::put);
        return builder.build();
    }

    private JsonObject groupBody(String name) {
        var versions =
                versionsOf(name).keySet().stream()
                        .map(
                                version ->
                                        JsonObject.of(
                                                "groupVersion",
                                                Json.of(name + "/" + version),
                                                "version",
                                                Json.of(version)))
                        .toList();
        return JsonObject.builder()
                .put("name", name)
                .put("versions", JsonArray.of(versions))
                .put("preferredVersion", versions.getFirst())
                .build();
    }

    private @Nullable JsonObject resources(String group, String version) {
        var kinds = versionsOf(group).get(version);
        if (kinds == null) {
            return null;
        }
        var resources = new ArrayList<Json>();
        for (var kind : kinds) {
            resources.add(resource(kind));
            kind.type().subresources().forEach(sub -> resources.add(resource(kind.type(), sub)));
        }
        return JsonObject.builder()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", kinds.getFirst().type().apiVersion())
                .put("resources", JsonArray.of(resources))
                .build();
    }

    private static JsonObject resource(Served served) {
        var type = served.type();
        return JsonObject.builder()
                .put("name", type.plural())
                .put("singularName", type.singular())
                .put("namespaced", type.namespaced())
                .put("kind", type.kind())
                .put("verbs", JsonArray.ofStrings(served.verbs()))
                .putUnlessEmpty("shortNames", JsonArray.ofStrings(type.shortNames()))
                .putUnlessEmpty("categories", JsonArray.ofStrings(type.categories()))
                .build();
    }

    private static JsonObject resource(ResourceType type, ResourceType.Subresource sub) {
        boolean foreign =
                !sub.group().equals(type.group()) || !sub.version().equals(type.version());
        return JsonObject.builder()
                .put("name", type.plural() + "/" + sub.name())
                .put("singularName", "")
                .put("namespaced", type.namespaced())
                .putUnlessEmpty("group", foreign ? sub.group() : "")
                .putUnlessEmpty("version", foreign ? sub.version() : "")
                .put("kind", sub.kind())
                .put("verbs", JsonArray.ofStrings(sub.verbs()))
                .build();
    }

    private static JsonObject aggregatedGroup(String name, Map<String, List<Served>> versions) {
        var list = new ArrayList<Json>();
        versions.forEach(
                (version, kinds) ->
                        list.add(
                                JsonObject.builder()
                                        .put("version", version)
                                        .put(
                                                "resources",
                                                kinds.stream()
                                                        .map(Discovery::aggregatedResource)
                                                        .collect(Json.toArray()))
                                        .put("freshness", "Current")
                                        .build()));
        var metadata = name.isEmpty() ? JsonObject.EMPTY : JsonObject.of("name", Json.of(name));
        return JsonObject.of("metadata", metadata, "versions", JsonArray.of(list));
    }

    private static JsonObject aggregatedResource(Served served) {
        var type = served.type();
        return JsonObject.builder()
                .put("resource", type.plural())
                .put("responseKind", kind(type.group(), type.version(), type.kind()))
                .put("scope", type.namespaced() ? "Namespaced" : "Cluster")
                .put("singularResource", type.singular())
                .put("verbs", JsonArray.ofStrings(served.verbs()))
                .putUnlessEmpty("shortNames", JsonArray.ofStrings(type.shortNames()))
                .putUnlessEmpty("categories", JsonArray.ofStrings(type.categories()))
                .putUnlessEmpty(
                        "subresources",
                        type.subresources().stream()
                                .map(
                                        sub ->
                                                JsonObject.builder()
                                                        .put("subresource", sub.name())
                                                        .put(
                                                                "responseKind",
                                                                kind(
                                                                        sub.group(),
                                                                        sub.version(),
                                                                        sub.kind()))
                                                        .put(
                                                                "verbs",
                                                                JsonArray.ofStrings(sub.verbs()))
                                                        .build())
                                .collect(Json.toArray()))
                .build();
    }

    private static JsonObject kind(String group, String version, String kind) {
        return JsonObject.builder()
                .put("group", group)
                .put("version", version)
                .put("kind", kind)
                .build();
    }

    private static String etag(byte[] json) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(json);
            return "\"" + HexFormat.of().withUpperCase().formatHex(digest) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }
}
