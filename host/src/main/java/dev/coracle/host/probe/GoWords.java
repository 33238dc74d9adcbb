// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.ip.HostAndPort;
import dev.coracle.core.ip.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The words of Go's standard library, which upstream shows as they are.
///
/// Differs from upstream: a lookup that failed does not say which server was asked.
final class GoWords {
    private static final String UNKNOWN_NAME = "Name or service not known";
    private static final String NO_ADDRESS = "No address associated with hostname";

    private GoWords() {}

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? HostAndPort.text(literal(inet.getAddress()), inet.getPort())
                : String.valueOf(address);
    }

    /// Java spells out all the zeros of IPv6, Go none of them.
    static String literal(InetAddress address) {
        var text = address.getHostAddress();
        return IpAddress.isV6(text) ? Ipv6Text.of(address.getAddress()) : text;
    }

    /// `dial tcp 10.1.0.5:80: connect: connection refused`
    static String dial(InetSocketAddress to, Exception failure) {
        return "dial tcp " + address(to) + ": connect: " + systemError(failure);
    }

    /// `dial tcp: lookup NAME: no such host`
    static String lookup(String name, UnknownHostException failure) {
        var message = String.valueOf(failure.getMessage());
        var reason = message.substring(message.lastIndexOf(": ") + 1).strip();
        boolean unknown =
                reason.equals(UNKNOWN_NAME) || reason.equals(NO_ADDRESS) || reason.equals(name);
        return "dial tcp: lookup " + name + ": " + (unknown ? "no such host" : reason);
    }

    /// `read tcp 10.1.0.1:41000->10.1.0.5:80: read: connection reset by peer`
    static String transfer(
            String operation, SocketAddress from, SocketAddress to, Exception failure) {
        return "%s tcp %s->%s: %s: %s"
                .formatted(operation, address(from), address(to), operation, systemError(failure));
    }

    /// What the operating system says, without a capital letter.
    private static String systemError(Exception failure) {
        var message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return failure instanceof SocketException && message.equals("connection reset")
                ? "connection reset by peer"
                : message;
    }

    static String quote(String text) {
        return quote(text.getBytes(StandardCharsets.UTF_8));
    }

    /// In double quotes, with what cannot be printed escaped; bytes that are no UTF-8 as `\x80`.
    static String quote(byte[] utf8) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < utf8.length; ) {
            int length = Utf8.length(utf8, i);
            if (length == 0) {
                quoted.append("\\x%02x".formatted(utf8[i++] & 0xff));
            } else {
                escape(new String(utf8, i, length, StandardCharsets.UTF_8).codePointAt(0), quoted);
                i += length;
            }
        }
        return quoted.append('"').toString();
    }

    private static void escape(int character, StringBuilder quoted) {
        switch (character) {
            case '"' -> quoted.append("\\\"");
            case '\\' -> quoted.append("\\\\");
            case 7 -> quoted.append("\\a");
            case '\b' -> quoted.append("\\b");
            case '\f' -> quoted.append("\\f");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            case 11 -> quoted.append("\\v");
            default -> {
                if (character < ' ' || character == 0x7f) {
                    quoted.append("\\x%02x".formatted(character));
                } else if (isPrintable(character)) {
                    quoted.appendCodePoint(character);
                } else {
                    quoted.append(
                            (character < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(character));
                }
            }
        }
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            case Character.SPACE_SEPARATOR -> character == ' ';
            default -> true;
        };
    }
}
