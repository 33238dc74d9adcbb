// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that decides where packets go on one node, in an order that depends on nothing but
/// its content.
///
/// `destinations` are those of services: cluster, external and load-balancer IPs, node ports. Each
/// of `clusterIps` refuses packets to whatever port it does not have. `hostPorts` are those that
/// pods ask for; where a service has the same one, the service has it.
///
/// A worked example: the service `default/web` with two endpoints on port 8080, a cluster IP and a
/// node port is
///
///     10.96.0.9 tcp 80    -> Inside(all/default/web/tcp/http)
///     node tcp 30080      -> Outside(all/default/web/tcp/http)
///     all/default/web/tcp/http = one of 10.244.0.7:8080, 10.244.0.8:8080
///
/// <https://kubernetes.io/docs/reference/networking/virtual-ips/>
public record RuleTable(
        SortedMap<Destination, Target> destinations,
        SortedMap<String, Choice> choices,
        SortedSet<String> clusterIps,
        SortedMap<Destination, Endpoint> hostPorts) {
    public static final RuleTable EMPTY = of(Map.of(), Map.of(), List.of(), Map.of());

    public static RuleTable of(
            Map<Destination, Target> destinations,
            Map<String, Choice> choices,
            Collection<String> clusterIps,
            Map<Destination, Endpoint> hostPorts) {
        return new RuleTable(
                Collections.unmodifiableSortedMap(new TreeMap<>(destinations)),
                Collections.unmodifiableSortedMap(new TreeMap<>(choices)),
                Collections.unmodifiableSortedSet(new TreeSet<>(clusterIps)),
                Collections.unmodifiableSortedMap(new TreeMap<>(hostPorts)));
    }

    /// What a new connection from `source` meets at `destination`, which is an address with a port,
    /// or a port on this node.
    public Answer answer(Source source, Destination destination) {
        var target = destinations.get(destination);
        if (target != null) {
            return answer(source, target);
        }
        var endpoint = hostPorts.get(destination);
        if (endpoint != null) {
            return new Answer.Reaches(List.of(endpoint), false);
        }
        return clusterIps.contains(destination.ip())
                ? new Answer.Refused()
                : new Answer.Untouched();
    }

    private Answer answer(Source source, Target target) {
        return switch (target) {
            case Target.Inside(var choice) -> reaches(choice, source != Source.POD);
            case Target.Outside(var choice) -> reaches(choice, true);
            case Target.OutsideLocal(var choice, var local) ->
                    switch (source) {
                        case POD -> reaches(choice, false);
                        case NODE -> reaches(choice, true);
                        case OUTSIDE ->
                                local.isEmpty() ? new Answer.Dropped() : reaches(local, false);
                    };
            case Target.OnlyFrom(var sources, var behind) ->
                    new Answer.OnlyFrom(sources, answer(source, behind));
            case Target.Reject() -> new Answer.Refused();
            case Target.Drop() -> new Answer.Dropped();
        };
    }

    private Answer reaches(String name, boolean masqueraded) {
        return new Answer.Reaches(choice(name).endpoints(), masqueraded);
    }

    private Choice choice(String name) {
        var choice = choices.get(name);
        if (choice == null) {
            throw new IllegalArgumentException("there is no choice \"" + name + "\"");
        }
        return choice;
    }

    /// The endpoints that a packet to `destination` may be sent to, from wherever; none where it is
    /// refused, dropped or not known.
    SortedSet<Endpoint> endpoints(Destination destination) {
        var endpoints = new TreeSet<Endpoint>();
        var target = destinations.get(destination);
        var onHost = hostPorts.get(destination);
        if (target != null) {
            target.choices().forEach(name -> endpoints.addAll(choice(name).endpoints()));
        } else if (onHost != null) {
            endpoints.add(onHost);
        }
        return endpoints;
    }

    /// Removes the addresses that packets are sent to.
    void removeUsed(Collection<String> ips) {
        if (!ips.isEmpty()) {
            for (var choice : choices.values()) {
                choice.endpoints().forEach(endpoint -> ips.remove(endpoint.ip()));
            }
            hostPorts.values().forEach(endpoint -> ips.remove(endpoint.ip()));
        }
    }

    /// Every address that packets are sent to: one that meets itself there must not see its own
    /// address as the source.
    public SortedSet<String> endpointIps() {
        var ips = new TreeSet<String>();
        choices.values().forEach(choice -> choice.endpoints().forEach(it -> ips.add(it.ip())));
        hostPorts.values().forEach(endpoint -> ips.add(endpoint.ip()));
        return ips;
    }
}
