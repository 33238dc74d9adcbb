// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// Writes what certificates are made of, in the Distinguished Encoding Rules: a tag, a length, then
/// the content, in which further values may lie.
///
/// ```
/// sequence(integer(1), bool(true))   30 06  02 01 01  01 01 FF
/// ```
///
/// A library for this is as large as the rest of the program, and was felt at every first start.
///
/// <https://www.rfc-editor.org/rfc/rfc5280#appendix-A>
final class Der {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int EXPLICIT = 0xA0;
    private static final int IMPLICIT = 0x80;

    /// From this year on, times have four digits for it.
    private static final int LONG_YEARS_FROM = 2050;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Der() {}

    static byte[] sequence(byte[]... parts) {
        return value(SEQUENCE, joined(List.of(parts)));
    }

    static byte[] sequence(List<byte[]> parts) {
        return value(SEQUENCE, joined(parts));
    }

    static byte[] integer(BigInteger number) {
        return value(INTEGER, number.toByteArray());
    }

    static byte[] bool(boolean truth) {
        return value(BOOLEAN, new byte[] {(byte) (truth ? 0xFF : 0)});
    }

    static byte[] octets(byte[] content) {
        return value(OCTET_STRING, content);
    }

    /// All bits of `content`.
    static byte[] bits(byte[] content) {
        return value(BIT_STRING, joined(List.of(new byte[] {0}, content)));
    }

    /// Bits that have names: `flags` has the first of them on top. Zeros at the end are left out.
    static byte[] namedBits(int flags) {
        return value(
                BIT_STRING, new byte[] {(byte) Integer.numberOfTrailingZeros(flags), (byte) flags});
    }

    /// `dotted` is such as `2.5.29.17`.
    static byte[] identifier(String dotted) {
        var arcs = dotted.split("\\.", -1);
        var content = new ByteArrayOutputStream();
        content.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            writeArc(Integer.parseInt(arcs[i]), content);
        }
        return value(OBJECT_IDENTIFIER, content.toByteArray());
    }

    /// Seven bits a byte, all but the last marked by the eighth.
    private static void writeArc(int arc, ByteArrayOutputStream content) {
        for (int shift = 28; shift > 0; shift -= 7) {
            if (arc >>> shift != 0) {
                content.write(((arc >>> shift) & 0x7F) | 0x80);
            }
        }
        content.write(arc & 0x7F);
    }

    /// Whole seconds; what is below is cut off.
    static byte[] time(Instant instant) {
        var text = TIME.format(instant);
        boolean shortYear = instant.atZone(ZoneOffset.UTC).getYear() < LONG_YEARS_FROM;
        return value(
                shortYear ? UTC_TIME : GENERALIZED_TIME,
                (shortYear ? text.substring(2) : text).getBytes(StandardCharsets.US_ASCII));
    }

    /// A whole value within the context's tag `number`.
    static byte[] explicit(int number, byte[] value) {
        return value(EXPLICIT | number, value);
    }

    /// The content of a value whose own tag gives way to the context's `number`.
    static byte[] implicit(int number, byte[] content) {
        return value(IMPLICIT | number, content);
    }

    private static byte[] value(int tag, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            var length = BigInteger.valueOf(content.length).toByteArray();
            int from = length[0] == 0 ? 1 : 0;
            out.write(0x80 | (length.length - from));
            out.write(length, from, length.length - from);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] joined(List<byte[]> parts) {
        var out = new ByteArrayOutputStream();
        parts.forEach(out::writeBytes);
        return out.toByteArray();
    }
}
