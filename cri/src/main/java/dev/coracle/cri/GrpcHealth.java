// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.ip.HostAndPort;
import dev.coracle.core.kubelet.GoDuration;
import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.cri.proto.health.HealthCheckRequest;
import dev.coracle.cri.proto.health.HealthCheckResponse;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Makes gRPC health checks in clear text, each over a connection of its own.
///
/// It is here for the library's sake. Failures are in the words of upstream's kubelet.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
public final class GrpcHealth implements AutoCloseable {
    private static final String USER_AGENT = "kube-probe/1.36";

    private static final MethodDescriptor<HealthCheckRequest, HealthCheckResponse> CHECK =
            MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("grpc.health.v1.Health/Check")
                    .setRequestMarshaller(
                            ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                    .setResponseMarshaller(
                            ProtoUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                    .build();

    private final ClientLoop loop = new ClientLoop("grpc-probe");

    /// Blocks until there is a reply or the thread is interrupted, which is for the caller to do
    /// when time is up; `ifLate` is told what the failure is then. The call's host is an address.
    ///
    /// As upstream does, connecting goes on until then, however often it fails.
    public ProbeReply check(ProbeCall.GrpcCheck call, Consumer<String> ifLate)
            throws InterruptedException {
        if (!loop.begin()) {
            throw new InterruptedException("no longer wanted");
        }
        try {
            return connectAndAsk(call, ifLate);
        } finally {
            loop.end();
        }
    }

    private ProbeReply connectAndAsk(ProbeCall.GrpcCheck call, Consumer<String> ifLate)
            throws InterruptedException {
        ifLate.accept(
                "timeout: failed to connect service \"%s\" within %s: context deadline exceeded"
                        .formatted(
                                HostAndPort.text(call.host(), call.port()),
                                GoDuration.text(call.timeout())));
        var channel = channel(call);
        try {
            awaitReady(channel);
            ifLate.accept(tooLate(call));
            return ask(channel, call);
        } finally {
            channel.shutdownNow();
        }
    }

    /// For statistics and traces the library would look by name, for each channel, for classes that
    /// are not there. A virtual thread that waits for a class loader keeps its carrier; when all of
    /// them were kept so, nothing went on at all.
    private ManagedChannel channel(ProbeCall.GrpcCheck call) {
        var builder = builder(call);
        InternalNettyChannelBuilder.setStatsEnabled(builder, false);
        InternalNettyChannelBuilder.setTracingEnabled(builder, false);
        return builder.build();
    }

    private NettyChannelBuilder builder(ProbeCall.GrpcCheck call) {
        return NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.ofLiteral(call.host()), call.port()))
                .overrideAuthority(HostAndPort.text(call.host(), call.port()))
                .eventLoopGroup(loop.group())
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .usePlaintext()
                .userAgent(USER_AGENT)
                .proxyDetector(_ -> null)
                .disableServiceConfigLookUp()
                .disableRetry();
    }

    private static void awaitReady(ManagedChannel channel) throws InterruptedException {
        while (true) {
            var state = channel.getState(true);
            if (state == ConnectivityState.READY) {
                return;
            }
            var changed = new CountDownLatch(1);
            channel.notifyWhenStateChanged(state, changed::countDown);
            changed.await();
        }
    }

    private static ProbeReply ask(ManagedChannel channel, ProbeCall.GrpcCheck call)
            throws InterruptedException {
        try {
            var response =
                    ClientCalls.blockingUnaryCall(
                            channel,
                            CHECK,
                            CallOptions.DEFAULT.withDeadlineAfter(
                                    call.timeout().toMillis(), TimeUnit.MILLISECONDS),
                            HealthCheckRequest.newBuilder().setService(call.service()).build());
            return new ProbeReply.Grpc(
                    response.getStatus() == HealthCheckResponse.ServingStatus.UNRECOGNIZED
                            ? Integer.toString(response.getStatusValue())
                            : response.getStatus().name());
        } catch (StatusRuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("no longer wanted");
            }
            return new ProbeReply.Failed(words(e.getStatus(), call));
        }
    }

    private static String words(Status status, ProbeCall.GrpcCheck call) {
        return switch (status.getCode()) {
            case UNIMPLEMENTED ->
                    "error: this server does not implement the grpc health protocol"
                            + " (grpc.health.v1.Health): "
                            + RuntimeFailure.description(status);
            case DEADLINE_EXCEEDED -> tooLate(call);
            default -> "error: health rpc probe failed: " + RuntimeFailure.withCode(status);
        };
    }

    private static String tooLate(ProbeCall.GrpcCheck call) {
        return "timeout: health rpc did not complete within " + GoDuration.text(call.timeout());
    }

    /// There are no checks from now on. Those under way, which the caller interrupts, end first.
    @Override
    public void close() {
        loop.close();
    }
}
