// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.cri.proto.ContainerEventResponse;
import dev.coracle.cri.proto.GetEventsRequest;
import dev.coracle.cri.proto.VersionRequest;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With a runtime that tells of one event and says nothing else.
@Timeout(60)
class CriConnectionTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final ContainerEventResponse EVENT = ContainerEventResponse.getDefaultInstance();

    @TempDir private Path directory;

    private final Semaphore asked = new Semaphore(0);
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private Server runtime;
    private CriConnection connection;

    @BeforeEach
    void listen() throws IOException {
        var socket = directory.resolve("cri.sock");
        runtime =
                NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .channelType(NioServerDomainSocketChannel.class)
                        .bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop)
                        .addService(
                                ServerServiceDefinition.builder(CriMethods.VERSION.getServiceName())
                                        .addMethod(
                                                CriMethods.VERSION,
                                                ServerCalls.asyncUnaryCall(
                                                        (_, _) -> asked.release()))
                                        .addMethod(
                                                CriMethods.GET_CONTAINER_EVENTS,
                                                ServerCalls.asyncServerStreamingCall(
                                                        (_, answer) -> answer.onNext(EVENT)))
                                        .build())
                        .build()
                        .start();
        connection = new CriConnection(socket, "");
    }

    @AfterEach
    void close() throws InterruptedException {
        connection.close();
        runtime.shutdownNow().awaitTermination();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private void askVersion() {
        connection.call(CriMethods.VERSION, VersionRequest.getDefaultInstance(), LONG);
    }

    /// How a call ends that is under way while the connection is closed and its thread interrupted.
    private Throwable endOf(Runnable call, Runnable goOn) throws InterruptedException {
        var end = new CompletableFuture<Throwable>();
        var thread = Thread.startVirtualThread(() -> end.complete(catchThrowable(call::run)));
        asked.acquire();
        connection.close();
        thread.interrupt();
        goOn.run();
        return end.join();
    }

    @Test
    void aCallUnderWayEndsWithAStatus() throws InterruptedException {
        assertThat(endOf(this::askVersion, () -> {})).isInstanceOf(StatusRuntimeException.class);
    }

    /// Several times, because it is a race: the stream learns that it is given up only after what
    /// came has been passed on.
    @RepeatedTest(10)
    void aStreamUnderWayEndsWithAStatus() throws InterruptedException {
        var passedOn = new Semaphore(0);
        Runnable follow =
                () ->
                        connection.stream(
                                CriMethods.GET_CONTAINER_EVENTS,
                                GetEventsRequest.getDefaultInstance(),
                                _ -> {
                                    asked.release();
                                    passedOn.acquireUninterruptibly();
                                });

        assertThat(endOf(follow, passedOn::release)).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void aClosedConnectionSaysSo() {
        connection.close();

        var refusal = catchThrowableOfType(StatusRuntimeException.class, this::askVersion);

        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal).hasMessageContaining("connection to the runtime is closed");
    }

    /// It is used to tell the runtime that a call is given up.
    @Test
    void theLoopOutlivesTheCallsThatAreUnderWay() {
        var used = new ClientLoop("used");
        assertThat(used.begin()).isTrue();

        used.close();

        assertThat(used.begin()).isFalse();
        assertThat(used.group().isShuttingDown()).isFalse();
        used.end();
        assertThat(used.group().terminationFuture().awaitUninterruptibly(10, TimeUnit.SECONDS))
                .isTrue();
    }
}
