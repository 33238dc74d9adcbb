// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.util.function.Consumer;

/// Port: what the kubelet needs of a container runtime. Real: a CRI client. Pretended: scripted
/// containers in virtual time.
///
/// <https://kubernetes.io/docs/concepts/containers/cri/>
public interface ContainerRuntime extends AutoCloseable {

    /// Starts the call and returns at once. `reply` is told exactly once what came of it, on any
    /// thread; a call that cannot be made is told [RuntimeReply.Failed]. Calls are not ordered
    /// among themselves: who needs an order waits for the reply.
    void perform(RuntimeCall call, Consumer<RuntimeReply> reply);

    /// Tells `sink` whenever a container or sandbox was seen to change state, until closed. Told
    /// at most late or twice, never not at all: a relist backs the event stream.
    AutoCloseable watch(Consumer<RuntimeEvent> sink);

    /// Something of this pod changed: look again with [RuntimeCall.InspectPod].
    record RuntimeEvent(String podUid) {}

    @Override
    void close();
}
