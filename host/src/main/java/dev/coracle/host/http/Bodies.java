// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.json.Yaml;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads what clients send, by its content type.
final class Bodies {
    private static final List<String> OBJECTS =
            List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");
    private static final List<String> PATCHES =
            List.of(
                    "application/json-patch+json",
                    "application/merge-patch+json",
                    "application/strategic-merge-patch+json");
    private static final String APPLY = "application/apply-patch";

    private Bodies() {}

    /// A patch, and the names that its text held more than once.
    record PatchBody(Api.Patch patch, List<String> duplicates) {}

    /// An object that is a `kind` of `apiVersion`; both are filled in when absent.
    static JsonReader.Document object(Exchange exchange, String apiVersion, String kind)
            throws IOException {
        var document = document(exchange);
        if (!(document.value() instanceof JsonObject object)) {
            throw ApiException.badRequest(
                    "the object provided is unrecognized (must be of type %s): not a JSON object"
                            .formatted(kind));
        }
        var sent = object.string("apiVersion");
        var sentKind = object.string("kind");
        if (!sentKind.isEmpty() && !sentKind.equals(kind)) {
            throw ApiException.badRequest(
                    "the kind in the data (%s) does not match the expected kind (%s)"
                            .formatted(sentKind, kind));
        }
        if (!sent.isEmpty() && !sent.equals(apiVersion)) {
            throw ApiException.badRequest(
                    "the API version in the data (%s) does not match the expected API version (%s)"
                            .formatted(sent, apiVersion));
        }
        return new JsonReader.Document(
                sent.isEmpty() || sentKind.isEmpty() ? typed(object, apiVersion, kind) : object,
                document.duplicates());
    }

    private static JsonObject typed(JsonObject object, String apiVersion, String kind) {
        var builder = JsonObject.builder().put("apiVersion", apiVersion).put("kind", kind);
        object.forEach(
                (name, value) -> {
                    if (!name.equals("apiVersion") && !name.equals("kind")) {
                        builder.put(name, value);
                    }
                });
        return builder.build();
    }

    /// An object that need not be there; null when the body is empty.
    static @Nullable JsonObject optional(Exchange exchange) throws IOException {
        var body = exchange.body();
        if (body.length == 0) {
            return null;
        }
        if (parse(body, mediaType(exchange)).value() instanceof JsonObject object) {
            return object;
        }
        throw ApiException.badRequest("the body of the request is not a JSON object");
    }

    private static JsonReader.Document document(Exchange exchange) throws IOException {
        return parse(exchange.body(), mediaType(exchange));
    }

    private static JsonReader.Document parse(byte[] body, String mediaType) {
        try {
            return switch (mediaType) {
                case "", "application/json", "*/*" -> JsonReader.read(body);
                case "application/yaml" -> yaml(body);
                case "application/vnd.kubernetes.protobuf" -> ProtobufReader.read(body);
                default -> throw Errors.unsupportedMediaType(OBJECTS);
            };
        } catch (JsonFormatException e) {
            throw ApiException.badRequest(
                    "the object provided is unrecognized: parse error: " + e.getMessage());
        }
    }

    private static JsonReader.Document yaml(byte[] body) {
        var documents = Yaml.read(body);
        if (documents.size() != 1) {
            throw new JsonFormatException(
                    "%d YAML documents where one belongs".formatted(documents.size()));
        }
        return documents.getFirst();
    }

    /// @throws ApiException 415 for a kind of patch that is not served
    static PatchBody patch(Exchange exchange) throws IOException {
        var mediaType = mediaType(exchange);
        if (mediaType.startsWith(APPLY)) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.UNSUPPORTED_MEDIA_TYPE,
                            "server-side apply (%s) is not supported by this version - accepted"
                                            .formatted(mediaType)
                                    + " media types include: "
                                    + String.join(", ", PATCHES)));
        }
        var format =
                switch (mediaType) {
                    case "application/json-patch+json" -> Api.Patch.Format.JSON;
                    case "application/merge-patch+json" -> Api.Patch.Format.MERGE;
                    case "application/strategic-merge-patch+json" ->
                            Api.Patch.Format.STRATEGIC_MERGE;
                    default -> throw Errors.unsupportedMediaType(PATCHES);
                };
        try {
            var document = JsonReader.read(exchange.body());
            return new PatchBody(
                    new Api.Patch(format, checked(format, document.value())),
                    document.duplicates());
        } catch (JsonFormatException e) {
            throw ApiException.badRequest("error decoding patch: " + e.getMessage());
        }
    }

    private static Json checked(Api.Patch.Format format, Json body) {
        boolean fits =
                format == Api.Patch.Format.JSON
                        ? body instanceof JsonArray
                        : body instanceof JsonObject;
        if (!fits) {
            throw ApiException.badRequest(
                    format == Api.Patch.Format.JSON
                            ? "error decoding patch: a JSON patch is an array of operations"
                            : "error decoding patch: a merge patch is an object");
        }
        return body;
    }

    private static String mediaType(Exchange exchange) {
        return exchange.header("Content-Type").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }
}
