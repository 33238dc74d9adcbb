// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.ip.HostAndPort;
import dev.coracle.core.registry.Registry;
import dev.coracle.host.certs.Credential;
import dev.coracle.host.certs.Pki;
import dev.coracle.host.certs.ServiceAccountTokens;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/// The API server: HTTP/1.1 and HTTP/2 over TLS, every request in a virtual thread.
///
/// <https://kubernetes.io/docs/concepts/overview/components/#kube-apiserver>
public final class ApiServer implements AutoCloseable {
    private static final String KEY_PASSWORD = "in memory only";

    /// What listens in a pod may have encoded slashes and percent signs in its paths. Here they
    /// mean what they stand for.
    private static final UriCompliance PROXIED =
            UriCompliance.DEFAULT.with(
                    "proxied paths",
                    UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
                    UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING);

    /// Bounds and addresses. A port of 0 picks a free one.
    ///
    /// `requestLimit` counts what is being answered at one time, watches included.
    ///
    /// A watch without `timeoutSeconds` lasts between `watchLifetime` and twice that, so that
    /// clients do not all come back at once.
    public record Config(
            InetAddress address,
            int port,
            int connectionLimit,
            int watchLimit,
            int requestLimit,
            long bodyLimitBytes,
            int headerLimitBytes,
            Duration idleTimeout,
            Duration watchLifetime) {

        public Config {
            if (port < 0 || port > 0xffff) {
                throw new IllegalArgumentException("port %d is not one".formatted(port));
            }
        }

        /// On the loopback address, with upstream's bounds: 3 MiB bodies, 30 minutes of watch.
        public static Config onLoopback(int port) {
            return new Config(
                    InetAddress.getLoopbackAddress(),
                    port,
                    8_000,
                    16_000,
                    20_000,
                    3 * 1024 * 1024,
                    64 * 1024,
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(30));
        }

        public Config at(InetAddress other) {
            return new Config(
                    other,
                    port,
                    connectionLimit,
                    watchLimit,
                    requestLimit,
                    bodyLimitBytes,
                    headerLimitBytes,
                    idleTimeout,
                    watchLifetime);
        }
    }

    /// What the server stands on.
    public record Parts(
            Registry registry,
            Tables tables,
            PodAccess pods,
            Pki pki,
            ServiceAccountTokens tokens,
            Authenticator authenticator,
            Authorizer authorizer,
            List<HealthCheck> healthChecks,
            ServerVersion version,
            InstantSource clock,
            RandomGenerator random) {
        public Parts {
            healthChecks = List.copyOf(healthChecks);
        }
    }

    private final Config config;
    private final Pki pki;
    private final Server server;
    private final ServerConnector connector;
    private final ApiHandler handler;
    private final WatchStream.OpenWatches watches;
    private final AtomicBoolean stopping;

    private ApiServer(
            Config config,
            Pki pki,
            Server server,
            ServerConnector connector,
            ApiHandler handler,
            WatchStream.OpenWatches watches,
            AtomicBoolean stopping) {
        this.config = config;
        this.pki = pki;
        this.server = server;
        this.connector = connector;
        this.handler = handler;
        this.watches = watches;
        this.stopping = stopping;
    }

