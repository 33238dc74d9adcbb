// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.view.Service.Protocol;
import java.time.Duration;
import java.util.List;

/// Endpoints of which each new connection gets one by chance: at least one, sorted, each once.
///
/// A client that comes again within `affinity`, in whole seconds, gets the one it had; zero where
/// it need not.
///
/// <https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity>
public record Choice(Protocol protocol, List<Endpoint> endpoints, Duration affinity) {
    public Choice {
        endpoints = endpoints.stream().distinct().sorted().toList();
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("a choice of nothing");
        }
    }

    public boolean sticky() {
        return !affinity.isZero();
    }
}
