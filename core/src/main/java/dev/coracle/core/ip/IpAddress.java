// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.ip;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// An address of IPv4 or IPv6, as a number: `high` and `low` are its upper and lower 64 bits, and
/// one of IPv4 is in the lower 32.
///
/// No name is ever looked up. An IPv4 address that is written as one of IPv6 (`::ffff:10.0.0.1`) is
/// that IPv4 address.
public record IpAddress(boolean v6, long high, long low) implements Comparable<IpAddress> {
    private static final Pattern V4 =
            Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int GROUPS = 8;
    private static final long MAPPED = 0xffffL;

    /// The address that `text` is, if it is one. A part of an IPv4 address that has a zero too many
    /// is none, because others read it as an octal number.
    public static Optional<IpAddress> parse(String text) {
        return isV6(text) ? parseV6(text) : parseV4(text);
    }

    /// Whether `text`, where it is an address, is written as one of IPv6.
    public static boolean isV6(String text) {
        return text.indexOf(':') >= 0;
    }

    private static Optional<IpAddress> parseV4(String text) {
        if (!V4.matcher(text).matches()) {
            return Optional.empty();
        }
        long value = 0;
        for (var part : text.split("\\.")) {
            int number = Integer.parseInt(part);
            if (number > 0xff) {
                return Optional.empty();
            }
            value = value << Byte.SIZE | number;
        }
        return Optional.of(new IpAddress(false, 0, value));
    }

    private static Optional<IpAddress> parseV6(String text) {
        int gap = text.indexOf("::");
        var before = new ArrayList<Integer>();
        var after = new ArrayList<Integer>();
        boolean whole =
                gap < 0
                        ? groups(text, before, true)
                        : groups(text.substring(0, gap), before, false)
                                && groups(text.substring(gap + 2), after, true);
        int given = before.size() + after.size();
        if (!whole || (gap < 0 ? given != GROUPS : given >= GROUPS)) {
            return Optional.empty();
        }
        while (before.size() + after.size() < GROUPS) {
            before.add(0);
        }
        before.addAll(after);
        return Optional.of(ofGroups(before));
    }

    /// Adds the groups that `text` holds, none when it is empty; false if it holds anything else.
    /// The `last` ones may be written as an IPv4 address.
    private static boolean groups(String text, List<Integer> into, boolean last) {
        if (text.isEmpty()) {
            return true;
        }
        var parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (GROUP.matcher(parts[i]).matches()) {
                into.add(Integer.parseInt(parts[i], 16));
                continue;
            }
            var tail =
                    last && i == parts.length - 1 ? parseV4(parts[i]) : Optional.<IpAddress>empty();
            if (tail.isEmpty()) {
                return false;
            }
            into.add((int) (tail.get().low >> Short.SIZE));
            into.add((int) (tail.get().low & 0xffff));
        }
        return true;
    }

    private static IpAddress ofGroups(List<Integer> groups) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < GROUPS; i++) {
            if (i < GROUPS / 2) {
                high = high << Short.SIZE | groups.get(i);
            } else {
                low = low << Short.SIZE | groups.get(i);
            }
        }
        boolean mapped = high == 0 && low >>> Integer.SIZE == MAPPED;
        return mapped
                ? new IpAddress(false, 0, low & 0xffff_ffffL)
                : new IpAddress(true, high, low);
    }

    /// Four or sixteen, the most significant first.
    public byte[] bytes() {
        return v6
                ? ByteBuffer.allocate(V6_BYTES).putLong(high).putLong(low).array()
                : ByteBuffer.allocate(V4_BYTES).putInt((int) low).array();
    }

    @Override
    public int compareTo(IpAddress other) {
        if (v6 != other.v6) {
            return v6 ? 1 : -1;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /// `10.96.0.10`, or all eight groups of an IPv6 address.
    @Override
    public String toString() {
        var text = new StringBuilder();
        var bytes = ByteBuffer.wrap(bytes());
        while (bytes.hasRemaining()) {
            text.append(text.isEmpty() ? "" : v6 ? ":" : ".")
                    .append(
                            v6
                                    ? Integer.toHexString(bytes.getShort() & 0xffff)
                                    : Integer.toString(bytes.get() & 0xff));
        }
        return text.toString();
    }
}
