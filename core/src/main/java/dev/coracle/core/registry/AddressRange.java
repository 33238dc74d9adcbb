// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

/// The addresses of an IPv4 network that may be given away: all but its own and the broadcast
/// address. Addresses are numbers here, unsigned in the lower 32 bits.
record AddressRange(long first, long last) {
    private static final int BITS = 32;
    private static final int LONGEST_PREFIX = 30;
    private static final int OCTET = 8;
    private static final int OCTET_MASK = 0xff;

    /// @throws IllegalArgumentException unless `cidr` is like 10.96.0.0/12, with room for two
    static AddressRange of(String cidr) {
        var parts = cidr.split("/", -1);
        if (parts.length != 2 || !isAddress(parts[0]) || !parts[1].matches("[0-9]{1,2}")) {
            throw new IllegalArgumentException("\"%s\" is not a network of IPv4".formatted(cidr));
        }
        int prefix = Integer.parseInt(parts[1]);
        if (prefix > LONGEST_PREFIX) {
            throw new IllegalArgumentException(
                    "\"%s\" has no room: at most /%d".formatted(cidr, LONGEST_PREFIX));
        }
        long size = 1L << (BITS - prefix);
        long network = number(parts[0]) & -size;
        return new AddressRange(network + 1, network + size - 2);
    }

    long size() {
        return last - first + 1;
    }

    boolean contains(String address) {
        return isAddress(address) && number(address) >= first && number(address) <= last;
    }

    /// The address at `index`, from 0.
    String at(long index) {
        var text = new StringBuilder();
        for (int shift = BITS - OCTET; shift >= 0; shift -= OCTET) {
            text.append((first + index) >> shift & OCTET_MASK).append(shift == 0 ? "" : ".");
        }
        return text.toString();
    }

    private static boolean isAddress(String text) {
        return text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    }

    private static long number(String address) {
        long number = 0;
        for (var octet : address.split("\\.", -1)) {
            number = number << OCTET | Integer.parseInt(octet);
        }
        return number;
    }
}
