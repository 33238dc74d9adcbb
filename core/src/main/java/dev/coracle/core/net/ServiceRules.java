// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What one service adds to the table. `health` is what load balancers are told of it, if there is
/// a port for that.
record ServiceRules(
        Map<Destination, Target> destinations,
        Map<String, Choice> choices,
        List<String> clusterIps,
        @Nullable ServiceHealth health) {
    private static final String IPV4 = "IPv4";

    /// Choices are named by what they are of: `all/default/web/tcp/http`,
    /// `local/default/web/tcp/http`. No name of Kubernetes has a slash in it.
    private static final String ALL = "all/";

    private static final String LOCAL = "local/";

    /// The rules of `service`, whose endpoints are in `slices`, on `node`.
    static ServiceRules of(Service service, Collection<EndpointSlice> slices, RuleBook.Node node) {
        var candidates =
                service.ports().stream()
                        .map(port -> Candidates.of(port, slices, node.name()))
                        .toList();
        var rules =
                new ServiceRules(
                        new LinkedHashMap<>(),
                        new LinkedHashMap<>(),
                        ipv4(service),
                        health(service, candidates));
        var sources = sources(service, node.ip());
        for (int i = 0; i < candidates.size(); i++) {
            rules.add(service, service.ports().get(i), candidates.get(i), sources);
        }
        return rules;
    }

    /// Ending endpoints may get connections still, but nobody is to be sent for them. One that has
    /// several ports counts once.
    private static @Nullable ServiceHealth health(Service service, List<Candidates> ofPorts) {
        int port = service.healthPort();
        return port == 0
                ? null
                : ServiceHealth.of(
                        service,
                        (int)
                                ofPorts.stream()
                                        .flatMap(candidates -> candidates.all().stream())
                                        .filter(it -> it.local() && it.ready())
                                        .map(it -> it.endpoint().ip())
                                        .distinct()
                                        .count());
    }

    /// Who may come to the load balancer's addresses; everybody, unless a range of IPv4 is given.
    ///
    /// Where such an address is the node's own, what the node itself sends there comes from it.
    private static Optional<SourceRanges> sources(Service service, String nodeIp) {
        var cidrs = ipv4(service.sourceRanges());
        if (cidrs.isEmpty()) {
            return Optional.empty();
        }
        var given = SourceRanges.of(cidrs);
        var sources = given.contains(nodeIp) ? given.with(ipv4(service.ingressIps())) : given;
        return sources.isEverybody() ? Optional.empty() : Optional.of(sources);
    }

    private static List<String> ipv4(Service service) {
        return isOnlyAName(service) ? List.of() : ipv4(service.clusterIps());
    }

    private static List<String> ipv4(Collection<String> ips) {
        return ips.stream().filter(ip -> !IpAddress.isV6(ip)).toList();
    }

    private static boolean isOnlyAName(Service service) {
        return service.type() == Service.Type.EXTERNAL_NAME;
    }

    private void add(
            Service service,
            Service.Port port,
            Candidates candidates,
            Optional<SourceRanges> sources) {
        var outside = outside(service, port);
        if (clusterIps.isEmpty() && outside.isEmpty()) {
            return;
        }
        var id = id(service, port);
        var usable = candidates.usable(_ -> true);
        var usableHere = candidates.usable(Candidate::local);
        var inside = inside(service, id, usable, usableHere);
        for (var ip : clusterIps) {
            destinations.put(new Destination.At(ip, port.protocol(), port.port()), inside);
        }
        var target = outside(service, id, usable, usableHere);
        var balanced =
                sources.<Target>map(from -> new Target.OnlyFrom(from, target)).orElse(target);
        for (var destination : outside) {
            boolean byBalancer = service.ingressIps().contains(destination.ip());
            destinations.put(destination, byBalancer ? balanced : target);
        }
        var affinity = service.affinity();
        var stay = affinity == null ? Duration.ZERO : affinity;
        var used = new HashSet<>(inside.choices());
        if (!outside.isEmpty()) {
            used.addAll(target.choices());
        }
        if (used.contains(ALL + id)) {
            choices.put(ALL + id, new Choice(port.protocol(), usable, stay));
        }
        if (used.contains(LOCAL + id)) {
            choices.put(LOCAL + id, new Choice(port.protocol(), usableHere, stay));
        }
    }

    /// `default/web/tcp/http`
    private static String id(Service service, Service.Port port) {
        var protocol =
                switch (port.protocol()) {
                    case TCP -> "tcp";
                    case UDP -> "udp";
                    case SCTP -> "sctp";
                };
        var id = service.key() + "/" + protocol;
        return port.name().isEmpty() ? id : id + "/" + port.name();
    }

    /// External and load-balancer IPs, and the node port.
    private static SequencedSet<Destination> outside(Service service, Service.Port port) {
        var found = new LinkedHashSet<Destination>();
        if (isOnlyAName(service) || service.headless()) {
            return found;
        }
        for (var ips : List.of(service.externalIps(), service.ingressIps())) {
            for (var ip : ipv4(ips)) {
                found.add(new Destination.At(ip, port.protocol(), port.port()));
            }
        }
        if (port.nodePort() > 0) {
            found.add(new Destination.OnNode(port.protocol(), port.nodePort()));
        }
        return found;
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/>
    private static Target inside(
            Service service, String id, List<Endpoint> usable, List<Endpoint> usableHere) {
        if (usable.isEmpty()) {
            return new Target.Reject();
        }
        if (!service.localInside()) {
            return new Target.Inside(ALL + id);
        }
        return usableHere.isEmpty() ? new Target.Drop() : new Target.Inside(LOCAL + id);
    }

    private static Target outside(
            Service service, String id, List<Endpoint> usable, List<Endpoint> usableHere) {
        if (usable.isEmpty()) {
            return new Target.Reject();
        }
        if (!service.localOutside()) {
            return new Target.Outside(ALL + id);
        }
        return new Target.OutsideLocal(ALL + id, usableHere.isEmpty() ? "" : LOCAL + id);
    }

    /// One endpoint that a port of a service may be sent to.
    private record Candidate(
            Endpoint endpoint, boolean local, boolean ready, boolean servingTerminating) {}

    /// All of them, each once.
    private record Candidates(Collection<Candidate> all) {

        static Candidates of(Service.Port port, Collection<EndpointSlice> slices, String nodeName) {
            var found = new TreeMap<Endpoint, Candidate>();
            for (var slice : slices) {
                if (slice.addressType().equals(IPV4)) {
                    add(port, slice, nodeName, found);
                }
            }
            return new Candidates(new ArrayList<>(found.values()));
        }

        private static void add(
                Service.Port port,
                EndpointSlice slice,
                String nodeName,
                Map<Endpoint, Candidate> found) {
            for (var slicePort : slice.ports()) {
                if (slicePort.protocol() == port.protocol()
                        && slicePort.name().equals(port.name())
                        && slicePort.port() > 0) {
                    for (var endpoint : slice.endpoints()) {
                        if (!endpoint.addresses().isEmpty()) {
                            var candidate = candidate(endpoint, slicePort.port(), nodeName);
                            found.merge(candidate.endpoint(), candidate, Candidates::better);
                        }
                    }
                }
            }
        }

        /// All addresses of one endpoint mean the same; the first is used, as upstream does.
        private static Candidate candidate(
                EndpointSlice.Endpoint endpoint, int port, String nodeName) {
            return new Candidate(
                    new Endpoint(endpoint.addresses().getFirst(), port),
                    !nodeName.isEmpty() && endpoint.nodeName().equals(nodeName),
                    endpoint.ready(),
                    endpoint.serving() && endpoint.terminating());
        }

        /// While endpoints move from one slice to another, both may have them.
        private static Candidate better(Candidate one, Candidate other) {
            return new Candidate(
                    one.endpoint(),
                    one.local() || other.local(),
                    one.ready() || other.ready(),
                    one.servingTerminating() || other.servingTerminating());
        }

        /// The ready ones; if none is, those that are ending and still serve:
        /// <https://kubernetes.io/docs/reference/networking/virtual-ips/>, "Traffic to terminating
        /// endpoints".
        List<Endpoint> usable(Predicate<Candidate> among) {
            var ready = endpoints(among.and(Candidate::ready));
            return ready.isEmpty() ? endpoints(among.and(Candidate::servingTerminating)) : ready;
        }

        private List<Endpoint> endpoints(Predicate<Candidate> which) {
            return all.stream().filter(which).map(Candidate::endpoint).toList();
        }
    }
}
