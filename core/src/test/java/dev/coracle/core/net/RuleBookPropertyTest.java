// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import static dev.coracle.core.net.NetObjects.NODE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random histories of services and slices, against an oracle that looks at all objects for one
/// destination and one source and knows nothing of tables. Runs of the same seed are the same.
class RuleBookPropertyTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<String> EXTERNAL = List.of("192.0.2.5", "192.0.2.6");

    /// The node's is 192.0.2.1.
    private static final List<String> RANGES =
            List.of("10.244.0.0/16", "192.0.2.0/30", "203.0.113.0/24", "2001:db8::/32");

    private static final List<String> SOURCE_IPS =
            List.of("10.244.3.4", "192.0.2.1", "203.0.113.9", "192.0.2.5", "192.0.2.6");

    private final Map<ObjectKey, JsonObject> services = new TreeMap<>();
    private final Map<ObjectKey, JsonObject> slices = new TreeMap<>();
    private long revisions;

    @Test
    void forEveryDestinationAndSourceTheTableChoosesWhatTheOracleDoes() {
        for (long seed = 0; seed < 30; seed++) {
            history(seed);
        }
    }

    private void history(long seed) {
        services.clear();
        slices.clear();
        var random = new SplittableRandom(seed);
        var book = new RuleBook(NetObjects.ON);
        var applied = RuleTable.EMPTY;
        for (int step = 0; step < 60; step++) {
            change(random, book);
            if (random.nextInt(3) > 0) {
                continue; // several changes between two tables
            }
            var table = book.table();
            for (var destination : destinations()) {
                for (var source : Source.values()) {
                    var ip = SOURCE_IPS.get(random.nextInt(SOURCE_IPS.size()));
                    assertThat(table.answer(source, destination).to(ip))
                            .as("seed %d, %d: %s %s to %s", seed, step, source, ip, destination)
                            .isEqualTo(oracle(source, ip, destination));
                }
            }
            var changes = RuleChanges.between(applied, table);
            var endpointIps = new TreeSet<>(applied.endpointIps());
            assertThat(endpointIps.removeAll(changes.endpointIps().gone().keySet()))
                    .isEqualTo(!changes.endpointIps().gone().isEmpty());
            endpointIps.addAll(changes.endpointIps().put().keySet());
            assertThat(endpointIps).isEqualTo(table.endpointIps());
            assertThat(made(applied, changes)).as("seed %d, step %d", seed, step).isEqualTo(table);
            applied = table;
        }
    }

    /// `table` with `changes` made to it, element by element.
    private static RuleTable made(RuleTable table, RuleChanges changes) {
        var clusterIps = new TreeSet<>(table.clusterIps());
        clusterIps.removeAll(changes.clusterIps().gone().keySet());
        clusterIps.addAll(changes.clusterIps().put().keySet());
        return RuleTable.of(
                made(table.destinations(), changes.destinations()),
                made(table.choices(), changes.choices()),
                clusterIps,
                made(table.hostPorts(), changes.hostPorts()));
    }

    private static <K extends Comparable<K>, V> Map<K, V> made(
            Map<K, V> map, Difference<K, V> difference) {
        var made = new TreeMap<>(map);
        difference.gone().forEach(made::remove);
        made.putAll(difference.put());
        return made;
    }

    private void change(SplittableRandom random, RuleBook book) {
        var name = NAMES.get(random.nextInt(NAMES.size()));
        var key = new ObjectKey("default", name);
        var sliceKey = new ObjectKey("default", name + "-" + random.nextInt(2));
        switch (random.nextInt(6)) {
            case 0 -> {
                services.remove(key);
                book.serviceGone(key);
            }
            case 1 -> {
                withdraw(random, book, sliceKey, null);
                slices.remove(sliceKey);
                book.sliceGone(sliceKey);
            }
            case 2, 3 -> {
                var service = service(random, name);
                services.put(key, service);
                book.service(service);
            }
            default -> {
                var slice = slice(random, sliceKey.name());
                withdraw(random, book, sliceKey, slice);
                slices.put(sliceKey, slice);
                book.slice(slice);
            }
        }
    }

    /// Sometimes the book hears of a change before it is made, and of another that is never made.
    private void withdraw(
            SplittableRandom random, RuleBook book, ObjectKey key, @Nullable JsonObject next) {
        var current = slices.get(key);
        if (current == null || random.nextBoolean()) {
            return;
        }
        long revision = EndpointSlice.of(current).revision();
        var failing = Withdrawal.of(current, revision, slice(random, key.name()));
        var withdrawal = Withdrawal.of(current, revision, next);
        if (withdrawal != null) {
            book.withdraw(withdrawal);
        }
        if (failing != null) {
            book.withdraw(failing);
            book.restore(failing);
        }
    }

    private static JsonObject service(SplittableRandom random, String name) {
        var ip = "10.96.0." + (1 + NAMES.indexOf(name));
        var service =
                NetObjects.with(
                        NetObjects.service(name, ip),
                        """
                        {'type': 'LoadBalancer',
                         'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 80, 'nodePort': %d},
                                   {'name': 'dns', 'protocol': 'UDP', 'port': 53}],
                         'loadBalancerSourceRanges': %s,
                         'externalTrafficPolicy': '%s',
                         'internalTrafficPolicy': '%s'}"""
                                .formatted(
                                        random.nextBoolean() ? 30_001 + NAMES.indexOf(name) : 0,
                                        ranges(random),
                                        random.nextInt(3) == 0 ? "Local" : "Cluster",
                                        random.nextInt(3) == 0 ? "Local" : "Cluster"));
        return random.nextBoolean()
                ? service
                : NetObjects.withIngress(service, EXTERNAL.get(random.nextInt(EXTERNAL.size())));
    }

    private static String ranges(SplittableRandom random) {
        var chosen = RANGES.stream().filter(_ -> random.nextInt(3) == 0).toList();
        return JsonArray.ofStrings(chosen).text().replace('"', '\'');
    }

    private JsonObject slice(SplittableRandom random, String name) {
        var endpoints = new ArrayList<Json>();
        for (int i = random.nextInt(4); i > 0; i--) {
            endpoints.add(
                    NetObjects.endpoint(
                            "10.244.0." + (1 + random.nextInt(5)),
                            random.nextInt(3) == 0 ? "elsewhere" : NODE,
                            random.nextBoolean(),
                            random.nextBoolean(),
                            random.nextBoolean()));
        }
        var service = NAMES.get(random.nextInt(NAMES.size()));
        var revision = Long.toString(++revisions);
        return NetObjects.slice(name, service)
                .with("endpoints", JsonArray.of(endpoints))
                .with("metadata", metadata -> metadata.with("resourceVersion", revision));
    }

    private static List<Destination> destinations() {
        var all = new ArrayList<Destination>();
        for (int port : new int[] {53, 80, 81}) {
            for (var protocol : List.of(Protocol.TCP, Protocol.UDP)) {
                for (int i = 1; i <= NAMES.size() + 1; i++) {
                    all.add(new Destination.At("10.96.0." + i, protocol, port));
                }
                EXTERNAL.forEach(ip -> all.add(new Destination.At(ip, protocol, port)));
            }
        }
        for (int i = 0; i < NAMES.size(); i++) {
            all.add(new Destination.OnNode(Protocol.TCP, 30_001 + i));
        }
        return all;
    }

    private Answer oracle(Source source, String ip, Destination destination) {
        boolean isClusterIp = false;
        for (var service : services.values()) {
            var spec = service.object("spec");
            boolean inside = spec.string("clusterIP").equals(destination.ip());
            isClusterIp |= inside;
            for (var port : spec.array("ports").objects()) {
                if (!port.string("protocol").equals(destination.protocol().name())) {
                    continue;
                }
                boolean onIngress =
                        !destination.ip().isEmpty()
                                && service.text().contains("\"ip\":\"" + destination.ip() + "\"");
                boolean addressed =
                        destination.ip().isEmpty()
                                ? port.number("nodePort", 0) == destination.port()
                                : port.number("port", 0) == destination.port()
                                        && (inside || onIngress);
                if (addressed && onIngress && isKeptOut(ip, service)) {
                    return new Answer.Dropped();
                }
                if (addressed) {
                    return oracle(source, service, port, inside);
                }
            }
        }
        return isClusterIp ? new Answer.Refused() : new Answer.Untouched();
    }

    private static boolean isKeptOut(String ip, JsonObject service) {
        var ranges = service.object("spec").array("loadBalancerSourceRanges").strings();
        var sources = new ArrayList<String>();
        for (var range : ranges) {
            switch (range) {
                case "10.244.0.0/16" -> sources.add("10.244.3.4");
                case "192.0.2.0/30" -> {
                    sources.add("192.0.2.1");
                    // and, the node being one of them, whatever address of the balancer it has
                    EXTERNAL.stream()
                            .filter(it -> service.text().contains("\"ip\":\"" + it + "\""))
                            .forEach(sources::add);
                }
                case "203.0.113.0/24" -> sources.add("203.0.113.9");
                default -> {}
            }
        }
        return !sources.isEmpty() && !sources.contains(ip);
    }

    private Answer oracle(Source source, JsonObject service, JsonObject port, boolean inside) {
        var spec = service.object("spec");
        var everywhere = usable(service, port, false);
        var here = usable(service, port, true);
        if (everywhere.isEmpty()) {
            return new Answer.Refused();
        }
        boolean local =
                spec.string(inside ? "internalTrafficPolicy" : "externalTrafficPolicy")
                                .equals("Local")
                        && (inside || source == Source.OUTSIDE);
        if (local && here.isEmpty()) {
            return new Answer.Dropped();
        }
        boolean keepsSource =
                inside
                        ? source == Source.POD
                        : spec.string("externalTrafficPolicy").equals("Local")
                                && source != Source.NODE;
        return new Answer.Reaches(local ? here : everywhere, !keepsSource);
    }

    private List<Endpoint> usable(JsonObject service, JsonObject port, boolean here) {
        var ready = new TreeSet<Endpoint>();
        var ending = new TreeSet<Endpoint>();
        var local = new TreeSet<Endpoint>();
        for (var slice : slices.values()) {
            boolean own =
                    slice.object("metadata")
                            .object("labels")
                            .string("kubernetes.io/service-name")
                            .equals(service.object("metadata").string("name"));
            for (var slicePort : slice.array("ports").objects()) {
                if (!own || !slicePort.string("name").equals(port.string("name"))) {
                    continue;
                }
                for (var endpoint : slice.array("endpoints").objects()) {
                    var conditions = endpoint.object("conditions");
                    var it =
                            new Endpoint(
                                    endpoint.array("addresses").strings().getFirst(),
                                    (int) slicePort.number("port", 0));
                    if (endpoint.string("nodeName").equals(NODE)) {
                        local.add(it);
                    }
                    if (conditions.bool("ready", true)) {
                        ready.add(it);
                    }
                    if (conditions.bool("serving", true) && conditions.bool("terminating", false)) {
                        ending.add(it);
                    }
                }
            }
        }
        if (here) {
            ready.retainAll(local);
            ending.retainAll(local);
        }
        return List.copyOf(ready.isEmpty() ? ending : ready);
    }
}
