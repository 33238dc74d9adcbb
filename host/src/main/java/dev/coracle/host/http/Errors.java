// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import java.util.Collection;
import java.util.List;

/// Refusals that HTTP itself brings about, worded as upstream words them.
final class Errors {
    private Errors() {}

    static ApiException unknownPath() {
        return new ApiException(
                new Status(
                        Status.Reason.NOT_FOUND,
                        404,
                        "the server could not find the requested resource",
                        JsonObject.EMPTY));
    }

    static ApiException methodNotAllowed() {
        return new ApiException(
                new Status(
                        Status.Reason.METHOD_NOT_ALLOWED,
                        405,
                        "the server does not allow this method on the requested resource",
                        JsonObject.EMPTY));
    }

    static ApiException tooLarge(long limitBytes) {
        return new ApiException(
                Status.of(
                        Status.Reason.REQUEST_ENTITY_TOO_LARGE,
                        "Request entity too large: limit is " + limitBytes));
    }

    static ApiException unsupportedMediaType(Collection<String> accepted) {
        return new ApiException(
                Status.of(
                        Status.Reason.UNSUPPORTED_MEDIA_TYPE,
                        "the body of the request was in an unknown format - accepted media types"
                                + " include: "
                                + String.join(", ", accepted)));
    }

    static ApiException notAcceptable(Collection<String> offered) {
        return new ApiException(
                Status.of(
                        Status.Reason.NOT_ACCEPTABLE,
                        "only the following media types are accepted: "
                                + String.join(", ", offered)));
    }

    static ApiException unavailable(String message) {
        return new ApiException(Status.of(Status.Reason.SERVICE_UNAVAILABLE, message));
    }

    /// 422 for what is wrong in the query of a request: `kind` is the options' kind.
    static ApiException invalidOptions(String kind, List<Status.Cause> causes) {
        var type =
                new dev.coracle.core.api.ResourceType(
                        "meta.k8s.io", "v1", "", "", kind, false, List.of(), List.of());
        return new ApiException(Status.invalid(type, "", causes));
    }
}
