// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.net.Choice;
import dev.coracle.core.net.Destination;
import dev.coracle.core.net.Endpoint;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.SourceRanges;
import dev.coracle.core.net.Target;
import dev.coracle.core.view.Service.Protocol;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Words of nft for the table of one node. Each text is applied as one transaction.
///
/// The frame is always there: base chains, and maps from destinations to chains that are empty at
/// first. A packet costs one look into a map whatever the number of services; its chain draws an
/// endpoint:
///
///     map services { 10.96.0.9 . tcp . 80 : goto all/default/web/tcp/http }
///     map node-ports { tcp . 30080 : goto outside/default/web/tcp/http }
///     chain outside/default/web/tcp/http { mark it; goto all/default/web/tcp/http }
///     chain all/default/web/tcp/http { dnat to numgen random mod 2 map { 0 : …, 1 : … } }
///
/// What is refused or dropped is not translated and meets the map `refused` further on. Whoever may
/// not come to a load balancer's address is dropped before translation, by a chain that is shared
/// by all who admit the same:
///
///     map restricted { 192.0.2.5 . tcp . 80 : goto from/2c26…, … }
///     chain from/2c26… { ip saddr != { 10.0.0.0-10.255.255.255 } drop }
///
/// <https://wiki.nftables.org/wiki-nftables/index.php/Verdict_Maps_(vmaps)>
final class NftScript {
    static final String SERVICES = "services";
    static final String NODE_PORTS = "node-ports";
    static final String REFUSED = "refused";
    static final String REFUSED_NODE_PORTS = "refused-node-ports";
    static final String RESTRICTED = "restricted";
    static final String HOST_PORTS = "host-ports";
    static final String HOST_PORTS_AT = "host-ports-at";
    static final String CLUSTER_IPS = "cluster-ips";
    static final String HAIRPINS = "hairpins";

    /// The chain that refuses.
    static final String REJECT = "reject-packet";

    /// Chains whose packets all get the node's source.
    static final String OUTSIDE = "outside/";

    /// Chains that send pods and the node to one choice, and the rest to local endpoints. For the
    /// second prefix there are none, and the rest goes nowhere.
    static final String PRESERVING = "preserving/";

    static final String PRESERVING_NONE = "preserving-none/";

    /// Chains that drop who does not come from certain ranges, with a digest of these.
    static final String FROM = "from/";

    /// Chains and sets of one endpoint to which clients come back.
    static final String STAY = "stay/";

    static final String ALL = "all/";
    static final String LOCAL = "local/";

    /// Kubernetes' own mark for "masquerade this": whoever else uses it means the same by it.
    private static final String MARK = "0x4000";

    private static final String SET_MARK = "meta mark set meta mark or " + MARK;

    private static final int MOST_CLIENTS = 65_535;

    /// The chains that are always there.
    static final Set<String> FRAME_CHAINS =
            Set.of(
                    "prerouting",
                    "output",
                    "postrouting",
                    "guard",
                    "admit-prerouting",
                    "admit-output",
                    "admit",
                    "check-input",
                    "check-forward",
                    "check-output",
                    "translate",
                    "check",
                    REJECT);

    private final NodeNetwork network;
    private final StringBuilder text = new StringBuilder();

    private NftScript(NodeNetwork network) {
        this.network = network;
    }

    static boolean isChoice(String name) {
        return name.startsWith(ALL) || name.startsWith(LOCAL);
    }

