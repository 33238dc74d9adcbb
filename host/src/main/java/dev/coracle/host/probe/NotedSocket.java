// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A socket that knows how what it received began: TLS does not say what it was that is no TLS.
final class NotedSocket extends Socket {
    private final byte[] first = new byte["HTTP/".length()];
    private int noted;

    NotedSocket() {
        super(Proxy.NO_PROXY);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new Noting(super.getInputStream());
    }

    boolean receivedHttp() {
        return new String(first, 0, noted, StandardCharsets.US_ASCII).equals("HTTP/");
    }

    private final class Noting extends FilterInputStream {
        Noting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = in.read(bytes, offset, length);
            int missing = Math.min(count, first.length - noted);
            if (missing > 0) {
                System.arraycopy(bytes, offset, first, noted, missing);
                noted += missing;
            }
            return count;
        }
    }
}
