// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.event.EventRequest;
import dev.coracle.core.net.ServiceHealth;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers load balancers at the ports that services have for that, whatever path they ask for.
///
/// Differs from upstream: the ports of health checks are on every address of the node, as node
/// ports are; there they are on its primary addresses.
///
/// One server, one thread that waits for all ports, started with the first of them. A port that is
/// taken is tried again with each update.
///
/// <https://kubernetes.io/docs/tutorials/services/source-ip/>
public final class HealthPorts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthPorts.class);
    private static final String WEIGHT = "X-Load-Balancing-Endpoint-Weight";
    private static final HttpField NO_SNIFFING = new HttpField("X-Content-Type-Options", "nosniff");

    /// How long rules may be late before packets should better not come: kube-proxy's twice
    /// `syncPeriod`.
    /// <https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/>
    private static final Duration TOLERATED = Duration.ofMinutes(1);

    private static final Duration IDLE = Duration.ofMinutes(1);

    private final String nodeName;
    private final Consumer<EventRequest> events;
    private final InstantSource clock;
    private final Map<Integer, ServerSocketChannel> open = new TreeMap<>();

    /// Ports that could not be had, of which the log knows.
    private final Set<Integer> refused = new TreeSet<>();

    private @Nullable ServerConnector connector;
    private volatile SortedMap<Integer, ServiceHealth> healths = new TreeMap<>();
    private volatile Instant failing = Instant.MAX;

    public HealthPorts(String nodeName, Consumer<EventRequest> events, InstantSource clock) {
        this.nodeName = nodeName;
        this.events = events;
        this.clock = clock;
    }

    /// Answers so at these ports and at no others from now on, rules being as they should be. An
    /// event says which port cannot be had.
    public synchronized void update(SortedMap<Integer, ServiceHealth> wanted) {
        failing = Instant.MAX;
        healths = new TreeMap<>(wanted);
        var gone = new TreeMap<>(open);
        gone.keySet().removeAll(wanted.keySet());
        gone.forEach(this::stopListening);
        refused.retainAll(wanted.keySet());
        for (var health : wanted.values()) {
            if (!open.containsKey(health.port())) {
                listen(health);
            }
        }
    }

    /// Rules could not be written.
    public void rulesFail() {
        if (failing.equals(Instant.MAX)) {
            failing = clock.instant();
        }
    }

    private boolean rulesWritten() {
        return clock.instant().minus(TOLERATED).isBefore(failing);
    }

    private void listen(ServiceHealth health) {
        try {
            open.put(health.port(), listen(connector(), health.port()));
            refused.remove(health.port());
        } catch (IOException e) {
            var event = health.cannotListen(nodeName, String.valueOf(e.getMessage()));
            if (refused.add(health.port())) {
                LOG.warn("{}", event.message());
            }
            events.accept(event);
        }
    }

    private static ServerSocketChannel listen(ServerConnector connector, int port)
            throws IOException {
        var channel = ServerSocketChannel.open();
        try {
            channel.bind(new InetSocketAddress(port));
            channel.configureBlocking(false);
            connector.getSelectorManager().acceptor(channel);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void stopListening(int port, ServerSocketChannel channel) {
        open.remove(port);
        if (connector != null) {
            close(connector, channel);
        }
    }

    /// Returns when others may have the port. The thread that waits for connections closes
    /// `channel`, and lets go of its socket only when it begins to wait again.
    private static void close(ServerConnector connector, Closeable channel) {
        var gone = new CountDownLatch(1);
        for (var selector : connector.getSelectorManager().getBeans(ManagedSelector.class)) {
            selector.submit(
                    _ -> {
                        IO.close(channel);
                        selector.submit(_ -> gone.countDown());
                    });
        }
        try {
            gone.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the node ends, and everything is closed
        }
    }

    private ServerConnector connector() throws IOException {
        if (connector == null) {
            connector = start();
        }
        return connector;
    }

    private ServerConnector start() throws IOException {
        var threads = new VirtualThreadPool();
        threads.setName("health ports");
        var server = new Server(threads);
        server.setHandler(new Answers());
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        var started =
                new ServerConnector(
                        server, null, null, null, 0, 1, new HttpConnectionFactory(http));
        started.setIdleTimeout(IDLE.toMillis());
        started.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.addConnector(started);
        try {
            server.start();
        } catch (IOException e) {
            LifeCycle.stop(server);
            throw e;
        } catch (Exception e) { // what Jetty declares
            throw new IllegalStateException("there is no server for health checks", e);
        }
        // a connector begins with a port of its own, here one that nobody knows
        close(started, (Closeable) started.getTransport());
        return started;
    }

    private final class Answers extends Handler.Abstract.NonBlocking {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            var headers = response.getHeaders();
            var health = healths.get(Request.getLocalPort(request));
            if (health == null) { // its port was closed since
                headers.put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
                response.setStatus(HttpStatus.SERVICE_UNAVAILABLE_503);
                callback.succeeded();
                return true;
            }
            answer(health, headers, response, callback);
            return true;
        }

        private void answer(
                ServiceHealth health,
                HttpFields.Mutable headers,
                Response response,
                Callback callback) {
            boolean written = rulesWritten();
            response.setStatus(health.status(written));
            headers.put(HttpHeader.CONTENT_TYPE, "application/json");
            headers.put(NO_SNIFFING);
            headers.put(WEIGHT, health.localEndpoints());
            var body = health.body(written).getBytes(StandardCharsets.UTF_8);
            response.write(true, ByteBuffer.wrap(body), callback);
        }
    }

    @Override
    public synchronized void close() {
        if (connector == null) {
            return;
        }
        try {
            connector.getServer().stop();
            connector = null;
        } catch (Exception e) { // what Jetty declares
            throw new IllegalStateException("the server for health checks does not stop", e);
        }
    }
}
