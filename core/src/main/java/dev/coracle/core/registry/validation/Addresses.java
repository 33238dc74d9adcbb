// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Fields that hold addresses. From v1.36 on they are read strictly: what one program takes for
/// another address than the next is refused (the feature gate StrictIPCIDRValidation).
///
/// <https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/>
final class Addresses {
    /// Zeros before further digits in a part of an IPv4 address, or in a prefix.
    private static final Pattern LEADING_ZEROS = Pattern.compile("(?<![0-9a-fA-F:])0+(?=[0-9])");

    private static final List<IpAddress> UNSPECIFIED =
            List.of(new IpAddress(false, 0, 0), new IpAddress(true, 0, 0));
    private static final List<IpRange> LOOPBACK = ranges("127.0.0.0/8", "::1/128");
    private static final List<IpRange> LINK_LOCAL = ranges("169.254.0.0/16", "fe80::/10");

    /// The scope is in the last four bits of an IPv6 group; those before it are flags.
    private static final List<IpRange> LINK_LOCAL_MULTICAST =
            ranges("224.0.0.0/24", "ff02::/16", "ff12::/16", "ff32::/16", "ff72::/16");

    private Addresses() {}

    private static List<IpRange> ranges(String... cidrs) {
        return List.of(cidrs).stream().map(IpRange::of).toList();
    }

    /// Returns the address, if it is one.
    static Optional<IpAddress> check(String text, String path, Causes causes) {
        var address = IpAddress.parse(text);
        if (address.isEmpty()) {
            causes.invalid(
                    path,
                    text,
                    IpAddress.parse(withoutZeros(text)).isPresent()
                            ? "must not have leading 0s"
                            : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        } else if (isMapped(text, address.get())) {
            causes.invalid(path, text, "must not be an IPv4-mapped IPv6 address");
            return Optional.empty();
        }
        return address;
    }

    /// Addresses that mean something special are no use outside of it. `text` is how the field has
    /// it.
    ///
    /// <https://kubernetes.io/docs/concepts/services-networking/service/>
    static void checkOrdinary(IpAddress address, String text, String path, Causes causes) {
        if (UNSPECIFIED.contains(address)) {
            causes.invalid(path, text, "may not be unspecified (0.0.0.0 or ::)");
        }
        if (isIn(LOOPBACK, address)) {
            causes.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        if (isIn(LINK_LOCAL, address)) {
            causes.invalid(
                    path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        if (isIn(LINK_LOCAL_MULTICAST, address)) {
            causes.invalid(
                    path,
                    text,
                    "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }

    private static boolean isIn(List<IpRange> ranges, IpAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    /// An address, a slash and how many of its bits name the network.
    static void checkNetwork(String network, String path, Causes causes) {
        var range = IpRange.parse(network);
        var base = network.substring(0, Math.max(0, network.indexOf('/')));
        if (IpAddress.parse(base).filter(it -> isMapped(base, it)).isPresent()) {
            causes.invalid(path, network, "must not have an IPv4-mapped IPv6 address");
        } else if (range.isEmpty()) {
            causes.invalid(
                    path,
                    network,
                    IpRange.parse(withoutZeros(network)).isPresent()
                            ? "must not have leading 0s in IP or prefix length"
                            : "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        } else if (!range.get().startsAtBase()) {
            causes.invalid(path, network, "must not have bits set beyond the prefix length");
        }
    }

    private static String withoutZeros(String text) {
        return LEADING_ZEROS.matcher(text).replaceAll("");
    }

    /// Whether an IPv4 address is written as one of IPv6.
    private static boolean isMapped(String text, IpAddress address) {
        return !address.v6() && IpAddress.isV6(text);
    }

    static boolean isV4(String address) {
        return IpAddress.parse(address).filter(it -> !it.v6()).isPresent();
    }

    static boolean isV6(String address) {
        return IpAddress.parse(address).filter(IpAddress::v6).isPresent();
    }
}
