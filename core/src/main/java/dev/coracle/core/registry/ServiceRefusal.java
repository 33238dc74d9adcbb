// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a service cannot have what it asks for.
final class ServiceRefusal {
    private ServiceRefusal() {}

    static Status.Cause cause(String field, @Nullable Json value, String detail) {
        return new Status.Cause(
                "FieldValueInvalid",
                "Invalid value: %s: %s".formatted(value == null ? "null" : value.text(), detail),
                field);
    }

    static ApiException invalid(JsonObject service, List<Status.Cause> causes) {
        return new ApiException(
                Status.invalid(
                        ResourceTypes.SERVICES, service.object("metadata").string("name"), causes));
    }

    /// Nobody's fault but the cluster's, which has nothing left: 500, as upstream says it.
    static ApiException internal(String message) {
        return new ApiException(
                Status.of(Status.Reason.INTERNAL_ERROR, "Internal error occurred: " + message));
    }
}
