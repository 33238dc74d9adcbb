// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;

/// What clients mean by the resourceVersion that they send.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
final class Revisions {
    private Revisions() {}

    /// The revision in `text`, 0 when it is empty.
    ///
    /// @throws ApiException 400 if it is no revision
    static long parse(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            long revision = Long.parseLong(text);
            if (revision >= 0) {
                return revision;
            }
        } catch (NumberFormatException e) {
            throw notValid(text);
        }
        throw notValid(text);
    }

    private static ApiException notValid(String text) {
        return ApiException.badRequest(
                "resourceVersion: Invalid value: \"%s\": must be a non-negative integer"
                        .formatted(text));
    }

    /// Differs from upstream: answers at once instead of waiting some seconds for that revision to
    /// come, because here it cannot have been seen anywhere before it exists.
    ///
    /// @throws ApiException 504 if `revision` is yet to come
    static void checkReached(long revision, long current) {
        if (revision > current) {
            var message =
                    "Too large resource version: %d, current: %d".formatted(revision, current);
            var cause =
                    JsonObject.of(
                            "reason",
                            Json.of("ResourceVersionTooLarge"),
                            "message",
                            Json.of("Too large resource version"));
            var details =
                    JsonObject.of("causes", JsonArray.of(cause), "retryAfterSeconds", Json.of(1));
            var reason = Status.Reason.TIMEOUT;
            throw new ApiException(new Status(reason, reason.code(), message, details));
        }
    }

    /// Refuses a `resourceVersionMatch` that the other options contradict.
    static void checkMatch(String match, String revision, boolean continued) {
        if (continued && !revision.isEmpty() && !revision.equals("0")) {
            throw ApiException.badRequest(
                    "specifying resource version is not allowed when using continue");
        }
        if (match.isEmpty()) {
            return;
        }
        if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
            throw listOptions(
                    "FieldValueNotSupported",
                    "Unsupported value: \"%s\": supported values: \"Exact\", \"NotOlderThan\", \"\""
                            .formatted(match));
        }
        if (continued) {
            throw listOptions(
                    "FieldValueForbidden",
                    "Forbidden: resourceVersionMatch is forbidden when continue is provided");
        }
        if (revision.isEmpty()) {
            throw listOptions(
                    "FieldValueForbidden",
                    "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if (match.equals("Exact") && revision.equals("0")) {
            throw listOptions(
                    "FieldValueForbidden",
                    "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }

    private static ApiException listOptions(String reason, String message) {
        var field = "resourceVersionMatch";
        var cause =
                JsonObject.builder()
                        .put("reason", reason)
                        .put("message", message)
                        .put("field", field)
                        .build();
        var details =
                JsonObject.builder()
                        .put("group", "meta.k8s.io")
                        .put("kind", "ListOptions")
                        .put("causes", JsonArray.of(cause))
                        .build();
        var invalid = Status.Reason.INVALID;
        return new ApiException(
                new Status(
                        invalid,
                        invalid.code(),
                        "ListOptions.meta.k8s.io \"\" is invalid: %s: %s".formatted(field, message),
                        details));
    }
}