    /// Starts a server and returns once it accepts connections.
    ///
    /// @throws IOException if the address cannot be had
    public static ApiServer start(Config config, Parts parts) throws IOException {
        var watches = new WatchStream.OpenWatches(config.watchLimit());
        var stopping = new AtomicBoolean();
        var threads = new VirtualThreadPool();
        threads.setName("api");
        threads.setMaxConcurrentTasks(0); // no limit but `requestLimit`: each watch is a task
        var server = new Server(threads);
        var connector = connector(server, config, parts.pki());
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(config.connectionLimit(), server));
        server.setErrorHandler(new StatusErrors());
        var handler = handler(config, parts, watches, stopping);
        server.setHandler(handler);
        var started =
                new ApiServer(config, parts.pki(), server, connector, handler, watches, stopping);
        try {
            server.start();
            return started;
        } catch (IOException e) {
            started.close();
            throw e;
        } catch (Exception e) { // what Jetty declares
            started.close();
            throw new IllegalStateException("the API server does not start", e);
        }
    }

    private static ApiHandler handler(
            Config config, Parts parts, WatchStream.OpenWatches watches, AtomicBoolean stopping) {
        var registry = parts.registry();
        var random = parts.random();
        Supplier<Duration> lifetime =
                () -> {
                    synchronized (random) {
                        var least = config.watchLifetime();
                        return least.plusMillis(random.nextLong(least.toMillis()));
                    }
                };
        var served = new ArrayList<Discovery.Served>();
        registry.types().forEach(type -> served.add(new Discovery.Served(type, type.verbs())));
        Reviews.TYPES.forEach(type -> served.add(new Discovery.Served(type, Reviews.VERBS)));
        var pods = registry.types().stream().filter(ApiServer::isPods).findFirst().orElseThrow();
        var endpoints =
                new ApiHandler.Endpoints(
                        new Verbs(registry, parts.tables(), parts.clock(), lifetime, watches),
                        new PodLogs(registry, parts.pods(), parts.clock(), stopping::get),
                        new PodCommands(registry, parts.pods()),
                        new Proxy(
                                new ProxyTargets(
                                        registry,
                                        bound -> {
                                            synchronized (random) {
                                                return random.nextInt(bound);
                                            }
                                        }),
                                parts.pods()),
                        new TokenRequests(registry, parts.tokens(), pods),
                        new Reviews(parts.authorizer()),
                        new Discovery(served),
                        new OpenApi(served, parts.version()),
                        new Health(parts.healthChecks()),
                        parts.version());
        return new ApiHandler(
                registry.types(),
                endpoints,
                parts.authenticator(),
                parts.authorizer(),
                config.bodyLimitBytes(),
                config.requestLimit());
    }

    private static boolean isPods(ResourceType type) {
        return type.group().isEmpty() && type.plural().equals("pods");
    }

    private static ServerConnector connector(Server server, Config config, Pki pki) {
        var http = new HttpConfiguration();
        http.setRequestHeaderSize(config.headerLimitBytes());
        http.setUriCompliance(PROXIED);
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        var secure = new SecureRequestCustomizer();
        secure.setSniHostCheck(
                false); // clients come by address, too, and check the name themselves
        http.addCustomizer(secure);

        var tls = new SslContextFactory.Server();
        tls.setSslContext(context(pki));
        tls.setWantClientAuth(true);
        tls.setSniRequired(false);
        tls.setRenegotiationAllowed(false);
        tls.setIncludeProtocols("TLSv1.3", "TLSv1.2");

        var http1 = new HttpConnectionFactory(http);
        var http2 = new HTTP2ServerConnectionFactory(http);
        http2.setMaxConcurrentStreams(1_000);
        var alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
        alpn.setDefaultProtocol("http/1.1");
        var connector =
                new ServerConnector(
                        server,
                        1,
                        1,
                        new SslConnectionFactory(tls, alpn.getProtocol()),
                        alpn,
                        http2,
                        http1);
        connector.setHost(config.address().getHostAddress());
        connector.setPort(config.port());
        connector.setIdleTimeout(config.idleTimeout().toMillis());
        connector.setAcceptQueueSize(1_024);
        return connector;
    }

    private static SSLContext context(Pki pki) {
        try {
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(keyStore(pki.apiServer(), pki.authority()), KEY_PASSWORD.toCharArray());
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("authority", pki.authority().certificate());
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("TLS cannot be set up", e);
        }
    }

    private static KeyStore keyStore(Credential own, Credential authority)
            throws GeneralSecurityException, IOException {
        // PKCS12 would derive two keys in ten thousand rounds each, to keep from us what is ours
        var store = KeyStore.getInstance("JKS");
        store.load(null, null);
        store.setKeyEntry(
                "server",
                own.key(),
                KEY_PASSWORD.toCharArray(),
                new Certificate[] {own.certificate(), authority.certificate()});
        return store;
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return new InetSocketAddress(connector.getHost(), connector.getLocalPort());
    }

    /// Listens at one more address, with connections counted on their own, until closed. Returns
    /// where: at another port where `port` is not free.
    ///
    /// @throws IOException if the address cannot be had
    public InetSocketAddress listenAlso(InetAddress address, int port) throws IOException {
        var further = connector(server, config.at(address), pki);
        further.setPort(port);
        further.addBean(new NetworkConnectionLimit(config.connectionLimit(), further));
        try {
            further.open();
        } catch (IOException e) {
            if (port == 0 || !(e.getCause() instanceof BindException)) {
                throw e;
            }
            further.setPort(0);
            further.open();
        }
        server.addConnector(further);
        server.manage(further);
        try {
            further.start();
        } catch (Exception e) { // what Jetty declares
            throw new IllegalStateException("the API server does not listen at " + address, e);
        }
        return new InetSocketAddress(address, further.getLocalPort());
    }

    /// `https://127.0.0.1:6443`.
    public URI uri() {
        var host = address().getAddress().getHostAddress();
        return URI.create("https://" + HostAndPort.text(host, connector.getLocalPort()));
    }

    /// Ends watches and followed logs as they should end, then everything else.
    @Override
    public void close() {
        stopping.set(true);
        watches.stop();
        try {
            handler.awaitIdle();
            server.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) { // what Jetty declares
            throw new IllegalStateException("the API server does not stop", e);
        }
    }
}
