// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import static dev.coracle.core.net.NetObjects.NODE;
import static dev.coracle.core.net.NetObjects.endpoint;
import static dev.coracle.core.net.NetObjects.pod;
import static dev.coracle.core.net.NetObjects.ready;
import static dev.coracle.core.net.NetObjects.service;
import static dev.coracle.core.net.NetObjects.slice;
import static dev.coracle.core.net.NetObjects.with;
import static dev.coracle.core.net.NetObjects.withIngress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Service.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What is relied on, whatever keeps the rules.
public abstract class PacketRulesContract {

    /// Rules of a node that has none yet, the same ones at every call.
    protected abstract PacketRules rules() throws Exception;

    /// A table with everything in it.
    protected static RuleTable everything() {
        var book = new RuleBook(NetObjects.ON);
        book.service(service("web", "10.96.0.1"));
        book.slice(slice("web-1", "web", ready("10.244.0.7"), ready("10.244.0.8")));
        book.service(
                with(
                        service("balanced.name", "10.96.0.2"),
                        """
                        {'type': 'LoadBalancer', 'externalIPs': ['192.0.2.5'],
                         'sessionAffinity': 'ClientIP',
                         'sessionAffinityConfig': {'clientIP': {'timeoutSeconds': 10800}},
                         'ports': [
                           {'name': 'http', 'protocol': 'TCP', 'port': 80, 'nodePort': 30080}]}"""));
        book.slice(slice("b-1", "balanced.name", ready("10.244.0.9"), ready("10.244.0.10")));
        book.service(
                with(
                        service("near", "10.96.0.3"),
                        """
                        {'type': 'NodePort', 'externalTrafficPolicy': 'Local',
                         'internalTrafficPolicy': 'Local',
                         'ports': [
                           {'name': 'http', 'protocol': 'TCP', 'port': 80, 'nodePort': 30081}]}"""));
        book.slice(
                slice(
                        "near-1",
                        "near",
                        ready("10.244.0.7"),
                        endpoint("10.244.1.7", "elsewhere", true, true, false)));
        book.service(
                with(
                        service("far", "10.96.0.4"),
                        """
                        {'type': 'NodePort', 'externalTrafficPolicy': 'Local',
                         'internalTrafficPolicy': 'Local',
                         'ports': [
                           {'name': 'http', 'protocol': 'TCP', 'port': 80, 'nodePort': 30082}]}"""));
        book.slice(slice("far-1", "far", endpoint("10.244.1.7", "elsewhere", true, true, false)));
        book.service(
                with(
                        service("none", "10.96.0.5"),
                        """
                        {'type': 'NodePort', 'ports': [
                          {'protocol': 'SCTP', 'port': 80, 'nodePort': 30083},
                          {'name': 'dns', 'protocol': 'UDP', 'port': 53}]}"""));
        for (var name : List.of("fenced", "fenced-too")) {
            book.service(fenced(name, "'10.0.0.0/8', '192.0.2.7/32', '203.0.113.4/31'"));
        }
        book.service(fenced("private", "'10.0.0.0/8'"));
        book.service(fenced("uneven", "'172.16.1.0/24', '172.16.2.0/24'"));
        book.service(fenced("ends", "'0.0.0.0/2', '192.0.0.0/2'"));
        book.service(fenced("personal", "'192.0.2.7/32'"));
        book.slice(slice("fenced-1", "fenced", ready("10.244.0.7")));
        book.slice(slice("private-1", "private", ready("10.244.0.7")));
        book.pod(
                pod(
                        "host",
                        "10.244.0.11",
                        "{'containerPort': 80, 'hostPort': 8080}",
                        "{'containerPort': 53, 'hostPort': 53, 'protocol': 'UDP',"
                                + " 'hostIP': '192.0.2.1'}"));
        return book.table();
    }

