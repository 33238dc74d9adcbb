// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.util.Collection;
import java.util.regex.Pattern;

/// The IPv4 network that pods get their addresses from.
///
/// `address` is the network address as an unsigned number; `prefixLength` is between 8 and 28, so
/// that there is room for pods.
record PodNetwork(int address, int prefixLength) {
    private static final Pattern CIDR =
            Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");
    private static final int SHORTEST_PREFIX = 8;
    private static final int LONGEST_PREFIX = 28;
    private static final int BYTE = 0xff;

    /// @throws IllegalArgumentException naming the flag and what is wrong with its value
    static PodNetwork parse(String cidr) {
        var matcher = CIDR.matcher(cidr);
        if (!matcher.matches()) {
            throw wrong(cidr, "is not an IPv4 network like " + NodeConfig.DEFAULT_POD_CIDR);
        }
        int address = 0;
        for (int i = 1; i <= 4; i++) {
            int part = Integer.parseInt(matcher.group(i));
            if (part > BYTE) {
                throw wrong(cidr, "is not an IPv4 network like " + NodeConfig.DEFAULT_POD_CIDR);
            }
            address = address << 8 | part;
        }
        int prefixLength = Integer.parseInt(matcher.group(5));
        if (prefixLength < SHORTEST_PREFIX || prefixLength > LONGEST_PREFIX) {
            throw wrong(
                    cidr,
                    "has a prefix that is not between %d and %d"
                            .formatted(SHORTEST_PREFIX, LONGEST_PREFIX));
        }
        var network = new PodNetwork(address & mask(prefixLength), prefixLength);
        if (network.address != address) {
            throw wrong(cidr, "has host bits set; the network is " + network);
        }
        return network;
    }

    /// The first network of the shape 10.244.N.0/24, N from 1, that overlaps none of `taken`:
    /// several short-lived nodes can so run beside a lasting one.
    ///
    /// @throws IllegalStateException if all are taken
    static PodNetwork free(Collection<PodNetwork> taken) {
        for (int n = 1; n <= BYTE; n++) {
            var candidate = parse("10.244.%d.0/24".formatted(n));
            if (taken.stream().noneMatch(candidate::overlaps)) {
                return candidate;
            }
        }
        throw new IllegalStateException(
                "every network from 10.244.1.0/24 to 10.244.255.0/24 is in use on this machine;"
                        + " name another with --pod-cidr");
    }

    boolean overlaps(PodNetwork other) {
        int mask = mask(Math.min(prefixLength, other.prefixLength));
        return (address & mask) == (other.address & mask);
    }

    private static int mask(int prefixLength) {
        return prefixLength == 0 ? 0 : -1 << (Integer.SIZE - prefixLength);
    }

    private static IllegalArgumentException wrong(String cidr, String what) {
        return new IllegalArgumentException("--pod-cidr: \"%s\" %s".formatted(cidr, what));
    }

    @Override
    public String toString() {
        return "%d.%d.%d.%d/%d"
                .formatted(
                        address >>> 24,
                        address >>> 16 & BYTE,
                        address >>> 8 & BYTE,
                        address & BYTE,
                        prefixLength);
    }
}
