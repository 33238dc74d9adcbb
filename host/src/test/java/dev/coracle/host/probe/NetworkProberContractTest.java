// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.core.kubelet.Prober;
import dev.coracle.core.kubelet.ProberContract;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/// The contract over real sockets; the gRPC client proper is tested where its library is.
class NetworkProberContractTest implements ProberContract {
    private final Closing closing = new Closing();
    private final Alarms alarms = closing.add(new Alarms(InstantSource.system()));
    private String health = "";
    private final Prober prober =
            closing.add(new NetworkProber(alarms, (_, _) -> new ProbeReply.Grpc(health)));

    @AfterEach
    void closeAll() {
        closing.close();
    }

    @Override
    public Prober prober() {
        return prober;
    }

    private Endpoint endpoint(LocalServer server) {
        return new Endpoint("127.0.0.1", closing.add(server).port());
    }

    @Override
    public Endpoint answering(int statusCode, String body) {
        return endpoint(
                LocalServer.saying(
                        "HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n\r\n%s"
                                .formatted(statusCode, body.length(), body)));
    }

    @Override
    public Endpoint silent() {
        return endpoint(LocalServer.silent());
    }

    @Override
    public Endpoint refusing() {
        return new Endpoint("127.0.0.1", unusedPort());
    }

    static int unusedPort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Endpoint health(String status) {
        health = status;
        return new Endpoint("127.0.0.1", 1);
    }

    @Override
    public void await(BooleanSupplier done) {
        Eventually.holds(done);
    }
}
