// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.SandboxSpec;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// A pod's sandbox: its address, and whether it lives.
final class PretendedSandbox {
    final String id;
    final SandboxSpec spec;
    private final Instant createdAt;
    private final String ip;
    private final Consumer<Happening> observer;
    private boolean ready = true;

    PretendedSandbox(
            String id,
            SandboxSpec spec,
            Instant createdAt,
            String ip,
            Consumer<Happening> observer) {
        this.id = id;
        this.spec = spec;
        this.createdAt = createdAt;
        this.ip = ip;
        this.observer = observer;
    }

    ObjectKey pod() {
        return new ObjectKey(spec.namespace(), spec.name());
    }

    boolean ready() {
        return ready;
    }

    /// Returns whether it lived until now.
    boolean die() {
        boolean lived = ready;
        ready = false;
        return lived;
    }

    /// Empty on the host's network.
    List<String> ips() {
        return spec.namespaces().hostNetwork() ? List.of() : List.of(ip);
    }

    /// Whether its containers listen on that address.
    boolean answersAt(String host, String nodeIp) {
        return ready
                && (spec.namespaces().hostNetwork()
                        ? host.equals(nodeIp)
                                || host.equals("127.0.0.1")
                                || host.equals("localhost")
                        : host.equals(ip));
    }

    void tell(Happening happening) {
        observer.accept(happening);
    }

    RuntimeReply.SandboxStatus status() {
        return new RuntimeReply.SandboxStatus(
                id, ready, spec.attempt(), createdAt, ips(), spec.labels(), spec.annotations());
    }
}
