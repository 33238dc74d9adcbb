// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.net.Choice;
import dev.coracle.core.net.Destination;
import dev.coracle.core.net.Endpoint;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.SourceRanges;
import dev.coracle.core.net.Target;
import dev.coracle.core.view.Service.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What `nft --json list table` says, as a table: the inverse of [NftScript].
///
/// <https://manpages.debian.org/bookworm/libnftables1/libnftables-json.5.en.html>
final class NftListing {
    /// Maps and sets, by name.
    private final Map<String, JsonArray> elements = new HashMap<>();

    /// The rules of each chain.
    private final Map<String, List<JsonArray>> rules = new HashMap<>();

    private NftListing() {}

    /// @throws IllegalArgumentException if there is anything that we would not have written
    static RuleTable read(JsonObject listing, NodeNetwork network) {
        var found = new NftListing();
        listing.array("nftables").objects().forEach(found::collect);
        var table = found.table();
        found.check(table, network);
        return table;
    }

    private void collect(JsonObject item) {
        for (var kind : List.of("map", "set")) {
            if (item.has(kind)) {
                var map = item.object(kind);
                elements.put(map.string("name"), map.array("elem"));
            }
        }
        if (item.has("chain")) {
            rules.computeIfAbsent(item.object("chain").string("name"), _ -> new ArrayList<>());
        }
        if (item.has("rule")) {
            var rule = item.object("rule");
            rules.computeIfAbsent(rule.string("chain"), _ -> new ArrayList<>())
                    .add(rule.array("expr"));
        }
    }

    private RuleTable table() {
        var destinations = new HashMap<Destination, Target>();
        for (var map : List.of(NftScript.REFUSED, NftScript.REFUSED_NODE_PORTS)) {
            pairs(map, (key, verdict) -> destinations.put(destination(key), refusal(verdict)));
        }
        for (var map : List.of(NftScript.SERVICES, NftScript.NODE_PORTS)) {
            pairs(map, (key, verdict) -> destinations.put(destination(key), target(verdict)));
        }
        pairs(
                NftScript.RESTRICTED,
                (key, verdict) ->
                        destinations.compute(
                                destination(key),
                                (_, target) -> onlyFrom(goesTo(verdict), target)));
        var hostPorts = new HashMap<Destination, Endpoint>();
        for (var map : List.of(NftScript.HOST_PORTS, NftScript.HOST_PORTS_AT)) {
            pairs(map, (key, to) -> hostPorts.put(destination(key), endpoint(to)));
        }
        var clusterIps = elements.getOrDefault(NftScript.CLUSTER_IPS, JsonArray.EMPTY).strings();
        return RuleTable.of(destinations, choices(), clusterIps, hostPorts);
    }

    /// The elements of a map are arrays of two.
    private void pairs(String map, BiConsumer<Json, Json> sink) {
        each(elements.getOrDefault(map, JsonArray.EMPTY), sink);
    }

    private static void each(JsonArray pairs, BiConsumer<Json, Json> sink) {
        for (var pair : pairs) {
            if (!(pair instanceof JsonArray both) || both.size() != 2) {
                throw unexpected(pair);
            }
            sink.accept(both.get(0), both.get(1));
        }
    }

    private static Destination destination(Json key) {
        var parts = concat(key);
        int last = parts.size() - 1;
        int port = number(parts.get(last));
        var protocol = protocol(text(parts.get(last - 1)));
        return last == 1
                ? new Destination.OnNode(protocol, port)
                : new Destination.At(text(parts.get(0)), protocol, port);
    }

    private static Endpoint endpoint(Json pair) {
        var parts = concat(pair);
        return new Endpoint(text(parts.get(0)), number(parts.get(1)));
    }

    private static Target refusal(Json verdict) {
        return verdict instanceof JsonObject object && object.has("drop")
                ? new Target.Drop()
                : new Target.Reject();
    }

    private static Target target(Json verdict) {
        var chain = goesTo(verdict);
        var choice = chain.substring(chain.indexOf('/') + 1);
        if (chain.startsWith(NftScript.OUTSIDE)) {
            return new Target.Outside(choice);
        }
        if (chain.startsWith(NftScript.PRESERVING)) {
            return new Target.OutsideLocal(choice, NftScript.localOf(choice));
        }
        if (chain.startsWith(NftScript.PRESERVING_NONE)) {
            return new Target.OutsideLocal(choice, "");
        }
        return new Target.Inside(chain);
    }