    /// Of type LoadBalancer, with addresses of its own, that only `ranges` may come to.
    private static JsonObject fenced(String name, String ranges) {
        int number = 1 + Math.floorMod(name.hashCode(), 250);
        return withIngress(
                with(
                        service(name, "10.96.1." + number),
                        "{'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local', 'loadBalancerSourceRanges': [%s]}"
                                .formatted(ranges)),
                "192.0.2." + number);
    }

    private static void apply(PacketRules rules, RuleTable before, RuleTable after) {
        rules.apply(RuleChanges.between(before, after));
    }

    @Test
    void whatWasAppliedIsThere() throws Exception {
        assertThat(rules().open()).isEqualTo(RuleTable.EMPTY);

        apply(rules(), RuleTable.EMPTY, everything());

        assertThat(rules().open()).isEqualTo(everything());
    }

    @Test
    void everyPartCanBeTakenAwayAgain() throws Exception {
        rules().open();
        apply(rules(), RuleTable.EMPTY, everything());

        apply(rules(), everything(), RuleTable.EMPTY);

        assertThat(rules().open()).isEqualTo(RuleTable.EMPTY);
    }

    @Test
    void changesThatCannotBeMadeChangeNothing() throws Exception {
        rules().open();
        apply(rules(), RuleTable.EMPTY, everything());
        var other =
                RuleTable.of(
                        Map.of(
                                new Destination.At("10.96.0.77", Protocol.TCP, 80),
                                new Target.Inside("all/default/x/tcp")),
                        Map.of(
                                "all/default/x/tcp",
                                new Choice(
                                        Protocol.TCP,
                                        List.of(new Endpoint("10.244.0.7", 80)),
                                        Duration.ZERO)),
                        List.of("10.96.0.77"),
                        Map.of());

        assertThatThrownBy(() -> apply(rules(), other, RuleTable.EMPTY))
                .isInstanceOf(PacketRulesException.class);

        assertThat(rules().open()).isEqualTo(everything());
    }

    @Test
    void afterRemovalTheBeginningIsAsAtFirst() throws Exception {
        rules().open();
        apply(rules(), RuleTable.EMPTY, everything());

        rules().removeAll();
        rules().removeAll();

        assertThat(rules().open()).isEqualTo(RuleTable.EMPTY);
    }

    @Test
    void aHistoryOfSmallChangesEndsWhereItShould() throws Exception {
        rules().open();
        var random = new SplittableRandom(7);
        var book = new RuleBook(NetObjects.ON);
        var applied = RuleTable.EMPTY;
        for (int step = 0; step < 60; step++) {
            change(book, random);
            var table = book.table();
            apply(rules(), applied, table);
            applied = table;
        }

        assertThat(rules().open()).isEqualTo(applied);
    }

    private static void change(RuleBook book, SplittableRandom random) {
        int number = random.nextInt(4);
        var name = "s" + number;
        switch (random.nextInt(6)) {
            case 5 ->
                    book.service(
                            fenced(
                                    name,
                                    random.nextBoolean()
                                            ? "'10.0.0.0/8'"
                                            : "'10.0.%d.0/24'".formatted(random.nextInt(3))));
            case 0 -> book.serviceGone(new ObjectKey("default", name));
            case 1 -> book.sliceGone(new ObjectKey("default", name));
            case 2 ->
                    book.service(
                            with(
                                    service(name, "10.96.0." + (1 + number)),
                                    """
                                    {'type': 'NodePort', 'sessionAffinity': '%s',
                                     'externalTrafficPolicy': '%s',
                                     'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 80,
                                                'nodePort': %d}]}"""
                                            .formatted(
                                                    random.nextBoolean() ? "ClientIP" : "None",
                                                    random.nextBoolean() ? "Local" : "Cluster",
                                                    30_000 + number)));
            default ->
                    book.slice(
                            slice(
                                    name,
                                    name,
                                    endpoint(
                                            "10.244.0." + random.nextInt(1, 5),
                                            random.nextBoolean() ? NODE : "elsewhere",
                                            random.nextBoolean(),
                                            true,
                                            random.nextBoolean()),
                                    ready("10.244.0." + random.nextInt(1, 5))));
        }
    }
}
