// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.host.certs.Pki;
import dev.coracle.host.certs.ServiceAccountTokens;
import dev.coracle.host.certs.SubjectNames;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// A whole API server on a free port over a store in memory, and clients for it.
final class RunningApi implements AutoCloseable {
    static final String DEFAULT = "/api/v1/namespaces/default";
    private static final char[] PASSWORD = "test".toCharArray();

    final Pki pki;
    final MvccStore store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT);
    final Registry registry;
    final ServiceAccountTokens tokens;
    final FakePods pods = new FakePods();
    final AtomicBoolean ready = new AtomicBoolean(true);
    final ApiServer server;
    final SSLContext admin;
    private final HttpClient adminClient;
    private final HttpClient anonymousClient;

    RunningApi(Path directory) throws IOException {
        this(directory, ApiServer.Config.onLoopback(0));
    }

    RunningApi(Path directory, ApiServer.Config config) throws IOException {
        var clock = InstantSource.system();
        pki =
                Pki.open(
                        directory.resolve("pki"),
                        SubjectNames.ofApiServer(
                                "cluster.local",
                                "yard",
                                InetAddress.ofLiteral("10.96.0.1"),
                                List.of()),
                        clock.instant());
        var random = new SplittableRandom(1);
        registry = new StoreRegistry(store, Schemas.load(), clock, random.split(), List.of());
        tokens =
                new ServiceAccountTokens(
                        pki.serviceAccounts(),
                        "https://kubernetes.default.svc.cluster.local",
                        registry,
                        clock,
                        random.split());
        server =
                ApiServer.start(
                        config,
                        new ApiServer.Parts(
                                registry,
                                tables(clock),
                                pods,
                                pki,
                                tokens,
                                new CertificatesAndTokens(tokens),
                                Authorizer.byGroup(),
                                List.of(HealthCheck.ready("started", ready::get)),
                                ServerVersion.of("v1.36.2+coracle-test", "", ""),
                                clock,
                                random.split()));
        admin = context(true);
        adminClient = HttpClient.newBuilder().sslContext(admin).build();
        anonymousClient = HttpClient.newBuilder().sslContext(context(false)).build();
        if (registry.list(ResourceTypes.NAMESPACES, Api.ListOptions.all()).entries().isEmpty()) {
            var namespace =
                    JsonReader.parseObject(
                            """
                            {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}
                            """);
            registry.create(ResourceTypes.NAMESPACES, "", namespace, Api.WriteOptions.by("test"));
        }
    }

    private static Tables tables(InstantSource clock) {
        var printed = new dev.coracle.core.registry.table.Tables(clock);
        return new Tables() {
            @Override
            public JsonArray columns(ResourceType type) {
                return printed.columns(type);
            }

            @Override
            public JsonArray cells(ResourceType type, JsonObject object) {
                return printed.cells(type, object);
            }
        };
    }

    private SSLContext context(boolean withCertificate) {
        try {
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", pki.authority().certificate());
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            if (withCertificate) {
                own.setKeyEntry(
                        "admin",
                        pki.admin().key(),
                        PASSWORD,
                        new Certificate[] {pki.admin().certificate()});
            }
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// An answer, read whole.
    record Answer(int code, java.net.http.HttpHeaders headers, String text) {
        JsonObject json() {
            return JsonReader.parseObject(text);
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        String message() {
            return json().string("message");
        }
    }

    /// Who sends: the administrator unless said otherwise.
    Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    Answer post(String path, String json, String... headers) {
        return send("POST", path, json, with(headers, "Content-Type", "application/json"));
    }

    Answer put(String path, String json) {
        return send("PUT", path, json, "Content-Type", "application/json");
    }

    Answer patch(String path, String contentType, String body) {
        return send("PATCH", path, body, "Content-Type", contentType);
    }

    Answer delete(String path) {
        return send("DELETE", path, null);
    }

    Answer send(String method, String path, @Nullable String body, String... headers) {
        return exchange(adminClient, request(method, path, body, headers));
    }

    Answer anonymous(String path, String... headers) {
        return exchange(anonymousClient, request("GET", path, null, headers));
    }

    /// Answers come as they are written.
    HttpResponse<java.io.InputStream> open(String path, String... headers) {
        try {
            return adminClient.send(
                    request("GET", path, null, headers), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<byte[]> bytes(HttpRequest.Builder request) {
        try {
            return adminClient.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    URI uri(String path) {
        return URI.create(server.uri() + path);
    }

    private static String[] with(String[] headers, String name, String value) {
        var all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = name;
        all[headers.length + 1] = value;
        return all;
    }

    private HttpRequest request(
            String method, String path, @Nullable String body, String... headers) {
        var request =
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(20))
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private static Answer exchange(HttpClient client, HttpRequest request) {
        try {
            var response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    JsonObject create(ResourceType type, String json) {
        return registry.create(
                type,
                type.namespaced() ? "default" : "",
                JsonReader.parseObject(json),
                Api.WriteOptions.by("test"));
    }

    /// A pod bound to the node `yard` whose container `main` has this status.
    void runPod(String name, String containerStatus) {
        create(
                ResourceTypes.PODS,
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},
                 "spec":{"nodeName":"yard","containers":[{"name":"main","image":"busybox"}]}}
                """
                        .formatted(name));
        setStatus(name, containerStatus);
    }

    void setStatus(String name, String containerStatus) {
        var key = new ObjectKey("default", name);
        var pod = registry.get(ResourceTypes.PODS, key);
        var status =
                JsonReader.parseObject(
                        """
                        {"phase":"Running","containerStatuses":[{"name":"main","image":"busybox",
                          "imageID":"x","ready":true,"restartCount":1,%s}]}
                        """
                                .formatted(containerStatus));
        registry.update(
                ResourceTypes.PODS,
                key,
                "status",
                pod.with("status", status),
                Api.WriteOptions.by("test"));
    }

    @Override
    public void close() {
        server.close();
        store.close();
    }

    /// Log files by container id, one streaming server, and one server that listens at every
    /// address of every pod.
    static final class FakePods implements PodAccess {
        final ConcurrentHashMap<String, Path> logs = new ConcurrentHashMap<>();
        final BlockingQueue<InetSocketAddress> connections = new LinkedBlockingQueue<>();
        final BlockingQueue<Object> asked = new LinkedBlockingQueue<>();
        volatile @Nullable URI streaming;
        volatile @Nullable InetSocketAddress backend;

        @Override
        public @Nullable Path logFile(JsonObject pod, String container, String containerId) {
            return logs.get(containerId);
        }

        @Override
        public URI exec(JsonObject pod, String container, List<String> command, Streams streams) {
            return streaming();
        }

        @Override
        public URI attach(JsonObject pod, String container, Streams streams) {
            asked.add(streams);
            return streaming();
        }

        @Override
        public URI portForward(JsonObject pod, List<Integer> ports) {
            asked.add(ports);
            return streaming();
        }

        @Override
        public Socket connect(InetSocketAddress address) throws IOException {
            connections.add(address);
            var listening = backend;
            if (listening == null) {
                throw new ConnectException("Connection refused");
            }
            return new Socket(listening.getAddress(), listening.getPort());
        }

        private URI streaming() {
            var uri = streaming;
            if (uri == null) {
                throw new ApiException(
                        Status.of(Status.Reason.INTERNAL_ERROR, "no streaming server"));
            }
            return uri;
        }
    }
}
