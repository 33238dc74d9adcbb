// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.view.Service.Protocol;

/// What a packet may be sent to. Those on the node come first, then addresses in the order of their
/// text.
public sealed interface Destination extends Comparable<Destination> {

    /// An IPv4 address and a port.
    record At(String ip, Protocol protocol, int port) implements Destination {
        public At {
            if (ip.isEmpty()) {
                throw new IllegalArgumentException("an address is not empty");
            }
        }
    }

    /// A port on whichever address of this node.
    record OnNode(Protocol protocol, int port) implements Destination {
        @Override
        public String ip() {
            return "";
        }
    }

    /// Empty for any address of this node.
    String ip();

    Protocol protocol();

    int port();

    @Override
    default int compareTo(Destination other) {
        int byIp = ip().compareTo(other.ip());
        int byProtocol = protocol().compareTo(other.protocol());
        return byIp != 0
                ? byIp
                : byProtocol != 0 ? byProtocol : Integer.compare(port(), other.port());
    }
}
