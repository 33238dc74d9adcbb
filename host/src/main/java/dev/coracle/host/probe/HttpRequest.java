// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.kubelet.ProbeCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One GET, as Go would send it. `host` replaces the URL's in the header; `headers` have no `Host`.
record HttpRequest(HttpUrl url, @Nullable String host, List<ProbeCall.Header> headers) {
    private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

    /// Belong to the message, not to whoever asks for it.
    private static final Set<String> OWN =
            Set.of("host", "content-length", "transfer-encoding", "trailer", "connection");

    /// @throws CheckFailed if a header cannot be sent
    static HttpRequest of(ProbeCall.HttpGet call) throws CheckFailed {
        var url = HttpUrl.of(call);
        @Nullable String host = null;
        var headers = new ArrayList<ProbeCall.Header>();
        for (var header : call.headers()) {
            verify(header, url);
            var name = header.name().toLowerCase(Locale.ROOT);
            if (name.equals("host") && host == null && !header.value().isEmpty()) {
                host = header.value();
            }
            boolean silent = name.equals("user-agent") && header.value().isEmpty();
            if (!OWN.contains(name) && !silent) {
                headers.add(new ProbeCall.Header(canonical(header.name()), header.value()));
            }
        }
        return new HttpRequest(url, host, headers);
    }

    private static void verify(ProbeCall.Header header, HttpUrl url) throws CheckFailed {
        if (header.name().isEmpty() || !header.name().chars().allMatch(HttpRequest::isToken)) {
            throw new CheckFailed(
                    failed(
                            url,
                            "net/http: invalid header field name " + GoWords.quote(header.name())));
        }
        if (header.value().chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new CheckFailed(
                    failed(
                            url,
                            "net/http: invalid header field value for "
                                    + GoWords.quote(header.name())));
        }
    }

    private static boolean isToken(int c) {
        return UrlPath.isAlphanumeric(c) || TOKEN_SIGNS.indexOf(c) >= 0;
    }

    /// `x-request-id` is sent as `X-Request-Id`.
    private static String canonical(String name) {
        var letters = name.toLowerCase(Locale.ROOT).toCharArray();
        for (int i = 0; i < letters.length; i++) {
            if (i == 0 || letters[i - 1] == '-') {
                letters[i] = Character.toUpperCase(letters[i]);
            }
        }
        return new String(letters);
    }

    /// The request that a redirect to `location` asks for. Headers stay, for the host is the same
    /// or nobody sends it; a `Host` of one's own stays unless the location has a host.
    ///
    /// @throws CheckFailed if the location is no URL
    HttpRequest redirectedTo(String location) throws CheckFailed {
        var next = url.resolve(location);
        var kept = new ArrayList<>(headers);
        if (!url.scheme().equals(HttpUrl.HTTPS) || !next.scheme().equals(HttpUrl.HTTP)) {
            kept.removeIf(header -> header.name().equals("Referer"));
            kept.add(new ProbeCall.Header("Referer", url.toString()));
        }
        return new HttpRequest(next, HttpUrl.isAbsolute(location) ? null : host, kept);
    }

    byte[] bytes() {
        var text = new StringBuilder(256);
        text.append("GET ").append(url.requestTarget()).append(" HTTP/1.1\r\n");
        line(text, "Host", host == null ? url.authority() : host);
        for (var header : headers) {
            line(text, header.name(), header.value());
        }
        line(text, "Connection", "close");
        return text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append(": ").append(value.strip()).append("\r\n");
    }

    /// `Get "http://10.1.0.5:80/healthz": ` and the reason.
    String failed(String reason) {
        return failed(url, reason);
    }

    private static String failed(HttpUrl url, String reason) {
        return "Get " + GoWords.quote(url.toString()) + ": " + reason;
    }
}
