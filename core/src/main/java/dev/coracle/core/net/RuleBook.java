// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Pod;
import dev.coracle.core.view.Service;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Is told of services, endpoint slices and pods, and makes the table of them. What a service adds
/// is only worked out again when it or one of its slices changed.
///
/// Where two services claim one destination, the one whose key comes first has it.
///
/// For one thread at a time.
public final class RuleBook {
    private final Node node;
    private final Map<ObjectKey, Service> services = new HashMap<>();

    /// As they were last told.
    private final Map<ObjectKey, EndpointSlice> told = new HashMap<>();

    private final Map<ObjectKey, List<Withdrawal>> withdrawals = new HashMap<>();

    /// As the rules have them: as told, unless a withdrawal knows better.
    private final Map<ObjectKey, EndpointSlice> slices = new HashMap<>();

    private final Map<ObjectKey, SortedMap<ObjectKey, EndpointSlice>> slicesByService =
            new HashMap<>();
    private final SortedMap<ObjectKey, ServiceRules> rules = new TreeMap<>();
    private final SortedMap<ObjectKey, HostPorts> hostPorts = new TreeMap<>();
    private final Set<ObjectKey> changed = new HashSet<>();

    /// Whose rules they are. What is on the node of this name is local.
    public record Node(String name, String ip) {}

    public RuleBook(Node node) {
        this.node = node;
    }

    public void service(JsonObject tree) {
        var service = Service.of(tree);
        services.put(service.key(), service);
        changed.add(service.key());
    }

    public void serviceGone(ObjectKey key) {
        services.remove(key);
        changed.add(key);
    }

    public void slice(JsonObject tree) {
        var slice = EndpointSlice.of(tree);
        told.put(slice.key(), slice);
        end(slice.key(), withdrawal -> withdrawal.isOver(slice.revision()));
        show(slice.key());
    }

    public void sliceGone(ObjectKey key) {
        var last = told.remove(key);
        end(
                key,
                withdrawal ->
                        last != null
                                && withdrawal.next() == null
                                && withdrawal.revision() == last.revision());
        show(key);
    }

    /// From now on, and until the slice is told as it was written after that, or [#restore]: the
    /// slice is what `withdrawal` makes of it.
    public void withdraw(Withdrawal withdrawal) {
        var last = told.get(withdrawal.slice());
        if (last == null || !withdrawal.isOver(last.revision())) {
            withdrawals.computeIfAbsent(withdrawal.slice(), _ -> new ArrayList<>()).add(withdrawal);
            show(withdrawal.slice());
        }
    }

    /// `withdrawal` has not been written.
    public void restore(Withdrawal withdrawal) {
        withdrawals.getOrDefault(withdrawal.slice(), new ArrayList<>()).remove(withdrawal);
        show(withdrawal.slice());
    }

    private void end(ObjectKey key, Predicate<Withdrawal> which) {
        var open = withdrawals.get(key);
        if (open != null) {
            open.removeIf(which);
        }
    }

    /// Lets the rules have the slice as it is to be seen now.
    private void show(ObjectKey key) {
        var open = withdrawals.getOrDefault(key, List.of());
        if (open.isEmpty()) {
            withdrawals.remove(key);
        }
        var slice = open.isEmpty() ? told.get(key) : open.getLast().next();
        hide(key);
        if (slice != null) {
            slices.put(key, slice);
            var service = serviceOf(slice);
            slicesByService.computeIfAbsent(service, _ -> new TreeMap<>()).put(key, slice);
            changed.add(service);
        }
    }

    private void hide(ObjectKey key) {
        var old = slices.remove(key);
        if (old != null) {
            var service = serviceOf(old);
            var left = slicesByService.getOrDefault(service, new TreeMap<>());
            left.remove(key);
            if (left.isEmpty()) {
                slicesByService.remove(service);
            }
            changed.add(service);
        }
    }

    private static ObjectKey serviceOf(EndpointSlice slice) {
        return new ObjectKey(slice.key().namespace(), slice.service());
    }

    public void pod(JsonObject tree) {
        var pod = Pod.of(tree);
        var ports = HostPorts.of(pod, node.name());
        if (ports.endpoints().isEmpty()) {
            hostPorts.remove(pod.key());
        } else {
            hostPorts.put(pod.key(), ports);
        }
    }

    public void podGone(ObjectKey key) {
        hostPorts.remove(key);
    }

    /// The table of everything told so far.
    public RuleTable table() {
        for (var key : changed) {
            var service = services.get(key);
            if (service == null) {
                rules.remove(key);
            } else {
                var own = slicesByService.getOrDefault(key, Collections.emptySortedMap());
                rules.put(key, ServiceRules.of(service, own.values(), node));
            }
        }
        changed.clear();
        return merged();
    }

    private RuleTable merged() {
        var destinations = new HashMap<Destination, Target>();
        var choices = new HashMap<String, Choice>();
        var clusterIps = new TreeSet<String>();
        for (var part : rules.values()) {
            part.destinations().forEach(destinations::putIfAbsent);
            choices.putAll(part.choices());
            clusterIps.addAll(part.clusterIps());
        }
        return RuleTable.of(destinations, choices, clusterIps, hostPorts());
    }

    /// What load balancers are told at which port, as of the last [#table].
    public SortedMap<Integer, ServiceHealth> healthPorts() {
        var found = new TreeMap<Integer, ServiceHealth>();
        for (var part : rules.values()) {
            if (part.health() != null) {
                found.putIfAbsent(part.health().port(), part.health());
            }
        }
        return found;
    }

    /// A pod that goes on comes before one that is being deleted.
    private Map<Destination, Endpoint> hostPorts() {
        var found = new LinkedHashMap<Destination, Endpoint>();
        for (boolean leaving : new boolean[] {false, true}) {
            for (var ports : hostPorts.values()) {
                if (ports.leaving() == leaving) {
                    ports.endpoints().forEach(found::putIfAbsent);
                }
            }
        }
        return found;
    }
}