    /// The frame, whether or not it is there already: base chains are filled anew, maps stay.
    ///
    /// Differs from upstream: node ports are on every address of the node, its loopback too where
    /// the pods' bridge is ours; there they are on its primary addresses.
    static String frame(NodeNetwork network) {
        return """
                table ip %1$s {
                  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
                  map node-ports { type inet_proto . inet_service : verdict; }
                  map refused { type ipv4_addr . inet_proto . inet_service : verdict; }
                  map refused-node-ports { type inet_proto . inet_service : verdict; }
                  map restricted { type ipv4_addr . inet_proto . inet_service : verdict; }
                  map host-ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
                  map host-ports-at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
                  set cluster-ips { type ipv4_addr; }
                  set hairpins { type ipv4_addr . ipv4_addr; }
                  chain prerouting { type nat hook prerouting priority -100; }
                  chain output { type nat hook output priority -100; }
                  chain postrouting { type nat hook postrouting priority 100; }
                  chain guard { type filter hook prerouting priority -300; }
                  chain admit-prerouting { type filter hook prerouting priority -110; }
                  chain admit-output { type filter hook output priority -110; }
                  chain check-input { type filter hook input priority 0; }
                  chain check-forward { type filter hook forward priority 0; }
                  chain check-output { type filter hook output priority -90; }
                  chain admit { }
                  chain translate { }
                  chain check { }
                  chain reject-packet { }
                }
                flush chain ip %1$s prerouting
                flush chain ip %1$s output
                flush chain ip %1$s postrouting
                flush chain ip %1$s guard
                flush chain ip %1$s admit-prerouting
                flush chain ip %1$s admit-output
                flush chain ip %1$s admit
                flush chain ip %1$s check-input
                flush chain ip %1$s check-forward
                flush chain ip %1$s check-output
                flush chain ip %1$s translate
                flush chain ip %1$s check
                flush chain ip %1$s reject-packet
                table ip %1$s {
                  chain prerouting {
                    jump translate
                  }
                  chain output {
                    jump translate
                  }
                  chain translate {
                %3$s    ip daddr . meta l4proto . th dport vmap @services
                    fib daddr type local%4$s meta l4proto . th dport vmap @node-ports
                    meta l4proto { tcp, udp, sctp } dnat ip addr . port to ip daddr . meta l4proto . th dport map @host-ports-at
                    fib daddr type local%4$s meta l4proto { tcp, udp, sctp } dnat ip addr . port to meta l4proto . th dport map @host-ports
                  }
                  chain postrouting {
                %5$s    ct status dnat ip saddr . ip daddr @hairpins masquerade
                    meta mark & %6$s != 0 meta mark set meta mark xor %6$s masquerade fully-random
                  }
                %7$s  chain admit-prerouting {
                    jump admit
                  }
                  chain admit-output {
                    jump admit
                  }
                  chain admit {
                    ct state new ip daddr . meta l4proto . th dport vmap @restricted
                  }
                  chain check-input {
                    jump check
                  }
                  chain check-forward {
                    jump check
                  }
                  chain check-output {
                    jump check
                  }
                  chain check {
                    ct state established,related return
                    ct status dnat return
                    ct state new ip daddr . meta l4proto . th dport vmap @refused
                    ct state new fib daddr type local meta l4proto . th dport vmap @refused-node-ports
                    ip daddr @cluster-ips goto reject-packet
                    ip daddr %2$s drop
                  }
                  chain reject-packet {
                    meta l4proto tcp reject with tcp reset
                    reject
                  }
                }
                """
                .formatted(
                        network.table(),
                        network.serviceCidr(),
                        network.ownsBridge()
                                ? "    ip saddr != %s ip daddr @cluster-ips %s\n"
                                        .formatted(network.podCidr(), SET_MARK)
                                : "",
                        // packets from there reach no pod unless its bridge is told to let them
                        network.ownsBridge() ? "" : " ip daddr != 127.0.0.0/8",
                        network.ownsBridge() ? bridgeMasquerade(network) : "",
                        MARK,
                        network.ownsBridge() ? guard(network) : "");
    }

    /// Pods reach other networks under the node's address, and what comes from the node's loopback
    /// reaches pods under the bridge's.
    private static String bridgeMasquerade(NodeNetwork network) {
        var rules =
                """
                    ip saddr %1$s oifname != "%2$s" masquerade
                    ip saddr 127.0.0.0/8 oifname "%2$s" masquerade
                """;
        // else the answer goes from pod to pod, past the translation of what it answers
        var between = "    ct status dnat ip saddr %1$s oifname \"%2$s\" masquerade\n";
        return (network.seesBridged() ? rules : rules + between)
                .formatted(network.podCidr(), network.bridge());
    }

    /// The bridge lets loopback addresses pass, for node ports on the node's own loopback. Pods are
    /// not to reach the node's loopback in this way.
    private static String guard(NodeNetwork network) {
        return """
                  chain guard {
                    iifname "%s" ip daddr 127.0.0.0/8 drop
                  }
                """
                .formatted(network.bridge());
    }

    static String removal(NodeNetwork network) {
        return "table ip %1$s\ndelete table ip %1$s\n".formatted(network.table());
    }

