// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every request comes through here: who is it, may they, what do they want. Each runs in a
/// virtual thread of its own and may block.
final class ApiHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
    private static final long STOP_MILLIS = 2_000;

    /// The endpoints behind the resources and beside them.
    record Endpoints(
            Verbs verbs,
            PodLogs logs,
            PodCommands commands,
            Proxy proxy,
            TokenRequests tokens,
            Reviews reviews,
            Discovery discovery,
            OpenApi openApi,
            Health health,
            ServerVersion version) {}

    private final Map<String, ResourceType> types = new HashMap<>();
    private final Map<String, ResourceType> reviewTypes = new HashMap<>();
    private final Endpoints endpoints;
    private final Authenticator authenticator;
    private final Authorizer authorizer;
    private final long bodyLimitBytes;
    private final int inFlightLimit;
    private final Semaphore inFlight;

    ApiHandler(
            List<ResourceType> types,
            Endpoints endpoints,
            Authenticator authenticator,
            Authorizer authorizer,
            long bodyLimitBytes,
            int inFlightLimit) {
        types.forEach(type -> this.types.put(id(type), type));
        Reviews.TYPES.forEach(type -> reviewTypes.put(id(type), type));
        this.endpoints = endpoints;
        this.authenticator = authenticator;
        this.authorizer = authorizer;
        this.bodyLimitBytes = bodyLimitBytes;
        this.inFlightLimit = inFlightLimit;
        this.inFlight = new Semaphore(inFlightLimit);
    }

    private static String id(ResourceType type) {
        return type.apiVersion() + "/" + type.plural();
    }

    private static String id(Attributes attributes) {
        var group = attributes.group();
        return (group.isEmpty() ? "" : group + "/")
                + attributes.version()
                + "/"
                + attributes.resource();
    }

    /// Waits until nothing is being answered, but not forever.
    void awaitIdle() throws InterruptedException {
        if (inFlight.tryAcquire(inFlightLimit, STOP_MILLIS, TimeUnit.MILLISECONDS)) {
            inFlight.release(inFlightLimit);
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (!inFlight.tryAcquire()) {
            Response.writeError(request, response, callback, 429, "too many requests at once");
            return true;
        }
        try {
            return answer(request, response, callback);
        } finally {
            inFlight.release();
        }
    }

    private boolean answer(Request request, Response response, Callback callback) {
        @Nullable Exchange exchange = null;
        try {
            exchange = new Exchange(request, response, bodyLimitBytes);
            serve(exchange);
            callback.succeeded();
        } catch (ApiException e) {
            refuse(exchange, request, response, e, callback);
        } catch (IOException e) {
            LOG.debug("{} {}: {}", request.getMethod(), request.getHttpURI(), e.toString());
            callback.failed(e); // the client is gone, or broke off
        } catch (RuntimeException e) {
            if (e instanceof JournalException) { // the disk's fault: where it happened is no news
                LOG.error("{} {}: {}", request.getMethod(), path(request), e.getMessage());
            } else {
                LOG.error("{} {}", request.getMethod(), path(request), e);
            }
            var status =
                    Status.of(
                            Status.Reason.INTERNAL_ERROR,
                            "Internal error occurred: " + e.getMessage());
            refuse(exchange, request, response, new ApiException(status), callback);
        }
        return true;
    }

    private static void refuse(
            @Nullable Exchange exchange,
            Request request,
            Response response,
            ApiException refusal,
            Callback callback) {
        if (response.isCommitted()) {
            callback.failed(
                    refusal); // too late to say it, but the client must not take it as whole
            return;
        }
        try {
            if (exchange == null) {
                Response.writeError(
                        request, response, callback, refusal.status().code(), refusal.getMessage());
                return;
            }
            exchange.discardBody();
            exchange.sendStatus(refusal.status());
            callback.succeeded();
        } catch (IOException e) {
            callback.failed(e);
        }
    }

    private void serve(Exchange exchange) throws IOException {
        var path = path(exchange.request());
        var attributes = Attributes.of(exchange.method(), path, exchange.query().flag("watch"));
        var user = authenticator.authenticate(credentials(exchange));
        var decision = authorizer.authorize(user, attributes);
        if (!decision.allowed()) {
            throw user.equals(User.ANONYMOUS)
                    ? CertificatesAndTokens.unauthorized()
                    : attributes.forbidden(user, decision.reason());
        }
        if (attributes.isResource()) {
            resource(exchange, attributes, user);
        } else {
            other(exchange, attributes);
        }
    }

    private static String path(Request request) {
        var path = request.getHttpURI().getCanonicalPath();
        var decoded = path == null ? "/" : URIUtil.decodePath(path);
        if (!decoded.startsWith("/")) {
            throw Errors.unknownPath();
        }
        return decoded;
    }

    private static Authenticator.Credentials credentials(Exchange exchange) {
        var header = exchange.header(HttpHeader.AUTHORIZATION.asString());
        boolean bearer = header.regionMatches(true, 0, "Bearer ", 0, 7);
        return new Authenticator.Credentials(
                certificate(exchange.request()), bearer ? header.substring(7).strip() : null);
    }

    private static @Nullable X509Certificate certificate(Request request) {
        if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                instanceof EndPoint.SslSessionData session) {
            var chain = session.peerCertificates();
            return chain == null || chain.length == 0 ? null : chain[0];
        }
        return null;
    }

    private void resource(Exchange exchange, Attributes attributes, User user) throws IOException {
        var review = reviewTypes.get(id(attributes));
        if (review != null) {
            review(exchange, review, attributes, user);
            return;
        }
        var type = types.get(id(attributes));
        if (type == null) {
            throw Errors.unknownPath();
        }
        if (!type.namespaced()
                && !attributes.namespace().isEmpty()
                && !attributes.namespace().equals(attributes.name())) {
            throw Errors.unknownPath(); // /namespaces/NAME/nodes
        }
        if (attributes.subresource().isEmpty()) {
            endpoints.verbs().serve(exchange, type, attributes);
        } else {
            subresource(exchange, type, attributes);
        }
    }

    private void subresource(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        var sub = Verbs.subresource(type, attributes.subresource());
        if (sub == null) {
            throw Errors.unknownPath();
        }
        if (sub.name().equals(Attributes.PROXY)) { // whatever the method: it is not for us
            endpoints.proxy().serve(exchange, type, Verbs.key(type, attributes));
            return;
        }
        if (!sub.verbs().contains(attributes.verb())) {
            throw Errors.methodNotAllowed();
        }
        switch (sub.name()) {
            case "log" -> endpoints.logs().serve(exchange, type, Verbs.key(type, attributes));
            case "exec" -> endpoints.commands().exec(exchange, type, Verbs.key(type, attributes));
            case "attach" ->
                    endpoints.commands().attach(exchange, type, Verbs.key(type, attributes));
            case "portforward" ->
                    endpoints.commands().portForward(exchange, type, Verbs.key(type, attributes));
            case "token" -> token(exchange, type, attributes, sub);
            default -> {
                if (attributes.verb().equals("create")) {
                    endpoints.verbs().act(exchange, type, attributes);
                } else {
                    endpoints.verbs().serve(exchange, type, attributes);
                }
            }
        }
    }

    private void token(
            Exchange exchange,
            ResourceType type,
            Attributes attributes,
            ResourceType.Subresource sub)
            throws IOException {
        var accept = exchange.accept(Set.of());
        var body = Bodies.object(exchange, sub.group() + "/" + sub.version(), sub.kind()).value();
        var answer =
                endpoints.tokens().answer(type, Verbs.key(type, attributes), (JsonObject) body);
        exchange.send(201, accept.encoding(), answer);
    }

    private void review(Exchange exchange, ResourceType type, Attributes attributes, User user)
            throws IOException {
        if (!attributes.verb().equals("create") || !attributes.name().isEmpty()) {
            throw Errors.methodNotAllowed();
        }
        var accept = exchange.accept(Set.of());
        var body = Bodies.object(exchange, type.apiVersion(), type.kind()).value();
        exchange.send(
                201, accept.encoding(), endpoints.reviews().answer(type, (JsonObject) body, user));
    }

    private void other(Exchange exchange, Attributes attributes) throws IOException {
        if (!Set.of("get", "head").contains(attributes.verb())) {
            throw Errors.methodNotAllowed();
        }
        var path = attributes.path();
        if (endpoints.discovery().answer(path, exchange)) {
            return;
        }
        var steps = path.substring(1).split("/", 2);
        if (Health.ENDPOINTS.contains(steps[0])) {
            var answer =
                    endpoints
                            .health()
                            .answer(
                                    steps[0],
                                    steps.length > 1 ? steps[1] : "",
                                    exchange.query().has("verbose"),
                                    new HashSet<>(exchange.query().all("exclude")));
            exchange.send(
                    answer.code(),
                    "text/plain; charset=utf-8",
                    answer.text().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } else if (path.equals("/version") || path.equals("/version/")) {
            exchange.send(200, exchange.accept(Set.of()).encoding(), endpoints.version().json());
        } else if (!endpoints.openApi().answer(path, exchange)) {
            throw Errors.unknownPath();
        }
    }
}