    private Target onlyFrom(String chain, @Nullable Target target) {
        var rule = rules.getOrDefault(chain, List.of());
        if (target == null || rule.size() != 1) {
            throw new IllegalArgumentException("\"" + chain + "\" is not as it was");
        }
        var right = rule.getFirst().objects().getFirst().object("match").get("right");
        var sources = new SourceRanges(elementsOf(right).stream().map(NftListing::span).toList());
        if (!NftScript.admission(sources).equals(chain)) {
            throw new IllegalArgumentException("\"" + chain + "\" admits " + sources);
        }
        return new Target.OnlyFrom(sources, target);
    }

    /// Of a set; one that has but one element is written without its braces.
    private static List<Json> elementsOf(@Nullable Json value) {
        if (value instanceof JsonObject object && object.has("set")) {
            return object.array("set").elements();
        }
        return value == null ? List.of() : List.of(value);
    }

    /// `"10.0.0.1"`, `{"prefix": {"addr": "10.0.0.0", "len": 8}}` or
    /// `{"range": ["10.0.0.1", "10.0.0.9"]}`.
    private static SourceRanges.Span span(Json element) {
        if (element instanceof JsonString(var ip)) {
            return SourceRanges.Span.of(ip);
        }
        if (!(element instanceof JsonObject object)) {
            throw unexpected(element);
        }
        if (object.has("prefix")) {
            var prefix = object.object("prefix");
            return SourceRanges.Span.of(prefix.string("addr") + "/" + prefix.number("len", -1));
        }
        var ends = object.array("range").strings();
        if (ends.size() != 2) {
            throw unexpected(element);
        }
        return new SourceRanges.Span(
                SourceRanges.Span.of(ends.getFirst()).first(),
                SourceRanges.Span.of(ends.getLast()).last());
    }

    private Map<String, Choice> choices() {
        var choices = new HashMap<String, Choice>();
        for (var chain : rules.entrySet()) {
            var name = chain.getKey();
            if (NftScript.isChoice(name) && !chain.getValue().isEmpty()) {
                choices.put(name, choice(name, chain.getValue().getLast().objects()));
            }
        }
        return choices;
    }

    /// The last rule of a choice draws one of all endpoints.
    private static Choice choice(String name, List<JsonObject> lastRule) {
        var draw = lastRule.getLast();
        var endpoints = new ArrayList<Endpoint>();
        var affinity = new ArrayList<>(List.of(Duration.ZERO));
        if (draw.has("vmap")) {
            each(
                    draw.object("vmap").object("data").array("set"),
                    (_, verdict) -> {
                        // stay/SECONDS/IP/PORT/…
                        var parts = goesTo(verdict).split("/", 5);
                        affinity.set(0, Duration.ofSeconds(Long.parseLong(parts[1])));
                        endpoints.add(new Endpoint(parts[2], Integer.parseInt(parts[3])));
                    });
        } else {
            each(
                    draw.object("dnat").object("addr").object("map").object("data").array("set"),
                    (_, to) -> endpoints.add(endpoint(to)));
        }
        return new Choice(protocol(name.split("/", 5)[3]), endpoints, affinity.getFirst());
    }

    private void check(RuleTable table, NodeNetwork network) {
        var made = new HashMap<String, Integer>();
        rules.forEach(
                (name, ofChain) -> {
                    if (!NftScript.FRAME_CHAINS.contains(name)) {
                        made.put(name, ofChain.size());
                    }
                });
        if (!made.equals(NftScript.made(network, table))) {
            throw new IllegalArgumentException("chains are missing, or there are others");
        }
        var hairpins = new HashSet<String>();
        for (var pair : elements.getOrDefault(NftScript.HAIRPINS, JsonArray.EMPTY)) {
            hairpins.add(text(concat(pair).get(0)));
        }
        if (!hairpins.equals(Set.copyOf(table.endpointIps()))) {
            throw new IllegalArgumentException("addresses of endpoints are missing");
        }
    }

    private static List<Json> concat(Json value) {
        if (value instanceof JsonObject object) {
            return object.array("concat").elements();
        }
        throw unexpected(value);
    }

    private static String goesTo(Json verdict) {
        if (verdict instanceof JsonObject object) {
            return object.object("goto").string("target");
        }
        throw unexpected(verdict);
    }

    private static String text(Json value) {
        if (value instanceof JsonString(var text)) {
            return text;
        }
        throw unexpected(value);
    }

    private static int number(Json value) {
        if (value instanceof JsonNumber number && number.isLong()) {
            return (int) number.longValue();
        }
        throw unexpected(value);
    }

    private static Protocol protocol(String word) {
        return Protocol.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static IllegalArgumentException unexpected(Json value) {
        return new IllegalArgumentException("unexpected: " + value);
    }
}
