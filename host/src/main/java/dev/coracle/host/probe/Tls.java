// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.host.certs.UnverifiedTls;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// TLS that believes every server.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
final class Tls {
    private static final Pattern ALERT = Pattern.compile("fatal alert: (\\w+)");
    private static final String NO_TLS = "Unsupported or unrecognized SSL message";

    /// Where Go's name of an alert is not the standard's.
    private static final Map<String, String> ALERTS =
            Map.ofEntries(
                    Map.entry("bad_record_mac", "bad record MAC"),
                    Map.entry("certificate_revoked", "revoked certificate"),
                    Map.entry("certificate_expired", "expired certificate"),
                    Map.entry("certificate_unknown", "unknown certificate"),
                    Map.entry("unknown_ca", "unknown certificate authority"),
                    Map.entry("decode_error", "error decoding message"),
                    Map.entry("decrypt_error", "error decrypting message"),
                    Map.entry("protocol_version", "protocol version not supported"),
                    Map.entry("insufficient_security", "insufficient security level"),
                    Map.entry("unknown_psk_identity", "unknown PSK identity"),
                    Map.entry("no_application_protocol", "no application protocol"));

    private final SSLSocketFactory sockets;

    Tls() {
        var context = UnverifiedTls.context();
        // Each check is a whole handshake, as upstream's; sessions would only take memory.
        context.getClientSessionContext().setSessionCacheSize(1);
        context.getClientSessionContext().setSessionTimeout(1);
        sockets = context.getSocketFactory();
    }

    /// Shakes hands with the server at the other end of `transport`; closes it if that fails.
    Connection over(NotedSocket transport, String host) throws CheckFailed {
        var local = transport.getLocalSocketAddress();
        var remote = transport.getRemoteSocketAddress();
        try {
            var socket =
                    (SSLSocket) sockets.createSocket(transport, host, transport.getPort(), true);
            var parameters = socket.getSSLParameters();
            parameters.setServerNames(names(host));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new Connection(transport, socket);
        } catch (IOException e) {
            Connection.abort(transport);
            throw new CheckFailed(
                    words(
                            e,
                            transport.receivedHttp(),
                            failure ->
                                    GoWords.transfer(
                                            isOfWriting(failure) ? "write" : "read",
                                            local,
                                            remote,
                                            failure)));
        }
    }

    /// The name that the server is asked for; an address is no name.
    private static List<SNIServerName> names(String host) {
        try {
            InetAddress.ofLiteral(host);
            return List.of();
        } catch (IllegalArgumentException _) {
            return name(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
        }
    }

    private static List<SNIServerName> name(String host) {
        try {
            return List.of(new SNIHostName(host));
        } catch (IllegalArgumentException _) {
            return List.of();
        }
    }

    private static boolean isOfWriting(IOException failure) {
        return "Broken pipe".equals(failure.getMessage());
    }

    private static String words(
            IOException failure, boolean receivedHttp, Function<IOException, String> ofSockets) {
        if (failure instanceof EOFException || failure.getCause() instanceof EOFException) {
            return "EOF";
        }
        if (failure.getCause() instanceof SocketException cause) {
            return ofSockets.apply(cause);
        }
        if (failure instanceof SSLException tls) {
            return receivedHttp && String.valueOf(tls.getMessage()).contains(NO_TLS)
                    ? "http: server gave HTTP response to HTTPS client"
                    : words(tls);
        }
        return ofSockets.apply(failure);
    }

    /// `remote error: tls: handshake failure`
    static String words(SSLException failure) {
        var message = String.valueOf(failure.getMessage());
        var alert = ALERT.matcher(message);
        if (alert.find()) {
            return "remote error: tls: "
                    + ALERTS.getOrDefault(alert.group(1), alert.group(1).replace('_', ' '));
        }
        return "tls: "
                + (message.contains(NO_TLS)
                        ? "first record does not look like a TLS handshake"
                        : message);
    }
}
