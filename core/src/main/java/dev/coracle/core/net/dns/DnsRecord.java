// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import dev.coracle.core.ip.IpAddress;

/// One record of class IN. All names are absolute, with their last dot.
public record DnsRecord(String owner, long ttlSeconds, Data data) {

    /// What it says; the variant is its type.
    public sealed interface Data {}

    /// A or AAAA.
    public record Address(IpAddress address) implements Data {}

    public record Srv(int priority, int weight, int port, String target) implements Data {}

    public record Ptr(String target) implements Data {}

    public record Cname(String target) implements Data {}

    public record Ns(String target) implements Data {}

    public record Txt(String text) implements Data {}

    /// Times are seconds; `minimum` is how long a denial may be remembered.
    public record Soa(
            String server,
            String mailbox,
            long serial,
            long refresh,
            long retry,
            long expire,
            long minimum)
            implements Data {}
}
