// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.event.EventRequest;
import dev.coracle.core.view.Service;

/// What load balancers are told that ask this node about a service with
/// `externalTrafficPolicy: Local`: whether it has endpoints of it that are ready, and how many.
///
/// <https://kubernetes.io/docs/tutorials/services/source-ip/>
public record ServiceHealth(EventRequest.Reference service, int port, int localEndpoints) {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    static ServiceHealth of(Service service, int localEndpoints) {
        var about =
                new EventRequest.Reference(
                        "v1",
                        "Service",
                        service.key().namespace(),
                        service.key().name(),
                        service.tree().object("metadata").string("uid"),
                        "",
                        "");
        return new ServiceHealth(about, service.healthPort(), localEndpoints);
    }

    /// The status of HTTP. Packets are not sent where rules are not as they should be, whatever is
    /// ready there; `rulesWritten` is false then.
    public int status(boolean rulesWritten) {
        return localEndpoints > 0 && rulesWritten ? OK : UNAVAILABLE;
    }

    /// The body, to the byte as kube-proxy writes it.
    public String body(boolean rulesWritten) {
        return """
               {
               \t"service": {
               \t\t"namespace": "%s",
               \t\t"name": "%s"
               \t},
               \t"localEndpoints": %d,
               \t"serviceProxyHealthy": %b
               }"""
                .formatted(service.namespace(), service.name(), localEndpoints, rulesWritten);
    }

    /// Says that nobody is told anything, because the port cannot be had.
    ///
    /// Differs from upstream: the event of a health check's port that is taken is of the service's
    /// own `uid`, so that `kubectl describe` shows it.
    public EventRequest cannotListen(String nodeName, String why) {
        var message =
                "node %s failed to start healthcheck \"%s/%s\" on port %d: %s"
                        .formatted(nodeName, service.namespace(), service.name(), port, why);
        return new EventRequest(
                service,
                "Warning",
                "FailedToStartServiceHealthcheck",
                message,
                "kube-proxy",
                nodeName);
    }
}
