// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// What makes one table of another: only what differs, to be applied as a whole or not at all.
///
/// `clusterIps` and `endpointIps` are sets; their values mean nothing.
public record RuleChanges(
        RuleTable before,
        RuleTable after,
        Difference<Destination, Target> destinations,
        Difference<String, Choice> choices,
        Difference<String, Boolean> clusterIps,
        Difference<Destination, Endpoint> hostPorts,
        Difference<String, Boolean> endpointIps) {

    public static RuleChanges between(RuleTable before, RuleTable after) {
        var choices = Difference.between(before.choices(), after.choices());
        var hostPorts = Difference.between(before.hostPorts(), after.hostPorts());
        return new RuleChanges(
                before,
                after,
                Difference.between(before.destinations(), after.destinations()),
                choices,
                Difference.between(before.clusterIps(), after.clusterIps()),
                hostPorts,
                endpointIps(before, after, choices, hostPorts));
    }

    /// Only addresses in what changed can have come or gone: a table has thousands of others.
    private static Difference<String, Boolean> endpointIps(
            RuleTable before,
            RuleTable after,
            Difference<String, Choice> choices,
            Difference<Destination, Endpoint> hostPorts) {
        var old = ips(choices.gone().values(), hostPorts.gone().values());
        var young = ips(choices.put().values(), hostPorts.put().values());
        var gone = new TreeSet<>(old);
        gone.removeAll(young);
        after.removeUsed(gone);
        var put = new TreeSet<>(young);
        put.removeAll(old);
        before.removeUsed(put);
        return Difference.of(gone, put);
    }

    private static SortedSet<String> ips(
            Collection<Choice> choices, Collection<Endpoint> endpoints) {
        var ips = new TreeSet<String>();
        choices.forEach(choice -> choice.endpoints().forEach(it -> ips.add(it.ip())));
        endpoints.forEach(endpoint -> ips.add(endpoint.ip()));
        return ips;
    }

    public boolean isEmpty() {
        return destinations.isEmpty()
                && choices.isEmpty()
                && clusterIps.isEmpty()
                && hostPorts.isEmpty();
    }

    /// The destinations whose packets may go elsewhere now.
    SortedSet<Destination> redirected() {
        var redirected = new TreeSet<>(destinations.keys());
        redirected.addAll(hostPorts.keys());
        var chosen = choices.keys();
        if (!chosen.isEmpty()) {
            after.destinations()
                    .forEach(
                            (destination, target) -> {
                                if (!Collections.disjoint(chosen, target.choices())) {
                                    redirected.add(destination);
                                }
                            });
        }
        return redirected;
    }

    /// The flows that the kernel has to forget once these changes are made.
    public StaleFlows staleFlows() {
        return StaleFlows.of(this);
    }
}
