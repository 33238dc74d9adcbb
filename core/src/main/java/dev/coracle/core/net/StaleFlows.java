// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.view.Service.Protocol;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// Which flows of UDP do not go where they should any more: those to one of `destinations` that are
/// answered by none of its endpoints.
///
/// TCP has ends of its own. A flow of UDP lasts as long as packets come, and meanwhile the kernel
/// asks no rule about it.
public record StaleFlows(SortedMap<Destination, SortedSet<Endpoint>> destinations) {
    public StaleFlows {
        destinations = Collections.unmodifiableSortedMap(new TreeMap<>(destinations));
    }

    /// A flow as the kernel remembers it: where its first packet was sent, and who answers.
    public record Flow(Endpoint destination, Endpoint answering) {}

    /// What `changes` leave behind. Looked at are destinations that lost an endpoint, or got the
    /// first one: packets that came before it may have been let through to nobody.
    static StaleFlows of(RuleChanges changes) {
        var touched = new TreeMap<Destination, SortedSet<Endpoint>>();
        for (var destination : changes.redirected()) {
            if (destination.protocol() == Protocol.UDP) {
                var before = changes.before().endpoints(destination);
                var after = changes.after().endpoints(destination);
                if (!after.containsAll(before) || (before.isEmpty() && !after.isEmpty())) {
                    touched.put(destination, after);
                }
            }
        }
        return new StaleFlows(touched);
    }

    public boolean isEmpty() {
        return destinations.isEmpty();
    }

    /// Whether `flow` has to be forgotten; `toNode` says whether its destination is an address of
    /// this node.
    public boolean stale(Flow flow, boolean toNode) {
        var sent = flow.destination();
        var at = destinations.get(new Destination.At(sent.ip(), Protocol.UDP, sent.port()));
        if (at != null) {
            return !at.contains(flow.answering());
        }
        var onNode = destinations.get(new Destination.OnNode(Protocol.UDP, sent.port()));
        return toNode && onNode != null && !onNode.contains(flow.answering());
    }
}
