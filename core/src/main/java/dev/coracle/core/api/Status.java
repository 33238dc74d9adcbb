// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A `v1.Status` that says why a request was refused.
///
/// `code` is the HTTP status; `details` an object as in `v1.StatusDetails`, null when there is
/// nothing to add.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
public record Status(Reason reason, int code, String message, @Nullable JsonObject details) {
    /// The reason of a [Cause]: nothing can be made in a namespace that is ending.
    public static final String NAMESPACE_TERMINATING = "NamespaceTerminating";

    /// Upstream's reasons with their HTTP codes.
    public enum Reason {
        BAD_REQUEST("BadRequest", 400),
        UNAUTHORIZED("Unauthorized", 401),
        FORBIDDEN("Forbidden", 403),
        NOT_FOUND("NotFound", 404),
        METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
        NOT_ACCEPTABLE("NotAcceptable", 406),
        ALREADY_EXISTS("AlreadyExists", 409),
        CONFLICT("Conflict", 409),
        GONE("Gone", 410),
        EXPIRED("Expired", 410),
        REQUEST_ENTITY_TOO_LARGE("RequestEntityTooLarge", 413),
        UNSUPPORTED_MEDIA_TYPE("UnsupportedMediaType", 415),
        INVALID("Invalid", 422),
        TOO_MANY_REQUESTS("TooManyRequests", 429),
        INTERNAL_ERROR("InternalError", 500),
        SERVICE_UNAVAILABLE("ServiceUnavailable", 503),
        TIMEOUT("Timeout", 504);

        private final String text;
        private final int code;

        Reason(String text, int code) {
            this.text = text;
            this.code = code;
        }

        public String text() {
            return text;
        }

        public int code() {
            return code;
        }
    }

    /// One wrong field: `reason` is upstream's (`FieldValueRequired`, `FieldValueInvalid`,
    /// `FieldValueDuplicate`, `FieldValueNotSupported`, `FieldValueForbidden`), `field` a path like
    /// `spec.containers[0].name`.
    public record Cause(String reason, String message, String field) {
        JsonObject json() {
            return JsonObject.builder()
                    .put("reason", reason)
                    .put("message", message)
                    .put("field", field)
                    .build();
        }
    }

    /// Whether the refusal is because the namespace is ending.
    public boolean isOfEndingNamespace() {
        return details != null
                && details.array("causes").objects().stream()
                        .anyMatch(cause -> cause.string("reason").equals(NAMESPACE_TERMINATING));
    }

    public static Status of(Reason reason, String message) {
        return new Status(reason, reason.code(), message, null);
    }

    /// `pods "web" not found`.
    public static Status notFound(ResourceType type, String name) {
        return about(
                Reason.NOT_FOUND,
                type,
                name,
                "%s \"%s\" not found".formatted(type.qualified(), name),
                List.of());
    }

    /// `pods "web" already exists`.
    public static Status alreadyExists(ResourceType type, String name) {
        return about(
                Reason.ALREADY_EXISTS,
                type,
                name,
                "%s \"%s\" already exists".formatted(type.qualified(), name),
                List.of());
    }

    /// `Operation cannot be fulfilled on pods "web": …`.
    public static Status conflict(ResourceType type, String name, String why) {
        return about(
                Reason.CONFLICT,
                type,
                name,
                "Operation cannot be fulfilled on %s \"%s\": %s"
                        .formatted(type.qualified(), name, why),
                List.of());
    }

    /// `namespaces "default" is forbidden: …`, with `causes` for clients that ask why.
    public static Status forbidden(ResourceType type, String name, String why, List<Cause> causes) {
        return about(
                Reason.FORBIDDEN,
                type,
                name,
                "%s \"%s\" is forbidden: %s".formatted(type.qualified(), name, why),
                causes);
    }

    /// The answer to something that was done: `details` names the object.
    public static JsonObject success(ResourceType type, String name, String uid) {
        return JsonObject.builder()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("metadata", JsonObject.EMPTY)
                .put("status", "Success")
                .put(
                        "details",
                        JsonObject.builder()
                                .putUnlessEmpty("name", name)
                                .putUnlessEmpty("group", type.group())
                                .put("kind", type.plural())
                                .putUnlessEmpty("uid", uid)
                                .build())
                .build();
    }

    /// `Pod "web" is invalid: spec.x: Required value`, with one cause for each wrong field.
    public static Status invalid(ResourceType type, String name, List<Cause> causes) {
        var texts = causes.stream().map(c -> c.field() + ": " + c.message()).toList();
        var kind = type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
        return aboutKind(
                Reason.INVALID,
                type,
                name,
                "%s \"%s\" is invalid: %s"
                        .formatted(
                                kind,
                                name,
                                texts.size() == 1
                                        ? texts.getFirst()
                                        : "[" + String.join(", ", texts) + "]"),
                causes);
    }

    private static Status about(
            Reason reason, ResourceType type, String name, String message, List<Cause> causes) {
        return new Status(
                reason, reason.code(), message, details(type, name, type.plural(), causes));
    }

    private static Status aboutKind(
            Reason reason, ResourceType type, String name, String message, List<Cause> causes) {
        return new Status(reason, reason.code(), message, details(type, name, type.kind(), causes));
    }

    private static JsonObject details(
            ResourceType type, String name, String kind, List<Cause> causes) {
        return JsonObject.builder()
                .putUnlessEmpty("name", name)
                .putUnlessEmpty("group", type.group())
                .put("kind", kind)
                .putUnlessEmpty("causes", JsonArray.of(causes.stream().map(Cause::json).toList()))
                .build();
    }

    /// The wire form.
    public JsonObject json() {
        return JsonObject.builder()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("metadata", JsonObject.EMPTY)
                .put("status", "Failure")
                .put("message", message)
                .put("reason", reason.text())
                .putUnlessEmpty("details", (Json) details)
                .put("code", code)
                .build();
    }
}
