// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import java.util.Arrays;
import java.util.regex.Pattern;

/// Addresses of IPv4 and IPv6, as texts; no name is ever looked up.
final class Addresses {
    private static final Pattern V4 =
            Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern GROUPS =
            Pattern.compile("([0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*)?");
    private static final int GROUP_COUNT = 8;

    private Addresses() {}

    static void check(String address, String path, Causes causes) {
        if (!isV4(address) && !isV6(address)) {
            causes.invalid(
                    path, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }

    static boolean isV4(String address) {
        return V4.matcher(address).matches()
                && Arrays.stream(address.split("\\.", -1))
                        .allMatch(part -> Integer.parseInt(part) < 256);
    }

    static boolean isV6(String address) {
        var text = address;
        int tail = text.lastIndexOf(':');
        if (tail >= 0 && text.indexOf('.') > tail) {
            if (!isV4(text.substring(tail + 1))) {
                return false;
            }
            text = text.substring(0, tail + 1) + "0:0";
        }
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text) == GROUP_COUNT;
        }
        int before = groups(text.substring(0, gap));
        int after = groups(text.substring(gap + 2));
        return before >= 0 && after >= 0 && before + after < GROUP_COUNT;
    }

    /// How many groups `text` holds, -1 if it is not made of groups.
    private static int groups(String text) {
        if (!GROUPS.matcher(text).matches()) {
            return -1;
        }
        return text.isEmpty() ? 0 : text.split(":", -1).length;
    }
}
