// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import java.util.function.Consumer;

/// Makes gRPC health checks, for which this module has no library.
@FunctionalInterface
public interface GrpcChecks {

    /// Blocks until there is a reply or the thread, a virtual one, is interrupted because time is
    /// up. `ifLate` is told beforehand, and again as things go on, what the failure is then.
    ProbeReply check(ProbeCall.GrpcCheck call, Consumer<String> ifLate) throws InterruptedException;
}
