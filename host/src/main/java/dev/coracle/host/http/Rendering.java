// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonWriter;
import dev.coracle.core.registry.Registry.Listing;
import dev.coracle.core.store.Entry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Turns objects into what the client asked to see: whole, as rows of a table, or their metadata
/// only. Whole objects are copied from the bytes that the store made of them, never written anew.
///
/// Differs from upstream: the items of a list carry their own `kind` and `apiVersion`.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>
final class Rendering {
    static final Set<Accept.View> VIEWS =
            EnumSet.of(
                    Accept.View.TABLE, Accept.View.PARTIAL_OBJECT, Accept.View.PARTIAL_OBJECT_LIST);

    /// How much of each object a table's row carries.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>
    private enum RowObject {
        NONE,
        METADATA,
        OBJECT
    }

    private final ResourceType type;
    private final Accept accept;
    private final Tables tables;
    private final RowObject rowObject;
    private boolean columnsSent;

    Rendering(ResourceType type, Accept accept, Tables tables, String includeObject) {
        this.type = type;
        this.accept = accept;
        this.tables = tables;
        this.rowObject =
                switch (includeObject) {
                    case "", "Metadata" -> RowObject.METADATA;
                    case "Object" -> RowObject.OBJECT;
                    case "None" -> RowObject.NONE;
                    default ->
                            throw dev.coracle.core.api.ApiException.badRequest(
                                    "unrecognized includeObject value: \"%s\""
                                            .formatted(includeObject));
                };
    }

    /// One object.
    Json object(JsonObject object) {
        return switch (accept.view()) {
            case TABLE -> table(List.of(object), object.object("metadata"));
            case PARTIAL_OBJECT, PARTIAL_OBJECT_LIST -> partial(object);
            case OBJECT, DISCOVERY_V2, DISCOVERY_V2BETA1 -> object;
        };
    }

    /// Appends the object of a watch event; only the first table of a watch has columns.
    void event(Entry entry, ByteArrayOutputStream out) {
        out.writeBytes(
                accept.view() == Accept.View.OBJECT
                        ? entry.json()
                        : JsonWriter.bytes(object(entry.object())));
        columnsSent = true;
    }

    /// Whether a listing can be written from bytes alone.
    boolean isPlain() {
        return accept.view() == Accept.View.OBJECT && accept.encoding() == Accept.Encoding.JSON;
    }

    /// A whole listing, from bytes.
    byte[] bytes(Listing listing) {
        int size = 512;
        for (var entry : listing.entries()) {
            size += entry.json().length + 1;
        }
        var out = new ByteArrayOutputStream(size);
        out.writeBytes(
                "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",\"metadata\":%s,\"items\":["
                        .formatted(type.kind(), type.apiVersion(), metadata(listing).text())
                        .getBytes(StandardCharsets.UTF_8));
        boolean first = true;
        for (var entry : listing.entries()) {
            if (!first) {
                out.write(',');
            }
            first = false;
            out.writeBytes(entry.json());
        }
        out.writeBytes("]}\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    /// A whole listing, as a tree.
    Json tree(Listing listing) {
        var objects = listing.entries().stream().map(Entry::object).toList();
        return switch (accept.view()) {
            case TABLE -> table(objects, metadata(listing));
            case PARTIAL_OBJECT, PARTIAL_OBJECT_LIST ->
                    list(
                            "PartialObjectMetadataList",
                            "meta.k8s.io/v1",
                            metadata(listing),
                            objects.stream().map(Rendering::partial).toList());
            case OBJECT, DISCOVERY_V2, DISCOVERY_V2BETA1 ->
                    list(type.kind() + "List", type.apiVersion(), metadata(listing), objects);
        };
    }

    static JsonObject list(
            String kind, String apiVersion, JsonObject metadata, List<JsonObject> items) {
        return JsonObject.builder()
                .put("kind", kind)
                .put("apiVersion", apiVersion)
                .put("metadata", metadata)
                .put("items", JsonArray.of(items))
                .build();
    }

    private static JsonObject metadata(Listing listing) {
        var metadata =
                JsonObject.builder()
                        .put("resourceVersion", Long.toString(listing.revision()))
                        .putUnlessEmpty("continue", listing.continueToken());
        if (listing.remaining() > 0) {
            metadata.put("remainingItemCount", listing.remaining());
        }
        return metadata.build();
    }

    private JsonObject table(List<JsonObject> objects, JsonObject metadata) {
        var tableMetadata = JsonObject.builder();
        for (var name : List.of("resourceVersion", "continue", "remainingItemCount")) {
            var value = metadata.get(name);
            if (value != null) {
                tableMetadata.put(name, value);
            }
        }
        return JsonObject.builder()
                .put("kind", "Table")
                .put("apiVersion", "meta.k8s.io/v1")
                .put("metadata", tableMetadata.build())
                .put("columnDefinitions", columnsSent ? JsonNull.NULL : tables.columns(type))
                .put("rows", objects.stream().map(this::row).collect(Json.toArray()))
                .build();
    }

    private JsonObject row(JsonObject object) {
        var row = JsonObject.builder().put("cells", tables.cells(type, object));
        switch (rowObject) {
            case METADATA -> row.put("object", partial(object));
            case OBJECT -> row.put("object", object);
            case NONE -> {}
        }
        return row.build();
    }

    private static JsonObject partial(JsonObject object) {
        return JsonObject.builder()
                .put("kind", "PartialObjectMetadata")
                .put("apiVersion", "meta.k8s.io/v1")
                .put("metadata", object.object("metadata"))
                .build();
    }
}
