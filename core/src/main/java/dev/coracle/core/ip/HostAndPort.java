// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.ip;

/// A host with a port.
public final class HostAndPort {
    private HostAndPort() {}

    /// `10.1.0.5:80`, `web:80`, `[::1]:80`
    public static String text(String host, int port) {
        return text(host, Integer.toString(port));
    }

    /// As above, for a port as it is written.
    public static String text(String host, String port) {
        return (IpAddress.isV6(host) ? "[" + host + "]" : host) + ":" + port;
    }
}
