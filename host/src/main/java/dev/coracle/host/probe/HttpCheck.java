// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the GET of a probe or hook, and follows redirects that stay on the host.
///
/// Differs from upstream: HTTPS is spoken as HTTP/1.1 only, even with a server that prefers HTTP/2.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
final class HttpCheck {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MOST_REQUESTS = 10;
    private static final String LATE = "context deadline exceeded";

    private final Dialer dialer;
    private final Tls tls = new Tls();

    HttpCheck(Dialer dialer) {
        this.dialer = dialer;
    }

    ProbeReply perform(ProbeCall.HttpGet call, Check check)
            throws CheckFailed, InterruptedException {
        var request = HttpRequest.of(call);
        for (int made = 1; ; made++) {
            var current = request;
            check.beforeThat(
                    () ->
                            current.failed(
                                    LATE + " (Client.Timeout exceeded while awaiting headers)"));
            try (var connection = open(current, call.timeout())) {
                var response = ask(current, connection);
                var next = redirect(current, response, call.host(), made);
                if (next == null) {
                    check.beforeThat(
                            () ->
                                    LATE
                                            + " (Client.Timeout or context cancellation while"
                                            + " reading body)");
                    var reply = new ProbeReply.Http(response.status(), response.readBody());
                    connection.finish();
                    return reply;
                }
                request = next;
            }
        }
    }

    private Connection open(HttpRequest request, Duration timeout)
            throws CheckFailed, InterruptedException {
        var url = request.url();
        try {
            return switch (url.scheme()) {
                case HttpUrl.HTTP ->
                        new Connection(dialer.connect(url.host(), url.port(), timeout));
                case HttpUrl.HTTPS ->
                        tls.over(
                                dialer.connect(url.host(), url.port(), timeout, NotedSocket::new),
                                url.host());
                default ->
                        throw new CheckFailed(
                                "unsupported protocol scheme " + GoWords.quote(url.scheme()));
            };
        } catch (CheckFailed e) {
            throw new CheckFailed(request.failed(e.words()));
        }
    }

    private static HttpResponse ask(HttpRequest request, Connection connection) throws CheckFailed {
        try {
            connection.send(request.bytes());
            return HttpResponse.read(connection);
        } catch (CheckFailed e) {
            throw new CheckFailed(request.failed(e.words()));
        }
    }

    /// The request that follows, null if the response is the answer.
    private static @Nullable HttpRequest redirect(
            HttpRequest request, HttpResponse response, String host, int made) throws CheckFailed {
        var location = response.location();
        if (location.isEmpty() || !REDIRECTS.contains(response.status())) {
            return null;
        }
        HttpRequest next;
        try {
            next = request.redirectedTo(location);
        } catch (CheckFailed e) {
            throw new CheckFailed(request.failed(e.words()));
        }
        if (!next.url().host().equals(host)) {
            return null;
        }
        if (made >= MOST_REQUESTS) {
            throw new CheckFailed(
                    "Get %s: stopped after %d redirects"
                            .formatted(GoWords.quote(location), MOST_REQUESTS));
        }
        return next;
    }
}
