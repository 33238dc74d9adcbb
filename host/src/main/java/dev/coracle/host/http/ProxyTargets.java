// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Finds the address that a request to `services/NAME/proxy` or `pods/NAME/proxy` is for. It is
/// always one of a pod of the same namespace, and never one that means a machine itself.
///
/// <https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/>
final class ProxyTargets {
    private static final Set<String> SCHEMES = Set.of("", "http", "https");
    private static final int MOST_PORT = 0xffff;

    private final Registry registry;
    private final IntUnaryOperator chance;

    /// `chance` draws a number below the one that it is given.
    ProxyTargets(Registry registry, IntUnaryOperator chance) {
        this.registry = registry;
        this.chance = chance;
    }

    /// Where to connect, and whether to speak TLS there.
    record Target(boolean secure, InetSocketAddress address) {}

    /// `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`; the port is a number or a name, or empty.
    private record Wanted(String scheme, String name, String port) {
        static @Nullable Wanted of(String text) {
            var parts = text.split(":", -1);
            var wanted =
                    switch (parts.length) {
                        case 1 -> new Wanted("", parts[0], "");
                        case 2 -> new Wanted("", parts[0], parts[1]);
                        case 3 -> new Wanted(parts[0], parts[1], parts[2]);
                        default -> null;
                    };
            return wanted == null || wanted.name().isEmpty() || !SCHEMES.contains(wanted.scheme())
                    ? null
                    : wanted;
        }

        boolean secure() {
            return scheme.equals("https");
        }

        boolean hasNumber() {
            return port.matches("\\d{1,9}");
        }
    }

    /// @throws ApiException 400 for a name that is none, 404 for what is not there, 503 if nothing
    ///     is ready behind it
    Target of(ResourceType type, ObjectKey key) {
        var wanted = Wanted.of(key.name());
        if (wanted == null) {
            throw ApiException.badRequest(
                    "invalid %s request \"%s\"".formatted(type.singular(), key.name()));
        }
        var name = new ObjectKey(key.namespace(), wanted.name());
        return type.equals(ResourceTypes.PODS)
                ? ofPod(wanted, registry.get(type, name))
                : ofService(wanted, type, name, key.name());
    }

    private static Target ofPod(Wanted wanted, JsonObject pod) {
        var ip = pod.object("status").array("podIPs").objects().stream().findFirst();
        var address = ip.map(first -> allowed(first.string("ip"))).orElse(null);
        if (address == null) {
            throw ApiException.badRequest("address not allowed");
        }
        return new Target(wanted.secure(), new InetSocketAddress(address, port(wanted, pod)));
    }

    /// The one asked for, else the first that the pod declares, else the scheme's.
    private static int port(Wanted wanted, JsonObject pod) {
        if (wanted.port().isEmpty()) {
            return pod.object("spec").array("containers").objects().stream()
                    .flatMap(container -> container.array("ports").objects().stream().limit(1))
                    .findFirst()
                    .map(port -> (int) port.number("containerPort", 0))
                    .orElse(wanted.secure() ? 443 : 80);
        }
        if (!wanted.hasNumber() || Integer.parseInt(wanted.port()) > MOST_PORT) {
            throw Errors.unavailable(
                    "error trying to reach service: dial tcp: lookup tcp/%s: unknown port"
                            .formatted(wanted.port()));
        }
        return Integer.parseInt(wanted.port());
    }

    private Target ofService(Wanted wanted, ResourceType type, ObjectKey key, String asked) {
        var port = wanted.hasNumber() ? nameOfPort(wanted, registry.get(type, key)) : wanted.port();
        var subsets = registry.get(ResourceTypes.ENDPOINTS, key).array("subsets").objects();
        if (subsets.isEmpty()) {
            throw noEndpoints(key.name());
        }
        for (var subset : fromAnywhere(subsets)) {
            for (var candidate : subset.array("ports").objects()) {
                var ip =
                        candidate.string("name").equals(port)
                                ? anAddress(subset, key.namespace())
                                : null;
                if (ip != null) {
                    return new Target(
                            wanted.secure(),
                            new InetSocketAddress(ip, (int) candidate.number("port", 0)));
                }
            }
        }
        throw noEndpoints(asked);
    }

    private static String nameOfPort(Wanted wanted, JsonObject service) {
        long number = Long.parseLong(wanted.port());
        return service.object("spec").array("ports").objects().stream()
                .filter(port -> port.number("port", 0) == number)
                .findFirst()
                .map(port -> port.string("name"))
                .orElseThrow(
                        () ->
                                Errors.unavailable(
                                        "no service port %d found for service \"%s\""
                                                .formatted(number, wanted.name())));
    }

    private static ApiException noEndpoints(String name) {
        return Errors.unavailable("no endpoints available for service \"%s\"".formatted(name));
    }

    /// The same in the same order, but beginning anywhere.
    private <T> List<T> fromAnywhere(List<T> all) {
        if (all.isEmpty()) {
            return all;
        }
        int first = chance.applyAsInt(all.size());
        var turned = new ArrayList<>(all.subList(first, all.size()));
        turned.addAll(all.subList(0, first));
        return turned;
    }

    /// A ready address that is that of a pod of `namespace`: endpoints can be written by hand, and
    /// are not to lead elsewhere.
    private @Nullable InetAddress anAddress(JsonObject subset, String namespace) {
        for (var candidate : fromAnywhere(subset.array("addresses").objects())) {
            var ip = candidate.string("ip");
            var target = candidate.object("targetRef");
            if (target.string("namespace").equals(namespace)
                    && has(new ObjectKey(namespace, target.string("name")), ip)) {
                var address = allowed(ip);
                if (address != null) {
                    return address;
                }
            }
        }
        return null;
    }

    private boolean has(ObjectKey pod, String ip) {
        try {
            return registry
                    .get(ResourceTypes.PODS, pod)
                    .object("status")
                    .array("podIPs")
                    .objects()
                    .stream()
                    .anyMatch(each -> each.string("ip").equals(ip));
        } catch (ApiException e) {
            if (e.is(Status.Reason.NOT_FOUND)) {
                return false;
            }
            throw e;
        }
    }

    /// Null for what is no address of one machine among others.
    private static @Nullable InetAddress allowed(String ip) {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(ip);
        } catch (IllegalArgumentException _) {
            return null;
        }
        boolean special =
                address.isLoopbackAddress()
                        || address.isLinkLocalAddress()
                        || address.isMulticastAddress()
                        || address.isAnyLocalAddress()
                        || ip.equals("255.255.255.255");
        return special ? null : address;
    }
}
