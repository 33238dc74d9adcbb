// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

/// The client is told no; only the HTTP layer (or whoever plays the client) catches this.
public final class ApiException extends RuntimeException {
    private final transient Status status;

    public ApiException(Status status) {
        super(status.message());
        this.status = status;
    }

    public static ApiException badRequest(String message) {
        return new ApiException(Status.of(Status.Reason.BAD_REQUEST, message));
    }

    public Status status() {
        return status;
    }

    public boolean is(Status.Reason reason) {
        return status.reason() == reason;
    }
}
