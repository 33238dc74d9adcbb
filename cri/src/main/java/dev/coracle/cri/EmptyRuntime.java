// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.cri.proto.CreateContainerResponse;
import dev.coracle.cri.proto.Image;
import dev.coracle.cri.proto.ImageStatusResponse;
import dev.coracle.cri.proto.RunPodSandboxResponse;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A runtime that has every image, agrees to everything, and does nothing: for walking through a
/// client's side of the conversation where nothing may happen. Most of its answers are empty.
public final class EmptyRuntime implements AutoCloseable {
    private final EventLoopGroup eventLoop =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("empty-runtime", true), NioIoHandler.newFactory());
    private final Server server;

    private EmptyRuntime(Path socket) throws IOException {
        server =
                NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .channelType(NioServerDomainSocketChannel.class)
                        .bossEventLoopGroup(eventLoop)
                        .workerEventLoopGroup(eventLoop)
                        .fallbackHandlerRegistry(new Anything())
                        .build()
                        .start();
    }

    /// Listens on `socket`, which must not exist yet.
    ///
    /// @throws IOException if it cannot
    public static EmptyRuntime open(Path socket) throws IOException {
        return new EmptyRuntime(socket);
    }

    @Override
    public void close() {
        server.shutdownNow();
        var _ = eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static final class Anything extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(
                String methodName, @Nullable String authority) {
            var method =
                    MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName(methodName)
                            .build();
            return ServerMethodDefinition.create(
                    method,
                    ServerCalls.asyncUnaryCall(
                            (_, answer) -> {
                                answer.onNext(answer(methodName));
                                answer.onCompleted();
                            }));
        }
    }

    private static byte[] answer(String method) {
        return switch (method.substring(method.lastIndexOf('/') + 1)) {
            case "ImageStatus" ->
                    ImageStatusResponse.newBuilder()
                            .setImage(Image.newBuilder().setId("image"))
                            .build()
                            .toByteArray();
            case "RunPodSandbox" ->
                    RunPodSandboxResponse.newBuilder()
                            .setPodSandboxId("sandbox")
                            .build()
                            .toByteArray();
            case "CreateContainer" ->
                    CreateContainerResponse.newBuilder()
                            .setContainerId("container")
                            .build()
                            .toByteArray();
            default -> new byte[0];
        };
    }

    private static final class Bytes implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
