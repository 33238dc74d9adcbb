// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import javax.net.ssl.SSLException;

/// A connection whose failures are in Go's words. Closed in the middle of something it is reset,
/// so that nothing of it lingers in the kernel.
final class Connection implements Closeable {
    private final Socket transport;
    private final Socket socket;
    private boolean finished;

    Connection(Socket socket) {
        this(socket, socket);
    }

    /// `socket` encrypts what goes over `transport`.
    Connection(Socket transport, Socket socket) {
        this.transport = transport;
        this.socket = socket;
    }

    void send(byte[] bytes) throws CheckFailed {
        try {
            out().write(bytes);
        } catch (IOException e) {
            throw failed("write", e);
        }
    }

    /// As [InputStream#read(byte\[\], int, int)].
    int read(byte[] bytes, int offset, int length) throws CheckFailed {
        try {
            return in().read(bytes, offset, length);
        } catch (IOException e) {
            throw failed("read", e);
        }
    }

    private InputStream in() throws IOException {
        return socket.getInputStream();
    }

    private OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    private CheckFailed failed(String operation, IOException e) {
        return new CheckFailed(
                e instanceof SSLException tls
                        ? Tls.words(tls)
                        : GoWords.transfer(
                                operation,
                                transport.getLocalSocketAddress(),
                                transport.getRemoteSocketAddress(),
                                e));
    }

    /// Everything was said: closes it in order.
    void finish() {
        finished = true;
        try {
            socket.close();
        } catch (IOException _) {
            abort(transport); // the answer is there all the same
        }
    }

    @Override
    public void close() {
        if (!finished) {
            abort(transport);
        }
    }

    /// Closes without a farewell, never waiting.
    static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException _) {
            // closed already, by an interruption
        }
        try {
            socket.close();
        } catch (IOException _) {
            // there is nothing more to close
        }
    }
}
