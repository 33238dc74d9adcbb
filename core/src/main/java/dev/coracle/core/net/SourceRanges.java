// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// A set of IPv4 addresses, at least one. Two that hold the same addresses are equal, however they
/// were written: `spans` are sorted, and between two of them there is always an address that
/// belongs to neither.
///
/// `10.0.1.0/24`, `10.0.0.0/24` and `10.0.0.7/32` are the span `10.0.0.0-10.0.1.255`.
public record SourceRanges(List<Span> spans) {
    private static final long MOST = 0xffff_ffffL;

    /// All addresses from `first` to `last`, which are unsigned numbers of 32 bits.
    public record Span(long first, long last) {
        public Span {
            if (first < 0 || first > last || last > MOST) {
                throw new IllegalArgumentException("not a span: %d-%d".formatted(first, last));
            }
        }

        /// What `cidr` means, as `10.0.0.0/8` or an address alone, whose host bits count for
        /// nothing.
        ///
        /// @throws IllegalArgumentException if it is none of IPv4
        public static Span of(String cidr) {
            var range = IpRange.of(cidr.indexOf('/') < 0 ? cidr + "/32" : cidr);
            if (range.base().v6()) {
                throw new IllegalArgumentException("\"" + cidr + "\" is not of IPv4");
            }
            long hosts = MOST >>> range.prefix();
            return new Span(range.base().low() & ~hosts, range.base().low() | hosts);
        }

        /// `10.0.0.0-10.0.1.255`
        @Override
        public String toString() {
            return text(first) + "-" + text(last);
        }

        private static String text(long address) {
            return new IpAddress(false, 0, address).toString();
        }
    }

    public SourceRanges {
        if (spans.isEmpty()) {
            throw new IllegalArgumentException("ranges without any address");
        }
        spans = merged(spans);
    }

    /// All addresses in any of `cidrs`.
    ///
    /// @throws IllegalArgumentException if there is none, or one that is not of IPv4
    public static SourceRanges of(Collection<String> cidrs) {
        return new SourceRanges(cidrs.stream().map(Span::of).toList());
    }

    private static List<Span> merged(List<Span> spans) {
        var merged = new ArrayList<Span>();
        for (var span : spans.stream().sorted(Comparator.comparingLong(Span::first)).toList()) {
            var before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && span.first() <= before.last() + 1) {
                long last = Math.max(before.last(), span.last());
                merged.set(merged.size() - 1, new Span(before.first(), last));
            } else {
                merged.add(span);
            }
        }
        return List.copyOf(merged);
    }

    /// These and `further` addresses.
    SourceRanges with(Collection<String> further) {
        var all = new ArrayList<>(spans);
        further.forEach(ip -> all.add(Span.of(ip)));
        return new SourceRanges(all);
    }

    boolean isEverybody() {
        return spans.equals(List.of(new Span(0, MOST)));
    }

    /// Never for an address that is not of IPv4.
    public boolean contains(String ip) {
        var address = IpAddress.parse(ip).filter(it -> !it.v6());
        return address.isPresent() && contains(address.get().low());
    }

    private boolean contains(long address) {
        return spans.stream().anyMatch(it -> it.first() <= address && address <= it.last());
    }

    /// `10.0.0.0-10.0.1.255, 192.0.2.1-192.0.2.1`
    @Override
    public String toString() {
        return spans.stream().map(Span::toString).collect(Collectors.joining(", "));
    }
}
