// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.loadbalancer;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Timestamps;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/// Gives each service of type LoadBalancer an address of the node, where its ports are free. One
/// that must wait says in a condition and an event for whom; the oldest gets what becomes free.
///
/// What was given stays given. All services are looked at together, whichever has changed.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer>
public final class LoadBalancers implements Controller {
    private static final ObjectKey ALL = new ObjectKey("", "all");
    private static final String COMPONENT = "service-controller";

    /// Upstream's type of condition for ports that could not be had.
    private static final String CONDITION = "LoadBalancerPortsError";

    private final ResourceType services;
    private final ResourceType nodes;

    public LoadBalancers(ResourceType services, ResourceType nodes) {
        this.services = services;
        this.nodes = nodes;
    }

    @Override
    public String name() {
        return "service-lb-controller";
    }

    @Override
    public List<Trigger> reads() {
        return List.of(
                new Trigger(services, service -> isBalanced(service) ? List.of(ALL) : List.of()),
                new Trigger(nodes, _ -> List.of(ALL)));
    }

    private static boolean isBalanced(JsonObject service) {
        return service.object("spec").string("type").equals("LoadBalancer");
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(services);
    }

    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var addresses = addresses(view.list(nodes, ""));
        var claims =
                view.list(services, "").stream()
                        .filter(LoadBalancers::isBalanced)
                        .filter(service -> !PodState.isDeleting(service))
                        .map(Claim::of)
                        .sorted(
                                Comparator.comparing((Claim claim) -> claim.has().isEmpty())
                                        .thenComparing(Claim::created)
                                        .thenComparing(Claim::key))
                        .toList();
        var taken = new HashMap<String, Map<Claim.Port, ObjectKey>>();
        var writes = new ArrayList<Write>();
        for (var claim : claims) {
            if (claim.isForeign()) {
                claim.has().forEach(address -> take(taken, address, claim));
            } else {
                writes.addAll(settle(claim, addresses, taken, now));
            }
        }
        return new Decision(writes, null);
    }

    /// The nodes' own addresses of IPv4, internal ones first.
    private static SequencedSet<String> addresses(List<JsonObject> nodes) {
        var addresses = new LinkedHashSet<String>();
        for (var type : List.of("InternalIP", "ExternalIP")) {
            for (var node : nodes) {
                node.object("status").array("addresses").objects().stream()
                        .filter(address -> address.string("type").equals(type))
                        .map(address -> address.string("address"))
                        .filter(address -> !IpAddress.isV6(address))
                        .forEach(addresses::add);
            }
        }
        return addresses;
    }

    private static void take(
            Map<String, Map<Claim.Port, ObjectKey>> taken, String address, Claim claim) {
        var ports = taken.computeIfAbsent(address, _ -> new HashMap<>());
        claim.ports().forEach(port -> ports.putIfAbsent(port, claim.key()));
    }

    private List<Write> settle(
            Claim claim,
            SequencedSet<String> addresses,
            Map<String, Map<Claim.Port, ObjectKey>> taken,
            Instant now) {
        var candidates = new LinkedHashSet<>(claim.has()); // what it has it keeps, if it can
        candidates.retainAll(addresses);
        candidates.addAll(addresses);
        candidates.removeIf(
                address -> !claim.wanted().isEmpty() && !address.equals(claim.wanted()));
        if (candidates.isEmpty()) {
            return pending(claim, nothing(claim, addresses), now);
        }
        for (var address : candidates) {
            if (conflict(claim, taken.getOrDefault(address, Map.of())).isEmpty()) {
                take(taken, address, claim);
                return given(claim, address);
            }
        }
        var address = candidates.getFirst();
        return pending(
                claim,
                conflict(claim, taken.getOrDefault(address, Map.of())).formatted(address),
                now);
    }

    private static String nothing(Claim claim, SequencedSet<String> addresses) {
        return addresses.isEmpty()
                ? "the node has no address yet"
                : "%s is not an address of the node".formatted(claim.wanted());
    }

    /// Which port belongs to which other service, with room for the address; empty when none does.
    private static String conflict(Claim claim, Map<Claim.Port, ObjectKey> ports) {
        for (var port : claim.ports()) {
            var holder = ports.get(port);
            if (holder != null) {
                return "port %s of %%s belongs to service %s".formatted(port, holder);
            }
        }
        return "";
    }

    private List<Write> given(Claim claim, String address) {
        var ingress = JsonObject.builder().put("ip", address).put("ipMode", "VIP").build();
        var status =
                withoutCondition(claim)
                        .with("loadBalancer", JsonObject.of("ingress", JsonArray.of(ingress)));
        if (status.equals(claim.service().object("status"))) {
            return List.of();
        }
        return claim.has().contains(address)
                ? List.of(update(claim, status))
                : List.of(
                        said(claim, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer"),
                        update(claim, status),
                        said(claim, "Normal", "EnsuredLoadBalancer", "Ensured load balancer"));
    }

    /// Without an address, and saying why, once.
    private List<Write> pending(Claim claim, String why, Instant now) {
        var known =
                conditions(claim).stream()
                        .filter(condition -> condition.string("message").equals(why))
                        .findFirst();
        var condition =
                known.orElseGet(
                        () ->
                                JsonObject.builder()
                                        .put("type", CONDITION)
                                        .put("status", "True")
                                        .put("lastTransitionTime", Timestamps.seconds(now))
                                        .put("reason", "Pending")
                                        .put("message", why)
                                        .build());
        var conditions =
                new ArrayList<Json>(withoutCondition(claim).array("conditions").elements());
        conditions.add(condition);
        var status =
                claim.service()
                        .object("status")
                        .with("loadBalancer", JsonObject.EMPTY)
                        .with("conditions", JsonArray.of(conditions));
        if (status.equals(claim.service().object("status"))) {
            return List.of();
        }
        return List.of(
                update(claim, status),
                said(
                        claim,
                        "Warning",
                        "SyncLoadBalancerFailed",
                        "Error syncing load balancer: failed to ensure load balancer: " + why));
    }

    private static List<JsonObject> conditions(Claim claim) {
        return claim.service().object("status").array("conditions").objects().stream()
                .filter(condition -> condition.string("type").equals(CONDITION))
                .toList();
    }

    private static JsonObject withoutCondition(Claim claim) {
        var status = claim.service().object("status");
        var left =
                status.array("conditions").objects().stream()
                        .filter(condition -> !condition.string("type").equals(CONDITION))
                        .toList();
        return left.isEmpty()
                ? status.without("conditions")
                : status.with("conditions", JsonArray.of(left));
    }

    private Write update(Claim claim, JsonObject status) {
        return new Write.Update(
                services, claim.key(), "status", claim.service().with("status", status));
    }

    private static Write said(Claim claim, String type, String reason, String message) {
        return new Write.Announce(
                new EventRequest(
                        EventRequest.Reference.to(claim.service()),
                        type,
                        reason,
                        message,
                        COMPONENT,
                        ""));
    }
}
