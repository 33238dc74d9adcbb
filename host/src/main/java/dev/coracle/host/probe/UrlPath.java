// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.regex.Pattern;

/// Paths of URLs, escaped as Go does it.
final class UrlPath {
    private static final Pattern ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private static final String UNRESERVED = "-_.~";

    /// Needs no escape in a path, and would get none.
    private static final String PLAIN = UNRESERVED + "$&+,/:;=@";

    /// Would be escaped, but is left alone where it is not.
    private static final String TOLERATED = PLAIN + "!'()*[]%";

    private UrlPath() {}

    /// Whether each `%` begins an escape.
    static boolean isEscaped(String path) {
        return !ESCAPE.matcher(path).find();
    }

    /// The path as it is if it can be sent so, otherwise escaped anew.
    static String escape(String path) {
        return path.chars().allMatch(c -> isAlphanumeric(c) || TOLERATED.indexOf(c) >= 0)
                ? path
                : escape(unescape(path));
    }

    /// Escapes everything that has a meaning, too.
    static String escapeLiterally(String path) {
        return escape(path.getBytes(StandardCharsets.UTF_8));
    }

    private static String escape(byte[] path) {
        var escaped = new StringBuilder();
        for (byte b : path) {
            int c = b & 0xff;
            if (isAlphanumeric(c) || PLAIN.indexOf(c) >= 0) {
                escaped.append((char) c);
            } else {
                escaped.append("%%%02X".formatted(c));
            }
        }
        return escaped.toString();
    }

    private static byte[] unescape(String path) {
        var bytes = path.getBytes(StandardCharsets.UTF_8);
        var plain = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%') {
                plain.write(
                        Integer.parseInt(
                                new String(bytes, i + 1, 2, StandardCharsets.US_ASCII), 16));
                i += 2;
            } else {
                plain.write(bytes[i]);
            }
        }
        return plain.toByteArray();
    }

    static boolean isAlphanumeric(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /// Where `path` leads from `base` (RFC 3986, section 5.2), without dot segments.
    static String resolve(String base, String path) {
        var whole =
                path.isEmpty()
                        ? base
                        : path.startsWith("/")
                                ? path
                                : base.substring(0, base.lastIndexOf('/') + 1) + path;
        return whole.isEmpty() ? "" : withoutDots(whole);
    }

    private static String withoutDots(String path) {
        var kept = new ArrayDeque<String>();
        var segments = (path.startsWith("/") ? path.substring(1) : path).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            switch (segments[i]) {
                case "." -> {}
                case ".." -> kept.pollLast();
                default -> {
                    kept.addLast(segments[i]);
                    continue;
                }
            }
            if (last) {
                kept.addLast("");
            }
        }
        return "/" + String.join("/", kept);
    }
}
