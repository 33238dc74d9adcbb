// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.ip.HostAndPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes connections. No proxy is ever asked.
final class Dialer {
    private final Names names = new Names();

    /// Connects to the first address of `host` that accepts; where there are several, each gets an
    /// equal part of `timeout`.
    ///
    /// @throws CheckFailed if none does, with what came of the first
    Socket connect(String host, int port, Duration timeout)
            throws CheckFailed, InterruptedException {
        return connect(host, port, timeout, () -> new Socket(Proxy.NO_PROXY));
    }

    /// The same with a socket of another kind.
    <S extends Socket> S connect(String host, int port, Duration timeout, Supplier<S> sockets)
            throws CheckFailed, InterruptedException {
        var addresses = lookup(host);
        var patience = addresses.length == 1 ? Duration.ZERO : timeout.dividedBy(addresses.length);
        @Nullable CheckFailed first = null;
        for (var address : addresses) {
            try {
                return connect(sockets.get(), new InetSocketAddress(address, port), patience);
            } catch (CheckFailed e) {
                first = first == null ? e : first;
            }
        }
        throw first == null
                ? new CheckFailed("dial tcp: lookup " + host + ": no such host")
                : first;
    }

    private InetAddress[] lookup(String host) throws CheckFailed, InterruptedException {
        try {
            return names.lookup(host);
        } catch (UnknownHostException e) {
            throw new CheckFailed(GoWords.lookup(host, e));
        }
    }

    /// With a patience of zero, waits until interrupted.
    private static <S extends Socket> S connect(S socket, InetSocketAddress to, Duration patience)
            throws CheckFailed {
        try {
            socket.connect(to, (int) patience.toMillis());
            return socket;
        } catch (IOException e) {
            Connection.abort(socket);
            throw new CheckFailed(
                    e instanceof SocketTimeoutException
                            ? "dial tcp "
                                    + HostAndPort.text(
                                            GoWords.literal(to.getAddress()), to.getPort())
                                    + ": i/o timeout"
                            : GoWords.dial(to, e));
        }
    }
}
