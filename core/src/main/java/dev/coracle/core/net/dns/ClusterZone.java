// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import java.util.List;

/// What the cluster has names for: everything below `domain` (such as `cluster.local`), and the
/// addresses in `ranges`, those of pods and of services. `server` is the address at which clients
/// ask.
public record ClusterZone(String domain, IpAddress server, List<IpRange> ranges) {
    public ClusterZone {
        ranges = List.copyOf(ranges);
        if (domain.isEmpty() || domain.startsWith(".") || domain.endsWith(".")) {
            throw new IllegalArgumentException("\"" + domain + "\" is not a domain");
        }
    }

    boolean has(IpAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }
}
