// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.ip.HostAndPort;
import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.core.kubelet.Prober;
import dev.coracle.host.loop.Alarms;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The [Prober] of a real node: a virtual thread, a connection and an alarm for each check.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
public final class NetworkProber implements Prober {
    private final Alarms alarms;
    private final GrpcChecks grpc;
    private final Dialer dialer = new Dialer();
    private final HttpCheck http = new HttpCheck(dialer);
    private final Set<Check> underWay = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// `alarms` must outlive this.
    public NetworkProber(Alarms alarms, GrpcChecks grpc) {
        this.alarms = alarms;
        this.grpc = grpc;
    }

    @Override
    public void perform(ProbeCall call, Consumer<ProbeReply> reply) {
        var check = new Check(work(call), reply, underWay::remove);
        underWay.add(check);
        if (closed) {
            check.cancel();
        } else {
            check.start(alarms, call.timeout());
        }
    }

    private Check.Work work(ProbeCall call) {
        return switch (call) {
            case ProbeCall.HttpGet get -> check -> http.perform(get, check);
            case ProbeCall.TcpConnect connect -> check -> connect(connect, check);
            case ProbeCall.GrpcCheck health ->
                    check -> grpc.check(health, words -> check.beforeThat(() -> words));
        };
    }

    private ProbeReply connect(ProbeCall.TcpConnect call, Check check)
            throws CheckFailed, InterruptedException {
        var address = HostAndPort.text(call.host(), call.port());
        check.beforeThat(() -> "dial tcp " + address + ": i/o timeout");
        new Connection(dialer.connect(call.host(), call.port(), call.timeout())).finish();
        return new ProbeReply.Connected();
    }

    /// Ends what is under way.
    @Override
    public void close() {
        closed = true;
        underWay.forEach(Check::cancel);
    }
}
