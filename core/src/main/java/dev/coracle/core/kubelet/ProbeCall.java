// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Duration;
import java.util.List;

/// One question over the network, everything resolved: no port has a name any more, and `host` is
/// what the connection goes to. Each makes a connection of its own.
public sealed interface ProbeCall {
    Duration timeout();

    /// A GET. `path` may carry a query and is as the field has it; `headers` are all that are sent
    /// beside those that HTTP itself needs, in order; one called `Host` replaces the host of the
    /// request (not of the connection). A redirect to the same host is followed, another one is the
    /// answer. [ProbeReply.Http]
    record HttpGet(
            Scheme scheme,
            String host,
            int port,
            String path,
            List<Header> headers,
            Duration timeout)
            implements ProbeCall {
        public HttpGet {
            headers = List.copyOf(headers);
        }
    }

    enum Scheme {
        HTTP,
        /// Certificates are not verified.
        HTTPS
    }

    record Header(String name, String value) {}

    /// A connection, closed at once. [ProbeReply.Connected]
    record TcpConnect(String host, int port, Duration timeout) implements ProbeCall {}

    /// `grpc.health.v1.Health/Check` in clear text; `service` may be empty. [ProbeReply.Grpc]
    record GrpcCheck(String host, int port, String service, Duration timeout)
            implements ProbeCall {}
}
