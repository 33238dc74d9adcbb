// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import java.util.Comparator;

/// Where a packet is sent in the end: an IPv4 address and a port.
public record Endpoint(String ip, int port) implements Comparable<Endpoint> {
    private static final Comparator<Endpoint> ORDER =
            Comparator.comparing(Endpoint::ip).thenComparingInt(Endpoint::port);

    @Override
    public int compareTo(Endpoint other) {
        return ORDER.compare(this, other);
    }

    /// `10.244.0.7:8080`
    @Override
    public String toString() {
        return ip + ":" + port;
    }
}
