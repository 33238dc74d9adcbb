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
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// A gRPC connection to a runtime's unix socket. Calls block, so they are made on virtual threads.
///
/// Connecting happens with the first call, and again by itself after the runtime was restarted.
final class CriConnection implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private final ClientLoop loop = new ClientLoop("cri-io");
    private final ManagedChannel channel;
    private final Channel namespaced;

    /// `namespace` is containerd's, for the calls that are not CRI.
    CriConnection(Path socket, String namespace) {
        var header = new Metadata();
        header.put(
                Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER),
                namespace);
        channel =
                NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .eventLoopGroup(loop.group())
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
        return call(channel, method, request, deadline);
    }

    private <Q, R> R call(
            Channel through, MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        begin();
        try {
            return ClientCalls.blockingUnaryCall(through, method, within(deadline), request);
        } finally {
            loop.end();
        }
    }

    private void begin() {
        if (!loop.begin()) {
            throw Status.UNAVAILABLE
                    .withDescription("the connection to the runtime is closed")
                    .asRuntimeException();
        }
    }

    /// Like [#call], but gives up as on a missed deadline after `patience`, while the runtime may
    /// go on until `deadline`: it ends what it has begun.
    ///
    /// @throws io.grpc.StatusRuntimeException whenever there is no answer
    <Q, R> R callWithPatience(
            MethodDescriptor<Q, R> method, Q request, Duration deadline, Duration patience) {
        return answer(channel.newCall(method, within(deadline)), request, patience);
    }

    private <Q, R> R answer(ClientCall<Q, R> call, Q request, Duration patience) {
        begin();
        try {
            return ClientCalls.futureUnaryCall(call, request)
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw Status.DEADLINE_EXCEEDED
                    .withDescription("no answer within %d ms".formatted(patience.toMillis()))
                    .asRuntimeException();
        } catch (ExecutionException e) {
            throw Status.fromThrowable(e).asRuntimeException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.withCause(e).asRuntimeException();
        } finally {
            loop.end();
        }
    }

    /// Like [#call], for containerd's own services.
    <Q, R> R callContainerd(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        return call(namespaced, method, request, deadline);
    }

    /// Like [#callWithPatience], for containerd's own services.
    <Q, R> R callContainerdWithPatience(
            MethodDescriptor<Q, R> method, Q request, Duration deadline, Duration patience) {
        return answer(namespaced.newCall(method, within(deadline)), request, patience);
    }

    /// Passes on what comes until the runtime ends the stream.
    ///
    /// @throws io.grpc.StatusRuntimeException when the stream breaks, the thread is interrupted or
    ///     this is closed
    <Q, R> void stream(MethodDescriptor<Q, R> method, Q request, Consumer<R> sink) {
        begin();
        try {
            ClientCalls.blockingServerStreamingCall(channel, method, CallOptions.DEFAULT, request)
                    .forEachRemaining(sink);
        } finally {
            loop.end();
        }
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
        loop.close();
    }
}
