// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import dev.coracle.core.ip.IpAddress;
import java.util.List;
import java.util.Optional;

/// Names of addresses, for reverse lookups.
///
/// <https://www.rfc-editor.org/rfc/rfc1035#section-3.5> and
/// <https://www.rfc-editor.org/rfc/rfc3596#section-2.5>
final class ReverseNames {
    private static final String V4 = ".in-addr.arpa.";
    private static final String V6 = ".ip6.arpa.";
    private static final int V4_BYTES = 4;
    private static final int V6_NIBBLES = 32;

    private ReverseNames() {}

    /// The address whose name is `name`, such as `10.0.96.10.in-addr.arpa.`, in lower case.
    static Optional<IpAddress> address(String name) {
        if (name.endsWith(V4)) {
            var parts = labels(name, V4);
            return parts.size() == V4_BYTES
                    ? IpAddress.parse(String.join(".", parts.reversed()))
                    : Optional.empty();
        }
        if (!name.endsWith(V6)) {
            return Optional.empty();
        }
        var nibbles = labels(name, V6);
        if (nibbles.size() != V6_NIBBLES
                || nibbles.stream().anyMatch(nibble -> nibble.length() != 1)) {
            return Optional.empty();
        }
        var text = new StringBuilder();
        for (var nibble : nibbles.reversed()) {
            text.append(text.length() % 5 == 4 ? ":" : "").append(nibble);
        }
        return IpAddress.parse(text.toString());
    }

    private static List<String> labels(String name, String suffix) {
        return List.of(name.substring(0, name.length() - suffix.length()).split("\\.", -1));
    }
}
