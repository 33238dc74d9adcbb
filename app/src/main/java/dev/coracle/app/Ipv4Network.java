// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.util.Collection;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// An IPv4 network: `address` is its own address as an unsigned number.
record Ipv4Network(int address, int prefixLength) {
    private static final Pattern CIDR =
            Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");
    private static final String PODS = "--pod-cidr";
    private static final String SERVICES = "--service-cidr";
    private static final int LONGEST_PREFIX = 28;
    private static final int BYTE = 0xff;

    /// The network that pods get their addresses from, with room for some.
    ///
    /// @throws IllegalArgumentException naming the flag and what is wrong with its value
    static Ipv4Network ofPods(String cidr) {
        return parse(PODS, cidr, NodeConfig.DEFAULT_POD_CIDR, 8);
    }

    /// The network that services get their addresses from. Upstream, too, has none that is larger
    /// than its default.
    ///
    /// @throws IllegalArgumentException naming the flag and what is wrong with its value
    static Ipv4Network ofServices(String cidr) {
        return parse(SERVICES, cidr, NodeConfig.DEFAULT_SERVICE_CIDR, 12);
    }

    private static Ipv4Network parse(String flag, String cidr, String example, int shortestPrefix) {
        var matcher = CIDR.matcher(cidr);
        if (!matcher.matches()) {
            throw wrong(flag, cidr, "is not an IPv4 network like " + example);
        }
        int address = 0;
        for (int i = 1; i <= 4; i++) {
            int part = Integer.parseInt(matcher.group(i));
            if (part > BYTE) {
                throw wrong(flag, cidr, "is not an IPv4 network like " + example);
            }
            address = address << 8 | part;
        }
        int prefixLength = Integer.parseInt(matcher.group(5));
        if (prefixLength < shortestPrefix || prefixLength > LONGEST_PREFIX) {
            throw wrong(
                    flag,
                    cidr,
                    "has a prefix that is not between %d and %d"
                            .formatted(shortestPrefix, LONGEST_PREFIX));
        }
        var network = new Ipv4Network(address & mask(prefixLength), prefixLength);
        if (network.address != address) {
            throw wrong(flag, cidr, "has host bits set; the network is " + network);
        }
        return network;
    }

    /// The first network of the shape 10.244.N.0/24, N from 1, that overlaps none of `taken` and
    /// that `claim` gets: several short-lived nodes can so run beside a lasting one.
    ///
    /// @throws IOException if all are taken
    static Ipv4Network freeForPods(Collection<Ipv4Network> taken, Predicate<Ipv4Network> claim)
            throws IOException {
        return free(PODS, taken, claim, n -> new Ipv4Network(10 << 24 | 244 << 16 | n << 8, 24), 1);
    }

    /// The first of the networks 10.112.0.0/20, 10.112.16.0/20, … that overlaps none of `taken`
    /// and that `claim` gets: they begin where the network of a lasting node ends.
    ///
    /// @throws IOException if all are taken
    static Ipv4Network freeForServices(Collection<Ipv4Network> taken, Predicate<Ipv4Network> claim)
            throws IOException {
        return free(
                SERVICES,
                taken,
                claim,
                n -> new Ipv4Network((10 << 24 | 112 << 16) + (n << 12), 20),
                0);
    }

    private static Ipv4Network free(
            String flag,
            Collection<Ipv4Network> taken,
            Predicate<Ipv4Network> claim,
            IntFunction<Ipv4Network> candidate,
            int first)
            throws IOException {
        return IntStream.rangeClosed(first, BYTE)
                .mapToObj(candidate)
                .filter(network -> taken.stream().noneMatch(network::overlaps))
                .filter(claim)
                .findFirst()
                .orElseThrow(
                        () ->
                                new IOException(
                                        "every network from %s to %s is in use on this machine; name another with %s"
                                                .formatted(
                                                        candidate.apply(first),
                                                        candidate.apply(BYTE),
                                                        flag)));
    }

    boolean overlaps(Ipv4Network other) {
        int mask = mask(Math.min(prefixLength, other.prefixLength));
        return (address & mask) == (other.address & mask);
    }

    /// The address that is `number` above the network's own: `10.244.0.1` for 1.
    String host(int number) {
        return text(address + number);
    }

    /// Its first address as a number that is not negative.
    long first() {
        return Integer.toUnsignedLong(address);
    }

    /// How many addresses it has.
    long size() {
        return 1L << (Integer.SIZE - prefixLength);
    }

    private static int mask(int prefixLength) {
        return prefixLength == 0 ? 0 : -1 << (Integer.SIZE - prefixLength);
    }

    private static IllegalArgumentException wrong(String flag, String cidr, String what) {
        return new IllegalArgumentException("%s: \"%s\" %s".formatted(flag, cidr, what));
    }

    private static String text(int address) {
        return "%d.%d.%d.%d"
                .formatted(
                        address >>> 24,
                        address >>> 16 & BYTE,
                        address >>> 8 & BYTE,
                        address & BYTE);
    }

    @Override
    public String toString() {
        return text(address) + "/" + prefixLength;
    }
}
