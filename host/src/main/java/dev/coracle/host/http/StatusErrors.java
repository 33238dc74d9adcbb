// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonWriter;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// What Jetty itself refuses (headers too large, a malformed request line) as a `Status`, too.
final class StatusErrors extends ErrorHandler {

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(true, ByteBuffer.wrap(body(code, message)), callback);
    }

    private static byte[] body(int code, @Nullable String message) {
        var text = message == null || message.isEmpty() ? "HTTP status " + code : message;
        return JsonWriter.bytes(new Status(reason(code), code, text, null).json());
    }

    private static Status.Reason reason(int code) {
        for (var reason : Status.Reason.values()) {
            if (reason.code() == code) {
                return reason;
            }
        }
        return code < 500 ? Status.Reason.BAD_REQUEST : Status.Reason.INTERNAL_ERROR;
    }
}
