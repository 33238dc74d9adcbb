// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What Go finds wrong with the first line of a response.
final class StatusLine {
    private static final Pattern VERSION = Pattern.compile("HTTP/[0-9]\\.[0-9]");
    private static final Pattern CODE = Pattern.compile("[0-9]{3}");

    private StatusLine() {}

    /// `malformed HTTP response "SSH-2.0-x"`; null if nothing is wrong.
    static @Nullable String problem(byte[] line) {
        var text = new String(line, StandardCharsets.ISO_8859_1);
        int space = text.indexOf(' ');
        if (space < 0) {
            return "malformed HTTP response " + GoWords.quote(line);
        }
        var rest = text.substring(space).stripLeading();
        var code = rest.indexOf(' ') < 0 ? rest : rest.substring(0, rest.indexOf(' '));
        if (!CODE.matcher(code).matches()) {
            return "malformed HTTP status code " + quote(code);
        }
        var version = text.substring(0, space);
        return VERSION.matcher(version).matches()
                ? null
                : "malformed HTTP version " + quote(version);
    }

    private static String quote(String latin) {
        return GoWords.quote(latin.getBytes(StandardCharsets.ISO_8859_1));
    }
}