    /// First everything that maps will refer to, then the maps, then what they no longer do.
    static String changes(NodeNetwork network, RuleChanges changes) {
        var script = new NftScript(network);
        script.addStays(changes);
        script.putChoices(changes);
        script.addGates(chains(changes.destinations().put().values(), changes.before()));
        script.addAdmissions(changes);
        script.destinations(changes);
        script.hostPorts(changes);
        script.addresses(changes);
        script.removeChains(chains(changes.destinations().gone().values(), changes.after()));
        script.removeAdmissions(changes);
        script.removeChoices(changes);
        script.removeStays(changes);
        return script.text.toString();
    }

    private void line(String verb, String what) {
        text.append(verb)
                .append(" ip ")
                .append(network.table())
                .append(' ')
                .append(what)
                .append('\n');
    }

    /// Those that `targets` need and `table` does not; a table has thousands.
    private static SequencedSet<String> chains(Collection<Target> targets, RuleTable table) {
        var chains = chains(targets);
        if (!chains.isEmpty()) {
            chains.removeAll(chains(table.destinations().values()));
        }
        return chains;
    }

    /// The chains between maps and choices that `targets` need.
    private static SequencedSet<String> chains(Collection<Target> targets) {
        return targets.stream()
                .map(NftScript::gate)
                .filter(gate -> !gate.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String gate(Target target) {
        return switch (target) {
            case Target.Inside _, Target.Reject _, Target.Drop _ -> "";
            case Target.OnlyFrom(_, var behind) -> gate(behind);
            case Target.Outside(var choice) -> OUTSIDE + choice;
            case Target.OutsideLocal(var choice, var local) ->
                    (local.isEmpty() ? PRESERVING_NONE : PRESERVING) + choice;
        };
    }

    /// Where a map sends packets; empty when it is the map of refused ones.
    private static String verdict(Target target) {
        return switch (target) {
            case Target.Inside(var choice) -> "goto " + choice;
            case Target.Outside _, Target.OutsideLocal _ -> "goto " + gate(target);
            case Target.OnlyFrom(_, var behind) -> verdict(behind);
            case Target.Reject() -> "";
            case Target.Drop() -> "";
        };
    }

    private static String refusal(Target target) {
        return switch (target) {
            case Target.Reject() -> "goto " + REJECT;
            case Target.Drop() -> "drop";
            case Target.OnlyFrom(_, var behind) -> refusal(behind);
            case Target.OutsideLocal(_, var local) when local.isEmpty() -> "drop";
            case Target.OutsideLocal _, Target.Inside _, Target.Outside _ -> "";
        };
    }

    private void addGates(Collection<String> gates) {
        gates.forEach(gate -> line("add chain", gate));
        for (var gate : gates) {
            var choice = gate.substring(gate.indexOf('/') + 1);
            if (gate.startsWith(OUTSIDE)) {
                line("add rule", "%s %s goto %s".formatted(gate, SET_MARK, choice));
                continue;
            }
            if (network.ownsBridge()) {
                line(
                        "add rule",
                        "%s ip saddr %s goto %s".formatted(gate, network.podCidr(), choice));
            }
            line(
                    "add rule",
                    "%s fib saddr type local %s goto %s".formatted(gate, SET_MARK, choice));
            if (gate.startsWith(PRESERVING)) {
                line("add rule", "%s goto %s".formatted(gate, localOf(choice)));
            }
        }
    }

    /// Ranges that are admitted anywhere in `targets`, by the chain that does it.
    private static SortedMap<String, SourceRanges> admissions(Collection<Target> targets) {
        var chains = new TreeMap<String, SourceRanges>();
        for (var target : targets) {
            if (target instanceof Target.OnlyFrom(var sources, _)) {
                chains.put(admission(sources), sources);
            }
        }
        return chains;
    }

    /// Equal ranges have one chain, and others have another one: as services are anybody's to make,
    /// nobody may be able to make two that meet.
    static String admission(SourceRanges sources) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var text = sources.toString().getBytes(StandardCharsets.US_ASCII);
            return FROM + HexFormat.of().formatHex(digest.digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void addAdmissions(RuleChanges changes) {
        var added = admissions(changes.destinations().put().values());
        if (!added.isEmpty()) {
            added.keySet().removeAll(admissions(changes.before().destinations().values()).keySet());
        }
        added.forEach(
                (chain, sources) -> {
                    line("add chain", chain);
                    line("add rule", "%s ip saddr != { %s } drop".formatted(chain, sources));
                });
    }

    private void removeAdmissions(RuleChanges changes) {
        var gone = admissions(changes.destinations().gone().values()).keySet();
        if (!gone.isEmpty()) {
            gone.removeAll(admissions(changes.after().destinations().values()).keySet());
        }
        removeChains(gone);
    }

    static String localOf(String choice) {
        return LOCAL + choice.substring(ALL.length());
    }

    private void putChoices(RuleChanges changes) {
        Map<String, Choice> put = changes.choices().put();
        for (var name : put.keySet()) {
            line("add chain", name);
            if (changes.choices().gone().containsKey(name)) {
                line("flush chain", name);
            }
        }
        put.forEach(this::fill);
    }

    private void fill(String name, Choice choice) {
        if (choice.sticky()) {
            fillSticky(name, choice);
            return;
        }
        var endpoints = choice.endpoints();
        var map =
                IntStream.range(0, endpoints.size())
                        .mapToObj(i -> i + " : " + joined(endpoints.get(i)))
                        .collect(Collectors.joining(", "));
        line(
                "add rule",
                "%s meta l4proto %s dnat ip addr . port to numgen random mod %d map { %s }"
                        .formatted(name, word(choice.protocol()), endpoints.size(), map));
    }

    private void fillSticky(String name, Choice choice) {
        var stays = choice.endpoints().stream().map(it -> stay(name, choice, it)).toList();
        stays.forEach(
                stay -> line("add rule", "%1$s ip saddr @%2$s goto %2$s".formatted(name, stay)));
        var map =
                IntStream.range(0, stays.size())
                        .mapToObj(i -> i + " : goto " + stays.get(i))
                        .collect(Collectors.joining(", "));
        line("add rule", "%s numgen random mod %d vmap { %s }".formatted(name, stays.size(), map));
    }

    /// `stay/10800/10.244.0.7/8080/all/default/web/tcp/http`: everything about it is in its name.
    private static String stay(String name, Choice choice, Endpoint endpoint) {
        return STAY
                + choice.affinity().toSeconds()
                + "/"
                + endpoint.ip()
                + "/"
                + endpoint.port()
                + "/"
                + name;
    }

    private static SequencedSet<String> stays(Map<String, Choice> choices) {
        var stays = new LinkedHashSet<String>();
        choices.forEach(
                (name, choice) -> {
                    if (choice.sticky()) {
                        choice.endpoints().forEach(it -> stays.add(stay(name, choice, it)));
                    }
                });
        return stays;
    }

    private void addStays(RuleChanges changes) {
        var before = stays(changes.choices().gone());
        for (var entry : changes.choices().put().entrySet()) {
            var choice = entry.getValue();
            if (!choice.sticky()) {
                continue;
            }
            for (var endpoint : choice.endpoints()) {
                var stay = stay(entry.getKey(), choice, endpoint);
                if (!before.contains(stay)) {
                    addStay(stay, choice, endpoint);
                }
            }
        }
    }

    private void addStay(String stay, Choice choice, Endpoint endpoint) {
        line(
                "add set",
                "%s { type ipv4_addr; flags dynamic,timeout; timeout %ds; size %d; }"
                        .formatted(stay, choice.affinity().toSeconds(), MOST_CLIENTS));
        line("add chain", stay);
        line("add rule", "%1$s update @%1$s { ip saddr }".formatted(stay));
        line(
                "add rule",
                "%s meta l4proto %s dnat to %s".formatted(stay, word(choice.protocol()), endpoint));
    }

    private void removeStays(RuleChanges changes) {
        var gone = stays(changes.choices().gone());
        stays(changes.choices().put()).forEach(gone::remove);
        removeChains(gone);
        gone.forEach(stay -> line("delete set", stay));
    }

    private void removeChoices(RuleChanges changes) {
        var gone = new LinkedHashSet<>(changes.choices().gone().keySet());
        gone.removeAll(changes.choices().put().keySet());
        removeChains(gone);
    }

    private void removeChains(Collection<String> chains) {
        chains.forEach(chain -> line("flush chain", chain));
        chains.forEach(chain -> line("delete chain", chain));
    }

    private void destinations(RuleChanges changes) {
        var gone = new Elements();
        changes.destinations().gone().forEach((to, target) -> gone.target(to, target, false));
        gone.write("delete element");
        var put = new Elements();
        changes.destinations().put().forEach((to, target) -> put.target(to, target, true));
        put.write("add element");
    }

    private void hostPorts(RuleChanges changes) {
        var gone = new Elements();
        changes.hostPorts().gone().keySet().forEach(to -> gone.hostPort(to, ""));
        gone.write("delete element");
        var put = new Elements();
        changes.hostPorts().put().forEach((to, it) -> put.hostPort(to, " : " + joined(it)));
        put.write("add element");
    }

    private void addresses(RuleChanges changes) {
        var gone = new Elements();
        changes.clusterIps().gone().keySet().forEach(ip -> gone.add(CLUSTER_IPS, ip));
        changes.endpointIps().gone().keySet().forEach(ip -> gone.add(HAIRPINS, ip + " . " + ip));
        gone.write("delete element");
        var put = new Elements();
        changes.clusterIps().put().keySet().forEach(ip -> put.add(CLUSTER_IPS, ip));
        changes.endpointIps().put().keySet().forEach(ip -> put.add(HAIRPINS, ip + " . " + ip));
        put.write("add element");
    }

    /// Elements of maps and sets, by the map's name.
    private final class Elements {
        private final Map<String, List<String>> byMap = new LinkedHashMap<>();

        void add(String map, String element) {
            byMap.computeIfAbsent(map, _ -> new ArrayList<>()).add(element);
        }

        void target(Destination destination, Target target, boolean withValue) {
            restriction(destination, target, withValue);
            boolean onNode = destination instanceof Destination.OnNode;
            var verdict = verdict(target);
            if (!verdict.isEmpty()) {
                add(
                        onNode ? NODE_PORTS : SERVICES,
                        key(destination) + (withValue ? " : " + verdict : ""));
            }
            var refusal = refusal(target);
            if (!refusal.isEmpty()) {
                add(
                        onNode ? REFUSED_NODE_PORTS : REFUSED,
                        key(destination) + (withValue ? " : " + refusal : ""));
            }
        }

        private void restriction(Destination destination, Target target, boolean withValue) {
            if (target instanceof Target.OnlyFrom(var sources, _)) {
                var value = withValue ? " : goto " + admission(sources) : "";
                add(RESTRICTED, key(destination) + value);
            }
        }

        void hostPort(Destination destination, String value) {
            boolean onNode = destination instanceof Destination.OnNode;
            add(onNode ? HOST_PORTS : HOST_PORTS_AT, key(destination) + value);
        }

        void write(String verb) {
            byMap.forEach(
                    (map, elements) ->
                            line(verb, map + " { " + String.join(", ", elements) + " }"));
        }
    }

    /// `10.96.0.9 . tcp . 80`, or `tcp . 30080`.
    private static String key(Destination destination) {
        var port = word(destination.protocol()) + " . " + destination.port();
        return destination.ip().isEmpty() ? port : destination.ip() + " . " + port;
    }

    private static String joined(Endpoint endpoint) {
        return endpoint.ip() + " . " + endpoint.port();
    }

    private static String word(Protocol protocol) {
        return protocol.name().toLowerCase(Locale.ROOT);
    }

    /// The chains beside the frame that `table` is written as, and how many rules each has.
    static Map<String, Integer> made(NodeNetwork network, RuleTable table) {
        var made = new HashMap<String, Integer>();
        for (var gate : chains(table.destinations().values())) {
            int rulesOfPreserving = network.ownsBridge() ? 2 : 1;
            made.put(
                    gate,
                    gate.startsWith(OUTSIDE)
                            ? 1
                            : rulesOfPreserving + (gate.startsWith(PRESERVING) ? 1 : 0));
        }
        table.choices()
                .forEach(
                        (name, choice) ->
                                made.put(
                                        name, choice.sticky() ? choice.endpoints().size() + 1 : 1));
        admissions(table.destinations().values()).keySet().forEach(chain -> made.put(chain, 1));
        stays(table.choices()).forEach(stay -> made.put(stay, 2));
        return made;
    }
}
