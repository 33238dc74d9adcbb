// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.schema.Schema;
import org.jspecify.annotations.Nullable;

/// Applies what a client sent with PATCH to an object.
///
/// What comes out is not yet held against the schema:
/// [dev.coracle.core.schema.StrictDecoder#patched] does that.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply>
public final class Patches {
    private static final int MOST_OPERATIONS = 10_000;

    private Patches() {}

    /// `schema` says how a strategic merge patch merges lists; null (a kind without one) refuses
    /// such a patch.
    ///
    /// @throws ApiException 400 for a patch that is malformed, 413 for a JSON patch of too many
    ///     operations, 415 for a strategic merge patch without a schema, 422 for one that does not
    ///     fit the object
    public static JsonObject apply(Api.Patch patch, JsonObject current, @Nullable Schema schema) {
        return switch (patch.format()) {
            case JSON -> json(patch.body(), current);
            case MERGE -> (JsonObject) MergePatch.apply(current, object(patch.body()));
            case STRATEGIC_MERGE -> {
                if (schema == null) {
                    throw new ApiException(
                            Status.of(
                                    Status.Reason.UNSUPPORTED_MEDIA_TYPE,
                                    "the body of the request was in an unknown format -"
                                            + " accepted media types include:"
                                            + " application/json-patch+json,"
                                            + " application/merge-patch+json"));
                }
                yield StrategicMergePatch.apply(current, object(patch.body()), schema);
            }
        };
    }

    private static JsonObject object(Json body) {
        if (body instanceof JsonObject object) {
            return object;
        }
        throw ApiException.badRequest(
                "error decoding patch: the patch must be a JSON object, not " + body.text());
    }

    private static JsonObject json(Json body, JsonObject current) {
        if (!(body instanceof JsonArray operations)) {
            throw ApiException.badRequest(
                    "error decoding patch: a JSON patch must be an array of operations, not "
                            + body.text());
        }
        if (operations.size() > MOST_OPERATIONS) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.REQUEST_ENTITY_TOO_LARGE,
                            "Request entity is too large: The allowed maximum operations in a JSON"
                                    + " patch is %d, got %d"
                                            .formatted(MOST_OPERATIONS, operations.size())));
        }
        if (JsonPatch.apply(operations, current) instanceof JsonObject patched) {
            return patched;
        }
        throw unfit("the patch leaves something that is not an object");
    }

    /// Differs from upstream: the message goes on to say what the error is.
    static ApiException unfit(String why) {
        return new ApiException(
                Status.of(
                        Status.Reason.INVALID,
                        "the server rejected our request due to an error in our request: " + why));
    }
}
