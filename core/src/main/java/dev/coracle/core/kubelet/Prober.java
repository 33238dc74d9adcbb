// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.util.function.Consumer;

/// Port: what the kubelet needs to ask a container over the network, for probes and for hooks.
/// Real: sockets. Pretended: scripted endpoints in virtual time.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
public interface Prober extends AutoCloseable {

    /// Starts the check and returns at once. `reply` is told exactly once what came of it, on any
    /// thread, within the check's timeout; one hung target delays no other.
    void perform(ProbeCall call, Consumer<ProbeReply> reply);

    @Override
    void close();
}
