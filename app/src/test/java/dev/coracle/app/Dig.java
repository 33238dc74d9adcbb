// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What `dig` printed about one query, `text` being all of it. Records are its lines with single
/// spaces, and the question is a record without data: `web.example. IN A`.
///
/// <https://bind9.readthedocs.io/en/latest/manpages.html#dig-dns-lookup-utility>
record Dig(String text) {
    private static final Pattern STATUS = Pattern.compile("opcode: QUERY, status: (\\w+),");
    private static final Pattern FLAGS = Pattern.compile("(?m)^;; flags: ([a-z ]*);");
    private static final Pattern EDNS = Pattern.compile("(?m)^; EDNS: (.*)$");
    private static final Pattern SERVER = Pattern.compile("(?m)^;; SERVER: (.*)$");
    private static final Pattern SIZE = Pattern.compile("(?m)^;; MSG SIZE  rcvd: (\\d+)$");

    String status() {
        return first(STATUS);
    }

    /// Those of the header: `qr`, `aa` and so on.
    Set<String> flags() {
        return Set.of(first(FLAGS).split(" "));
    }

    List<String> question() {
        return section("QUESTION").stream().map(line -> line.substring(1)).toList();
    }

    List<String> answer() {
        return section("ANSWER");
    }

    List<String> authority() {
        return section("AUTHORITY");
    }

    List<String> additional() {
        return section("ADDITIONAL");
    }

    /// What the server says of its extensions, such as `version: 0, flags:; udp: 1232`; empty when
    /// it says nothing.
    String edns() {
        return first(EDNS);
    }

    /// Who answered, and how, such as `10.96.0.10#53(10.96.0.10) (UDP)`.
    String server() {
        return first(SERVER);
    }

    boolean retriedOverTcp() {
        return text.contains(";; Truncated, retrying in TCP mode.");
    }

    int bytes() {
        return Integer.parseInt(first(SIZE));
    }

    private String first(Pattern pattern) {
        var matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    private List<String> section(String name) {
        return text.lines()
                .dropWhile(line -> !line.equals(";; " + name + " SECTION:"))
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .map(line -> line.replaceAll("\\s+", " "))
                .toList();
    }
}
