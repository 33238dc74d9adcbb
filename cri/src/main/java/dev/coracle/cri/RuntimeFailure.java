// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/// Turns what gRPC throws into what the kubelet is told.
final class RuntimeFailure {

    private RuntimeFailure() {}

    /// The failure of `call`. The wording differs by call as it does in upstream's events: pulls
    /// show the code unless it says nothing, creating and starting a container never do, and the
    /// rest always do.
    static Failed of(RuntimeCall call, StatusRuntimeException e) {
        var status = e.getStatus();
        var message =
                switch (call) {
                    case RuntimeCall.CreateContainer _, RuntimeCall.StartContainer _ ->
                            description(status);
                    case RuntimeCall.PullImage _ ->
                            status.getCode() == Status.Code.UNKNOWN
                                    ? description(status)
                                    : withCode(status);
                    default -> withCode(status);
                };
        return new Failed(kind(status.getCode()), message);
    }

    private static Failed.Kind kind(Status.Code code) {
        return switch (code) {
            case NOT_FOUND -> Failed.Kind.NOT_FOUND;
            case ALREADY_EXISTS -> Failed.Kind.ALREADY_EXISTS;
            case DEADLINE_EXCEEDED -> Failed.Kind.TIMEOUT;
            case UNAVAILABLE, CANCELLED -> Failed.Kind.UNAVAILABLE;
            case OK,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED ->
                    Failed.Kind.REFUSED;
        };
    }

    static String description(Status status) {
        var description = status.getDescription();
        return description == null || description.isEmpty() ? status.getCode().name() : description;
    }

    /// `rpc error: code = NotFound desc = …`
    static String withCode(Status status) {
        return "rpc error: code = " + goName(status.getCode()) + " desc = " + description(status);
    }

    /// The code as Go spells it: `NOT_FOUND` is `NotFound`.
    private static String goName(Status.Code code) {
        if (code == Status.Code.CANCELLED) {
            return "Canceled";
        }
        var name = new StringBuilder();
        for (var word : code.name().split("_", -1)) {
            name.append(word.charAt(0))
                    .append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return code == Status.Code.OK ? "OK" : name.toString();
    }
}
