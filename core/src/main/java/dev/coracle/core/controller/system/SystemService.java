// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.system;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service of the cluster's own. What is behind it is no pod but listens on `backend`, for each
/// port on the one of that name; null while that is not known.
///
/// `isLegacy` says whether it has `Endpoints`, too.
public record SystemService(
        ObjectKey key,
        JsonObject labels,
        String clusterIp,
        List<Port> ports,
        @Nullable Backend backend,
        boolean isLegacy) {
    private static final int HTTPS = 443;
    private static final int API_TARGET = 6443;
    private static final int DNS = 53;

    public SystemService {
        ports = List.copyOf(ports);
    }

    /// `target` is what the service says of it, the backend decides where it is.
    public record Port(String name, String protocol, int port, int target) {}

    /// Where something listens that pods can reach: an address of IPv4 and one port for all.
    public record Backend(String host, int port) {}

    /// `default/kubernetes`: how pods find the API server.
    ///
    /// <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>
    public static SystemService api(String clusterIp, @Nullable Backend backend) {
        return new SystemService(
                new ObjectKey("default", "kubernetes"),
                JsonObject.of("component", Json.of("apiserver"), "provider", Json.of("kubernetes")),
                clusterIp,
                List.of(new Port("https", "TCP", HTTPS, API_TARGET)),
                backend,
                true);
    }

    /// `kube-system/kube-dns`: how pods find each other's names.
    ///
    /// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    public static SystemService dns(String clusterIp, Backend backend) {
        return new SystemService(
                new ObjectKey("kube-system", "kube-dns"),
                JsonObject.builder()
                        .put("k8s-app", "kube-dns")
                        .put("kubernetes.io/cluster-service", "true")
                        .put("kubernetes.io/name", "CoreDNS")
                        .build(),
                clusterIp,
                List.of(new Port("dns", "UDP", DNS, DNS), new Port("dns-tcp", "TCP", DNS, DNS)),
                backend,
                false);
    }

    JsonObject spec() {
        return JsonObject.builder()
                .put("clusterIP", clusterIp)
                .put(
                        "ports",
                        JsonArray.of(
                                ports.stream()
                                        .map(
                                                port ->
                                                        JsonObject.builder()
                                                                .put("name", port.name())
                                                                .put("protocol", port.protocol())
                                                                .put("port", port.port())
                                                                .put("targetPort", port.target())
                                                                .build())
                                        .toList()))
                .build();
    }

    /// The ports of `at`, as slices and endpoints have them.
    JsonArray ports(Backend at) {
        return JsonArray.of(
                ports.stream()
                        .map(
                                port ->
                                        JsonObject.builder()
                                                .put("name", port.name())
                                                .put("protocol", port.protocol())
                                                .put("port", at.port())
                                                .build())
                        .toList());
    }
}
