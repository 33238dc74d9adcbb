// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.ip;

import java.util.Optional;

/// All addresses that share the first `prefix` bits of `base`.
public record IpRange(IpAddress base, int prefix) {
    public IpRange {
        if (prefix < 0 || prefix > bits(base)) {
            throw new IllegalArgumentException(base + " cannot have a prefix of " + prefix);
        }
    }

    /// Reads such as `10.96.0.0/12`.
    ///
    /// @throws IllegalArgumentException if `cidr` is anything else
    public static IpRange of(String cidr) {
        return parse(cidr)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "\"" + cidr + "\" is not a range of addresses"));
    }

    /// What `cidr` is, if it is an address, a slash and as many bits as such an address may have.
    public static Optional<IpRange> parse(String cidr) {
        int slash = cidr.indexOf('/');
        if (slash < 0 || !cidr.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
            return Optional.empty();
        }
        int prefix = Integer.parseInt(cidr.substring(slash + 1));
        return IpAddress.parse(cidr.substring(0, slash))
                .filter(base -> prefix <= bits(base))
                .map(base -> new IpRange(base, prefix));
    }

    private static int bits(IpAddress address) {
        return address.v6() ? 2 * Long.SIZE : Integer.SIZE;
    }

    /// Whether `base` is the first of these addresses.
    public boolean startsAtBase() {
        return isZeroAfter(upper(base), Math.min(prefix, Long.SIZE))
                && isZeroAfter(lower(base), Math.max(0, prefix - Long.SIZE));
    }

    private static boolean isZeroAfter(long number, int bits) {
        return bits == Long.SIZE || number << bits == 0;
    }

    public boolean contains(IpAddress address) {
        return address.v6() == base.v6()
                && same(upper(base), upper(address), Math.min(prefix, Long.SIZE))
                && same(lower(base), lower(address), Math.max(0, prefix - Long.SIZE));
    }

    private static boolean same(long one, long other, int bits) {
        return bits == 0 || (one ^ other) >>> (Long.SIZE - bits) == 0;
    }

    /// The first 64 bits of an address, or all of one that has fewer.
    private static long upper(IpAddress address) {
        return address.v6() ? address.high() : address.low() << Integer.SIZE;
    }

    private static long lower(IpAddress address) {
        return address.v6() ? address.low() : 0;
    }
}
