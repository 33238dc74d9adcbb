// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.ip.HostAndPort;
import dev.coracle.core.kubelet.ProbeCall;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a request goes, as Go reads and writes it: lenient, and nothing is normalized that need
/// not be.
///
/// `scheme` is in lower case; `authority` is the host with or without a port; `path` is escaped and
/// begins with a slash, or is empty; `query` begins with `?` and `fragment` with `#`, or they are
/// empty.
record HttpUrl(String scheme, String authority, String path, String query, String fragment) {
    static final String HTTP = "http";
    static final String HTTPS = "https";

    /// Scheme, authority, path, query, fragment (RFC 3986, appendix B).
    private static final Pattern PARTS =
            Pattern.compile(
                    "(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(\\?[^#]*)?(#.*)?",
                    Pattern.DOTALL);

    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");
    private static final Pattern DIGITS = Pattern.compile("[0-9]*");

    /// The URL of a probe. What is before the path in the field `path` is not used; a path that is
    /// no URL at all is taken literally.
    static HttpUrl of(ProbeCall.HttpGet call) {
        var scheme = call.scheme() == ProbeCall.Scheme.HTTPS ? HTTPS : HTTP;
        var authority = HostAndPort.text(call.host(), call.port());
        var parts = PARTS.matcher(call.path());
        boolean isUrl =
                parts.matches()
                        && !CONTROL.matcher(call.path()).find()
                        && UrlPath.isEscaped(parts.group(3))
                        && (parts.group(1) == null || parts.group(3).startsWith("/"));
        return isUrl
                ? new HttpUrl(
                        scheme,
                        authority,
                        rooted(UrlPath.escape(parts.group(3))),
                        query(parts),
                        fragment(parts))
                : new HttpUrl(
                        scheme, authority, rooted(UrlPath.escapeLiterally(call.path())), "", "");
    }

    private static String rooted(String path) {
        return path.isEmpty() || path.startsWith("/") ? path : "/" + path;
    }

    private static String query(Matcher parts) {
        return parts.group(4) == null ? "" : parts.group(4);
    }

    private static String fragment(Matcher parts) {
        return parts.group(5) == null ? "" : parts.group(5);
    }

    /// Where `location` leads from here.
    ///
    /// @throws CheckFailed if it is no URL
    HttpUrl resolve(String location) throws CheckFailed {
        var parts = PARTS.matcher(location);
        if (!parts.matches()
                || CONTROL.matcher(location).find()
                || !UrlPath.isEscaped(parts.group(3))) {
            throw unreadable(location, "invalid URL");
        }
        var path = UrlPath.escape(parts.group(3));
        if (parts.group(1) != null || parts.group(2) != null) {
            return new HttpUrl(
                    parts.group(1) == null ? scheme : parts.group(1).toLowerCase(Locale.ROOT),
                    authority(parts.group(2) == null ? "" : parts.group(2), location),
                    UrlPath.resolve("", path),
                    query(parts),
                    fragment(parts));
        }
        return new HttpUrl(
                scheme,
                authority,
                UrlPath.resolve(this.path, path),
                path.isEmpty() && parts.group(4) == null ? query : query(parts),
                fragment(parts));
    }

    /// Without the user, who is not sent, and without the colon of a port that is none.
    private static String authority(String written, String location) throws CheckFailed {
        var authority = written.substring(written.lastIndexOf('@') + 1);
        var port = portOf(authority);
        if (!DIGITS.matcher(port).matches()) {
            throw unreadable(location, "invalid port " + GoWords.quote(":" + port) + " after host");
        }
        return authority.endsWith(":") ? authority.substring(0, authority.length() - 1) : authority;
    }

    private static CheckFailed unreadable(String location, String why) {
        var quoted = GoWords.quote(location);
        return new CheckFailed(
                "failed to parse Location header %s: parse %s: %s".formatted(quoted, quoted, why));
    }

    /// Whether `location` names a host itself, and so the request's `Host` has no say any more.
    static boolean isAbsolute(String location) {
        var parts = PARTS.matcher(location);
        return parts.matches() && parts.group(1) != null;
    }

    private static int colonOfPort(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : -1;
    }

    private static String portOf(String authority) {
        int colon = colonOfPort(authority);
        return colon < 0 ? "" : authority.substring(colon + 1);
    }

    /// The authority without port and brackets.
    String host() {
        int colon = colonOfPort(authority);
        var host = colon < 0 ? authority : authority.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }

    /// @throws CheckFailed if it is too large for a port
    int port() throws CheckFailed {
        var port = portOf(authority);
        if (port.isEmpty()) {
            return scheme.equals(HTTPS) ? 443 : 80;
        }
        if (port.length() > 5 || Integer.parseInt(port) > 65_535) {
            throw new CheckFailed("dial tcp: address " + port + ": invalid port");
        }
        return Integer.parseInt(port);
    }

    /// `/healthz?full=1`
    String requestTarget() {
        return (path.isEmpty() ? "/" : path) + query;
    }

    @Override
    public String toString() {
        return scheme + "://" + authority + path + query + fragment;
    }
}
