// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A gRPC connection to a runtime's unix socket. Calls block, so they are made on virtual threads.
///
/// Connecting happens with the first call, and again by itself after the runtime was restarted.
final class CriConnection implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private final EventLoopGroup eventLoop;
    private final ManagedChannel channel;
    private final Channel namespaced;

    /// `namespace` is containerd's, for the calls that are not CRI.
    CriConnection(Path socket, String namespace) {
        eventLoop =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("cri-io", true), NioIoHandler.newFactory());
        var header = new Metadata();
        header.put(
                Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER),
                namespace);
        channel =
                NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .eventLoopGroup(eventLoop)
                        .channelType(NioDomainSocketChannel.class)
                        // The socket's path is no authority that Go's HTTP/2 would accept.
                        .overrideAuthority("localhost")
                        .usePlaintext()
                        .proxyDetector(_ -> null)
                        .disableServiceConfigLookUp()
                        .disableRetry()
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .build();
        namespaced =
                ClientInterceptors.intercept(
                        channel, MetadataUtils.newAttachHeadersInterceptor(header));
    }

    /// Makes one call and waits for its answer, at most `deadline`.
    ///
    /// @throws io.grpc.StatusRuntimeException whenever there is no answer
    <Q, R> R call(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        return ClientCalls.blockingUnaryCall(channel, method, within(deadline), request);
    }

    /// Like [#call], but gives up as on a missed deadline after `patience`, while the runtime may
    /// go on until `deadline`: it ends what it has begun.
    ///
    /// @throws io.grpc.StatusRuntimeException whenever there is no answer
    <Q, R> R callWithPatience(
            MethodDescriptor<Q, R> method, Q request, Duration deadline, Duration patience) {
        return answer(channel.newCall(method, within(deadline)), request, patience);
    }

    private static <Q, R> R answer(ClientCall<Q, R> call, Q request, Duration patience) {
        var answer = ClientCalls.futureUnaryCall(call, request);
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("no answer within %d ms".formatted(patience.toMillis()))
                    .asRuntimeException();
        } catch (ExecutionException e) {
            throw Status.fromThrowable(e).asRuntimeException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.withCause(e).asRuntimeException();
        }
    }

    /// Like [#call], for containerd's own services.
    <Q, R> R callContainerd(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        return ClientCalls.blockingUnaryCall(namespaced, method, within(deadline), request);
    }

    /// Like [#callWithPatience], for containerd's own services.
    <Q, R> R callContainerdWithPatience(
            MethodDescriptor<Q, R> method, Q request, Duration deadline, Duration patience) {
        return answer(namespaced.newCall(method, within(deadline)), request, patience);
    }

    /// Answers until the runtime ends the stream, the thread is interrupted or this is closed.
    <Q, R> Iterator<R> stream(MethodDescriptor<Q, R> method, Q request) {
        return ClientCalls.blockingServerStreamingCall(
                channel, method, CallOptions.DEFAULT, request);
    }

    /// Forgets how long ago connecting failed: the next call tries at once.
    void reconnect() {
        channel.resetConnectBackoff();
    }

    private static CallOptions within(Duration deadline) {
        return CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
