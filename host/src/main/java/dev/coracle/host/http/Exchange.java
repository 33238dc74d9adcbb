// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonWriter;
import dev.coracle.core.json.YamlWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;

/// One request and its answer, as blocking calls.
final class Exchange {
    /// Smaller answers cost more to compress than to send.
    private static final int GZIP_FROM_BYTES = 128 * 1024;

    private static final int DISCARD_BUFFER_BYTES = 64 * 1024;
    private static final long DISCARD_BYTES = 64L * 1024 * 1024;

    private final Request request;
    private final Response response;
    private final long bodyLimitBytes;
    private final Query query;
    private final List<String> warnings = new ArrayList<>();

    Exchange(Request request, Response response, long bodyLimitBytes) {
        this.request = request;
        this.response = response;
        this.bodyLimitBytes = bodyLimitBytes;
        this.query = Query.of(queryOf(request));
    }

    private static org.eclipse.jetty.util.Fields queryOf(Request request) {
        try {
            return Request.extractQueryParameters(request);
        } catch (RuntimeException e) { // Jetty's word for percent signs that encode nothing
            throw ApiException.badRequest("the query cannot be decoded: " + e.getMessage());
        }
    }

    Request request() {
        return request;
    }

    Response response() {
        return response;
    }

    Query query() {
        return query;
    }

    String method() {
        return request.getMethod();
    }

    /// The first value, empty when absent.
    String header(String name) {
        var value = request.getHeaders().get(name);
        return value == null ? "" : value;
    }

    /// All values of a header that is a list.
    String headerList(HttpHeader header) {
        return String.join(",", request.getHeaders().getValuesList(header));
    }

    Accept accept(Set<Accept.View> views) {
        return Accept.of(headerList(HttpHeader.ACCEPT), views);
    }

    /// What the client will be told beside the answer.
    List<String> warnings() {
        return warnings;
    }

    /// The whole body.
    ///
    /// @throws ApiException 413 if it is larger than the limit
    byte[] body() throws IOException {
        var in = Content.Source.asInputStream(request);
        if (request.getLength() > bodyLimitBytes) {
            discard(in);
            throw Errors.tooLarge(bodyLimitBytes);
        }
        var body = in.readNBytes((int) bodyLimitBytes + 1);
        if (body.length > bodyLimitBytes) {
            discard(in);
            throw Errors.tooLarge(bodyLimitBytes);
        }
        return body;
    }

    /// Reads and forgets what is left of the body, up to a bound: a client that first sends and
    /// then listens gets its answer, and an HTTP/2 stream is not reset under a client that still
    /// sends.
    void discardBody() throws IOException {
        discard(Content.Source.asInputStream(request));
    }

    private void discard(InputStream in) throws IOException {
        var buffer = new byte[DISCARD_BUFFER_BYTES];
        long left = DISCARD_BYTES;
        for (int count = in.read(buffer); count >= 0 && left > 0; count = in.read(buffer)) {
            left -= count;
        }
    }

    void send(int code, Accept.Encoding encoding, Json value) throws IOException {
        switch (encoding) {
            case JSON -> sendJson(code, wantsPretty() ? pretty(value) : JsonWriter.bytes(value));
            case YAML ->
                    send(
                            code,
                            encoding.mediaType(),
                            YamlWriter.text(value).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static byte[] pretty(Json value) {
        return (JsonWriter.pretty(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    void sendJson(int code, byte[] json) throws IOException {
        send(code, Accept.Encoding.JSON.mediaType(), json);
    }

    void sendStatus(Status status) throws IOException {
        send(status.code(), Accept.Encoding.JSON, status.json());
    }

    /// Sends a whole answer, compressed when it is large and the client can read that.
    void send(int code, String contentType, byte[] body) throws IOException {
        var bytes = body;
        var headers = response.getHeaders();
        if (body.length >= GZIP_FROM_BYTES && acceptsGzip()) {
            bytes = gzip(body);
            headers.put(HttpHeader.CONTENT_ENCODING, "gzip");
            headers.add(HttpHeader.VARY, "Accept-Encoding");
        }
        headers.put(HttpHeader.CONTENT_LENGTH, bytes.length);
        begin(code, contentType);
        write(true, ByteBuffer.wrap(request.getMethod().equals("HEAD") ? new byte[0] : bytes));
    }

    /// Sends status and headers at once; [#write] and [#end] follow.
    void stream(int code, String contentType) throws IOException {
        begin(code, contentType);
        write(false, BufferUtil.EMPTY_BUFFER);
    }

    private void begin(int code, String contentType) {
        var headers = response.getHeaders();
        response.setStatus(code);
        headers.put(HttpHeader.CONTENT_TYPE, contentType);
        headers.put(HttpHeader.CACHE_CONTROL, "no-cache, private");
        warnings.stream()
                .distinct()
                .forEach(text -> headers.add(new HttpField("Warning", "299 - " + quoted(text))));
    }

    /// As RFC 9110 quotes strings; controls cannot be said in a header and become spaces.
    private static String quoted(String text) {
        var out = new StringBuilder("\"");
        text.chars()
                .forEach(
                        c -> {
                            if (c == '"' || c == '\\') {
                                out.append('\\');
                            }
                            out.append(c < ' ' || c == 0x7f ? ' ' : (char) c);
                        });
        return out.append('"').toString();
    }

    void write(ByteBuffer part) throws IOException {
        write(false, part);
    }

    void end() throws IOException {
        write(true, BufferUtil.EMPTY_BUFFER);
    }

    private void write(boolean last, ByteBuffer part) throws IOException {
        try (var blocker = Blocker.callback()) {
            response.write(last, part, blocker);
            blocker.block();
        }
    }

    boolean isCommitted() {
        return response.isCommitted();
    }

    private boolean acceptsGzip() {
        for (var element : headerList(HttpHeader.ACCEPT_ENCODING).split(",")) {
            var parts = element.strip().toLowerCase(Locale.ROOT).split(";", 2);
            if (parts[0].equals("gzip")) {
                return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    private static byte[] gzip(byte[] body) throws IOException {
        var out = new ByteArrayOutputStream(body.length / 4);
        try (var gzip = new FastGzip(out)) {
            gzip.write(body);
        }
        return out.toByteArray();
    }

    /// Level 1, as upstream: lists are repetitive, and time matters more than the last tenth.
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 64 * 1024);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /// People get indented answers: when they ask, and when the client looks like theirs.
    private boolean wantsPretty() {
        if (query.has("pretty")) {
            return query.flag("pretty");
        }
        var agent = header("User-Agent");
        return agent.startsWith("curl")
                || agent.startsWith("Wget")
                || agent.startsWith("Mozilla/5.0");
    }
}
