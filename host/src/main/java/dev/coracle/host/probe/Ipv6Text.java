// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

/// The short form of an IPv6 address (RFC 5952): `::1`.
final class Ipv6Text {
    private static final int GROUPS = 8;

    private Ipv6Text() {}

    static String of(byte[] address) {
        int from = -1;
        int length = 1; // one group alone is not shortened
        for (int i = 0; i < GROUPS; i++) {
            int zeros = zerosAt(address, i);
            if (zeros > length) {
                from = i;
                length = zeros;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == from) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(group(address, i)));
            }
        }
        return text.toString();
    }

    private static int zerosAt(byte[] address, int index) {
        int zeros = 0;
        while (index + zeros < GROUPS && group(address, index + zeros) == 0) {
            zeros++;
        }
        return zeros;
    }

    private static int group(byte[] address, int index) {
        return ((address[2 * index] & 0xff) << 8) | (address[2 * index + 1] & 0xff);
    }
}
