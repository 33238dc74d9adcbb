// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A connection to the HTTP/1.1 server that a request is passed on to, good for one request.
///
/// <https://www.rfc-editor.org/rfc/rfc9112>
final class Backend {
    static final int SWITCHING_PROTOCOLS = 101;

    private static final int HEAD_BYTES = 64 * 1024;
    private static final int INTERIM_END = 200;

    private final Socket socket;
    private final InputStream in;

    Backend(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    record Header(String name, String value) {
        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /// What comes before the body of an answer.
    record Head(int code, List<Header> headers) {
        Head {
            headers = List.copyOf(headers);
        }

        /// The first value, empty when absent.
        String header(String name) {
            return headers.stream()
                    .filter(header -> header.is(name))
                    .map(Header::value)
                    .findFirst()
                    .orElse("");
        }
    }

    Socket socket() {
        return socket;
    }

    /// What follows the head, as it comes.
    InputStream rest() {
        return in;
    }

    void send(byte[] bytes, int count) throws IOException {
        socket.getOutputStream().write(bytes, 0, count);
    }

    void send(byte[] bytes) throws IOException {
        send(bytes, bytes.length);
    }

    /// The head of the final answer; interim ones, but for 101, are read and forgotten.
    ///
    /// @throws IOException if the server breaks off or does not speak HTTP
    Head readHead() throws IOException {
        var head = readOneHead();
        while (head.code() < INTERIM_END && head.code() != SWITCHING_PROTOCOLS) {
            head = readOneHead();
        }
        return head;
    }

    private Head readOneHead() throws IOException {
        int left = HEAD_BYTES;
        var first = line(left);
        left -= first.length();
        var status = first.split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.") || !status[1].matches("\\d{3}")) {
            throw new IOException("malformed HTTP response");
        }
        var headers = new ArrayList<Header>();
        for (var line = line(left); !line.isEmpty(); line = line(left)) {
            left -= line.length();
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.add(
                        new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
            }
        }
        return new Head(Integer.parseInt(status[1]), headers);
    }

    private String line(int limit) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("EOF");
            }
            if (line.size() >= limit) {
                throw new IOException("the head of the HTTP response is too long");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    /// The body of the answer that `head` began; a read fails where the server broke off.
    InputStream body(Head head) {
        if (head.header("Transfer-Encoding").toLowerCase(Locale.ROOT).endsWith("chunked")) {
            return new Body(0, true);
        }
        var length = head.header("Content-Length");
        return length.matches("\\d{1,18}") ? new Body(Long.parseLong(length), false) : in;
    }

    /// Either so many bytes, or chunk after chunk.
    private final class Body extends InputStream {
        private final boolean chunked;
        private long left;
        private boolean ended;

        private Body(long left, boolean chunked) {
            this.left = left;
            this.chunked = chunked;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0 && chunked && !ended) {
                nextChunk();
            }
            if (left == 0) {
                return -1;
            }
            int count = in.read(bytes, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw new EOFException("unexpected EOF");
            }
            left -= count;
            if (left == 0 && chunked) {
                line(HEAD_BYTES);
            }
            return count;
        }

        private void nextChunk() throws IOException {
            try {
                left = Long.parseLong(line(HEAD_BYTES).split(";", 2)[0].strip(), 16);
            } catch (NumberFormatException e) {
                throw new IOException("malformed chunked encoding", e);
            }
            if (left < 0) {
                throw new IOException("malformed chunked encoding");
            }
            if (left == 0) {
                ended = true;
                while (!line(HEAD_BYTES).isEmpty()) {
                    // trailers end with an empty line
                }
            }
        }
    }

    /// Ends both directions, from whichever thread.
    void close() {
        closeQuietly(socket);
    }

    static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closing is all that was left to do with it.
        }
    }
}
