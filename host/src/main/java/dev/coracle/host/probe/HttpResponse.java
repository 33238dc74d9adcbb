// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/// Reads one response: its head, then as much of its body as is wanted.
final class HttpResponse {
    /// Upstream shows no more of a body.
    private static final int LONGEST_BODY = 10 * 1024;

    /// Go's limit.
    private static final int LONGEST_HEAD = 10 << 20;

    private static final String BROKEN = "net/http: HTTP/1.x transport connection broken: ";
    private static final String EARLY = "unexpected EOF";

    private final Connection connection;
    private final Parts parts = new Parts();
    private final HttpParser parser =
            new HttpParser(parts, LONGEST_HEAD, HttpCompliance.RFC2616_LEGACY);

    /// From its beginning, as long as it holds everything: an error shows the first line.
    private final byte[] bytes = new byte[2048];

    private final ByteBuffer unread = ByteBuffer.wrap(bytes).limit(0);

    /// How many of `bytes` were received; the parser empties its buffer when it gives up.
    private int held;

    private boolean ended;

    private HttpResponse(Connection connection) {
        this.connection = connection;
    }

    /// Returns once the head is there.
    static HttpResponse read(Connection connection) throws CheckFailed {
        var response = new HttpResponse(connection);
        response.readHead();
        return response;
    }

    int status() {
        return parts.status;
    }

    /// Of a redirect; empty if there is none.
    String location() {
        return Objects.requireNonNullElse(parts.location, "");
    }

    private void readHead() throws CheckFailed {
        while (!parts.headComplete) {
            parser.parseNext(unread);
            if (parts.bad != null || ended) {
                throw new CheckFailed(badHead());
            }
            if (parts.interimComplete) {
                parts.interimComplete = false;
                parser.reset();
            } else if (!parts.headComplete) {
                receive();
            }
        }
    }

    /// The body, without what is more than 10 KiB; what is no UTF-8 is replaced.
    String readBody() throws CheckFailed {
        while (!parts.complete && !ended && parts.body.size() < LONGEST_BODY) {
            parser.parseNext(unread);
            if (parts.bad != null) {
                throw new CheckFailed("malformed chunked encoding");
            }
            if (!parts.complete && parts.body.size() < LONGEST_BODY) {
                receive();
            }
        }
        if (ended && !parser.isState(HttpParser.State.EOF_CONTENT)) {
            throw new CheckFailed(EARLY);
        }
        return parts.body.toString(StandardCharsets.UTF_8);
    }

    /// Receives at least one byte, or learns that no more will come.
    private void receive() throws CheckFailed {
        if (unread.hasRemaining()) {
            return;
        }
        int from = held < bytes.length ? held : 0;
        int count = connection.read(bytes, from, bytes.length - from);
        if (count >= 0) {
            held = from + count;
            unread.limit(held).position(from);
            return;
        }
        if (held == 0) {
            throw new CheckFailed("EOF");
        }
        ended = true;
    }

    private String badHead() throws CheckFailed {
        var bad = parts.bad;
        if (bad != null && bad.getCode() == HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431) {
            return "net/http: server response headers exceeded " + LONGEST_HEAD + " bytes; aborted";
        }
        if (parts.status != 0) {
            return BROKEN + (bad == null ? EARLY : badHeader());
        }
        var line = firstLine();
        var problem = StatusLine.problem(line);
        if (problem == null && bad != null) {
            problem = "malformed HTTP response " + GoWords.quote(line);
        }
        return BROKEN + (problem == null ? EARLY : problem);
    }

    /// Up to its end, for which it waits.
    private byte[] firstLine() throws CheckFailed {
        while (lineEnd() < 0 && !ended && held < bytes.length) {
            unread.position(unread.limit());
            receive();
        }
        int end = lineEnd() < 0 ? held : lineEnd();
        boolean crlf = end > 0 && bytes[end - 1] == '\r' && lineEnd() >= 0;
        return Arrays.copyOf(bytes, crlf ? end - 1 : end);
    }

    private int lineEnd() {
        for (int i = 0; i < held; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private String badHeader() {
        var head = new String(bytes, 0, held, StandardCharsets.ISO_8859_1);
        return head.lines()
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.indexOf(':') < 0)
                .findFirst()
                .map(
                        line ->
                                "malformed MIME header: missing colon: "
                                        + GoWords.quote(line.getBytes(StandardCharsets.ISO_8859_1)))
                .orElse("malformed MIME header");
    }

    /// What the parser has found.
    private static final class Parts implements HttpParser.ResponseHandler {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
        private int status;
        private @Nullable String location;
        private @Nullable HttpException bad;
        private boolean headComplete;
        private boolean interimComplete;
        private boolean complete;

        /// To be followed by another response.
        private boolean isInterim() {
            return HttpStatus.isInformational(status)
                    && status != HttpStatus.SWITCHING_PROTOCOLS_101;
        }

        @Override
        public void startResponse(HttpVersion version, int status, String reason) {
            this.status = status;
        }

        @Override
        public void parsedHeader(HttpField field) {
            if (location == null && field.getHeader() == HttpHeader.LOCATION) {
                location = field.getValue();
            }
        }

        @Override
        public boolean headerComplete() {
            headComplete = !isInterim();
            return headComplete;
        }

        @Override
        public boolean content(ByteBuffer part) {
            var bytes = new byte[Math.min(part.remaining(), LONGEST_BODY - body.size())];
            part.get(bytes);
            body.writeBytes(bytes);
            return body.size() >= LONGEST_BODY;
        }

        @Override
        public boolean contentComplete() {
            return false;
        }

        @Override
        public boolean messageComplete() {
            if (isInterim()) {
                interimComplete = true;
            } else {
                complete = true;
            }
            return true;
        }

        @Override
        public void badMessage(HttpException failure) {
            bad = failure;
        }

        @Override
        public void earlyEOF() {
            // the parser is not told of the end
        }
    }
}
