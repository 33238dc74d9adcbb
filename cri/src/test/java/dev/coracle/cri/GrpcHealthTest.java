// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.cri.proto.health.HealthCheckRequest;
import dev.coracle.cri.proto.health.HealthCheckResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against gRPC servers of the same library.
class GrpcHealthTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final GrpcHealth health = new GrpcHealth();
    private final BlockingQueue<String> agents = new LinkedBlockingQueue<>();
    private Server server;

    /// Answers one request.
    private interface Service {
        void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer);
    }

    @AfterEach
    void close() throws InterruptedException {
        if (server != null) {
            server.shutdownNow().awaitTermination();
        }
        health.close();
    }

    private ProbeCall.GrpcCheck serving(Service service, Duration timeout) throws IOException {
        var method =
                MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName("grpc.health.v1.Health/Check")
                        .setRequestMarshaller(
                                ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                        .setResponseMarshaller(
                                ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                        .build();
        return serving(
                ServerServiceDefinition.builder("grpc.health.v1.Health")
                        .addMethod(method, ServerCalls.asyncUnaryCall(service::check))
                        .build(),
                timeout);
    }

    private ProbeCall.GrpcCheck serving(ServerServiceDefinition service, Duration timeout)
            throws IOException {
        server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .addService(service)
                        .intercept(new NotedAgent())
                        .build()
                        .start();
        return new ProbeCall.GrpcCheck("127.0.0.1", server.getPort(), "db", timeout);
    }

    private final class NotedAgent implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            agents.add(
                    headers.get(Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER)));
            return next.startCall(call, headers);
        }
    }

    private ProbeReply check(ProbeCall.GrpcCheck call) throws InterruptedException {
        return health.check(call, _ -> {});
    }

    /// Looks for all classes itself, but for those of the JDK, and notes what it does not find.
    private static final class NotingLoader extends URLClassLoader {
        final Set<String> missing = ConcurrentHashMap.newKeySet();

        NotingLoader() throws MalformedURLException {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] classPath() throws MalformedURLException {
            var path = System.getProperty("java.class.path").split(File.pathSeparator);
            var urls = new URL[path.length];
            for (int i = 0; i < path.length; i++) {
                urls[i] = Path.of(path[i]).toUri().toURL();
            }
            return urls;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try {
                return super.findClass(name);
            } catch (ClassNotFoundException e) {
                missing.add(name);
                throw e;
            }
        }
    }

    /// A virtual thread that waits for a class loader keeps its carrier.
    @Test
    @SuppressWarnings("resource")
    void onlyTheFirstCheckLooksForClassesThatAreNotThere() throws Exception {
        var call =
                serving(
                        (_, answer) -> {
                            answer.onNext(HealthCheckResponse.getDefaultInstance());
                            answer.onCompleted();
                        },
                        LONG);
        var loader = new NotingLoader(); // stays open: a thread that ends may need classes yet
        var type = loader.loadClass(GrpcHealth.class.getName());
        var twin = loader.loadClass(ProbeCall.GrpcCheck.class.getName());
        var request =
                twin.getConstructor(String.class, int.class, String.class, Duration.class)
                        .newInstance(call.host(), call.port(), call.service(), LONG);
        try (var own = (AutoCloseable) type.getConstructor().newInstance()) {
            var check = type.getMethod("check", twin, Consumer.class);
            Consumer<String> ifLate = _ -> {};
            check.invoke(own, request, ifLate);
            assertThat(loader.missing).isNotEmpty();
            loader.missing.clear();

            check.invoke(own, request, ifLate);

            assertThat(loader.missing).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"})
    void theStatusOfTheServiceIsTold(String status) throws Exception {
        var call =
                serving(
                        (request, answer) -> {
                            assertThat(request.getService()).isEqualTo("db");
                            answer.onNext(
                                    HealthCheckResponse.newBuilder()
                                            .setStatus(
                                                    HealthCheckResponse.ServingStatus.valueOf(
                                                            status))
                                            .build());
                            answer.onCompleted();
                        },
                        LONG);

        assertThat(check(call)).isEqualTo(new ProbeReply.Grpc(status));
        assertThat(agents.take()).startsWith("kube-probe/1.36 ");
    }

    @Test
    void aStatusThatNobodyKnowsIsTheNumber() throws Exception {
        var call =
                serving(
                        (_, answer) -> {
                            answer.onNext(
                                    HealthCheckResponse.newBuilder().setStatusValue(9).build());
                            answer.onCompleted();
                        },
                        LONG);

        assertThat(check(call)).isEqualTo(new ProbeReply.Grpc("9"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    NOT_FOUND | error: health rpc probe failed: rpc error: code = NotFound desc = why
                    UNAVAILABLE | error: health rpc probe failed: rpc error: code = Unavailable desc = why
                    DEADLINE_EXCEEDED | timeout: health rpc did not complete within 1m0s
                    UNIMPLEMENTED | error: this server does not implement the grpc health protocol (grpc.health.v1.Health): why
                    """)
    void anErrorOfTheServerIsToldInUpstreamsWords(Status.Code code, String message)
            throws Exception {
        var call =
                serving(
                        (_, answer) ->
                                answer.onError(
                                        code.toStatus().withDescription("why").asException()),
                        LONG);

        assertThat(check(call)).isEqualTo(new ProbeReply.Failed(message));
    }

    @Test
    void aServerWithoutTheProtocolIsToldSo() throws Exception {
        var call = serving(ServerServiceDefinition.builder("other.Service").build(), LONG);

        assertThat(check(call))
                .asString()
                .contains(
                        "error: this server does not implement the grpc health protocol"
                                + " (grpc.health.v1.Health): ");
    }

    @Test
    void aServiceThatTakesTooLongIsTooLate() throws Exception {
        var call = serving((_, _) -> {}, Duration.ofSeconds(1));

        assertThat(check(call))
                .isEqualTo(new ProbeReply.Failed("timeout: health rpc did not complete within 1s"));
    }

    @Test
    void connectingGoesOnUntilInterruptedAndThenHasItsOwnWords() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        var call = new ProbeCall.GrpcCheck("127.0.0.1", port, "", Duration.ofSeconds(90));

        assertThat(interrupted(call, 1))
                .isEqualTo(
                        ("timeout: failed to connect service \"127.0.0.1:%d\" within 1m30s: context"
                                        + " deadline exceeded")
                                .formatted(port));
    }

    @Test
    void aServerThatSaysNothingIsNotConnectedTo() throws Exception {
        try (var silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            var call =
                    new ProbeCall.GrpcCheck(
                            "127.0.0.1", silent.getLocalPort(), "", Duration.ofHours(1));

            assertThat(interrupted(call, 1))
                    .startsWith("timeout: failed to connect service")
                    .contains(" within 1h0m0s: ");
        }
    }

    @Test
    void anInterruptedCallIsGivenUp() throws Exception {
        var call = serving((_, _) -> {}, LONG);

        assertThat(interrupted(call, 2))
                .isEqualTo("timeout: health rpc did not complete within 1m0s");
    }

    /// Interrupts the check once it has said `messages` times what to tell then; returns the last.
    /// What is under way needs the event loop to give up.
    @Test
    void theEndWaitsForACheckThatIsUnderWay() throws Exception {
        var asked = new CountDownLatch(1);
        var call = serving((_, _) -> asked.countDown(), LONG);
        var check = start(call, _ -> {});
        asked.await();

        health.close();
        check.interrupt();

        assertThatThrownBy(() -> check(call)).isInstanceOf(InterruptedException.class);
    }

    /// A check that is under way on a thread of its own.
    private record Started(Thread thread, CompletableFuture<ProbeReply> end) {
        void interrupt() throws Exception {
            thread.interrupt();
            assertThat(end.handle((_, failure) -> failure).get(1, TimeUnit.MINUTES))
                    .isInstanceOf(InterruptedException.class);
        }
    }

    private Started start(ProbeCall.GrpcCheck call, Consumer<String> ifLate) {
        var end = new CompletableFuture<ProbeReply>();
        var thread =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        end.complete(health.check(call, ifLate));
                                    } catch (InterruptedException | RuntimeException e) {
                                        end.completeExceptionally(e);
                                    }
                                });
        return new Started(thread, end);
    }

    private String interrupted(ProbeCall.GrpcCheck call, int messages) throws Exception {
        var words = new LinkedBlockingQueue<String>();
        var check = start(call, words::add);
        var last = "";
        for (int i = 0; i < messages; i++) {
            last = words.take();
        }
        check.interrupt();
        return last;
    }
}
