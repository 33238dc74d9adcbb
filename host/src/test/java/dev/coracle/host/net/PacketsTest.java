// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import static dev.coracle.core.net.NetObjects.NODE;
import static dev.coracle.core.net.NetObjects.endpoint;
import static dev.coracle.core.net.NetObjects.pod;
import static dev.coracle.core.net.NetObjects.ready;
import static dev.coracle.core.net.NetObjects.service;
import static dev.coracle.core.net.NetObjects.slice;
import static dev.coracle.core.net.NetObjects.with;
import static dev.coracle.core.net.NetObjects.withIngress;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.net.NetObjects;
import dev.coracle.core.net.RuleBook;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Real packets through the rules, in a [Lab].
class PacketsTest {
    private static final String VIP = "10.96.0.9";
    private static final String ONE = "10.244.0.7";
    private static final String TWO = "10.244.0.8";
    private static final String GATEWAY = "10.244.0.1";
    private static final int MANY = 40;

    private final RuleBook book = new RuleBook(NetObjects.ON);
    private RuleTable applied = RuleTable.EMPTY;
    private Lab lab;
    private Nftables rules;

    @BeforeEach
    void open() throws Exception {
        lab = new Lab();
        rules = new Nftables(lab.node.path(), Lab.NETWORK);
        rules.open();
        lab.serveTcp(lab.one, "one", 8080);
        lab.serveTcp(lab.two, "two", 8080);
    }

    @AfterEach
    void close() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    /// Makes the kernel have what the book says.
    private void write() throws Exception {
        var changes = RuleChanges.between(applied, book.table());
        rules.apply(changes);
        applied = changes.after();
        lab.node.in(
                () -> {
                    rules.forget(changes.staleFlows());
                    return applied;
                });
    }

    private TreeSet<String> answers(Namespace from, String ip, int port) throws Exception {
        var answers = new TreeSet<String>();
        for (int i = 0; i < MANY; i++) {
            answers.add(lab.ask(from, ip, port));
        }
        return answers;
    }

    private static JsonObject nodePort(String more) {
        return with(
                with(
                        service("web", VIP),
                        """
                        {'type': 'NodePort',
                         'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 80,
                                    'nodePort': 30080, 'targetPort': 8080}]}"""),
                more);
    }

    @Test
    void aClusterIpReachesEveryEndpointFromPodsAndFromTheNode() throws Exception {
        book.service(service("web", VIP));
        book.slice(slice("web-1", "web", ready(ONE), ready(TWO)));
        write();

        // one that meets itself sees the bridge's address instead of its own
        assertThat(answers(lab.one, VIP, 80)).containsExactly("one " + GATEWAY, "two " + ONE);
        assertThat(answers(lab.node, VIP, 80)).containsExactly("one " + GATEWAY, "two " + GATEWAY);
    }

    @Test
    void noNewConnectionReachesAnEndpointThatIsNoLongerReady() throws Exception {
        book.service(service("web", VIP));
        book.slice(slice("web-1", "web", ready(ONE), ready(TWO)));
        write();

        book.slice(slice("web-1", "web", ready(ONE), endpoint(TWO, NODE, false, false, false)));
        write();

        assertThat(answers(lab.two, VIP, 80)).containsExactly("one " + TWO);

        book.slice(slice("web-1", "web", ready(ONE), ready(TWO)));
        write();

        assertThat(answers(lab.one, VIP, 80)).contains("two " + ONE);
    }

    @Test
    void whatHasNoEndpointsIsRefusedAtOnce() throws Exception {
        book.service(withIngress(nodePort("{'type': 'LoadBalancer'}"), Lab.NODE_IP));
        write();

        assertThat(lab.ask(lab.one, VIP, 80)).isEqualTo("refused");
        assertThat(lab.ask(lab.node, VIP, 80)).isEqualTo("refused");
        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 30_080)).isEqualTo("refused");
        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 80)).isEqualTo("refused");
    }

    @Test
    void aClusterIpRefusesOtherPortsAndOneThatIsNobodysIsSilent() throws Exception {
        book.service(service("web", VIP));
        book.slice(slice("web-1", "web", ready(ONE)));
        write();

        assertThat(lab.ask(lab.two, VIP, 81)).isEqualTo("refused");
        assertThat(lab.ask(lab.node, VIP, 81)).isEqualTo("refused");
        assertThat(lab.ask(lab.two, "10.96.0.10", 80)).isEqualTo("nothing");
    }

    @Test
    void aNodePortIsOnEveryAddressOfTheNode() throws Exception {
        book.service(nodePort("{}"));
        book.slice(slice("web-1", "web", ready(ONE)));
        write();

        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 30_080)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.node, Lab.NODE_IP, 30_080)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.node, "127.0.0.1", 30_080)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.two, Lab.NODE_IP, 30_080)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.two, GATEWAY, 30_080)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.one, Lab.NODE_IP, 30_080)).isEqualTo("one " + GATEWAY);
    }

    @Test
    void aLoadBalancersAddressMayBeTheNodesOwn() throws Exception {
        book.service(withIngress(nodePort("{'type': 'LoadBalancer'}"), Lab.NODE_IP));
        book.slice(slice("web-1", "web", ready(ONE), ready(TWO)));
        write();

        for (var from : new Namespace[] {lab.outside, lab.node, lab.one, lab.two}) {
            assertThat(answers(from, Lab.NODE_IP, 80))
                    .containsExactly("one " + GATEWAY, "two " + GATEWAY);
        }
    }

    @Test
    void whoIsNotInTheSourceRangesHearsNothingFromTheBalancersAddress() throws Exception {
        var ranges = "{'type': 'LoadBalancer', 'loadBalancerSourceRanges': ['%s']}";
        book.service(withIngress(nodePort(ranges.formatted(Lab.OUTSIDE_IP + "/32")), Lab.NODE_IP));
        book.slice(slice("web-1", "web", ready(ONE)));
        write();

        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 80)).isEqualTo("one " + GATEWAY);
        for (var from : List.of(lab.node, lab.one, lab.two)) {
            assertThat(lab.ask(from, Lab.NODE_IP, 80)).isEqualTo("nothing");
            assertThat(lab.ask(from, Lab.NODE_IP, 30_080)).isEqualTo("one " + GATEWAY);
            assertThat(lab.ask(from, VIP, 80)).startsWith("one ");
        }

        book.service(withIngress(nodePort(ranges.formatted("10.244.0.8/29")), Lab.NODE_IP));
        write();

        assertThat(lab.ask(lab.two, Lab.NODE_IP, 80)).isEqualTo("one " + GATEWAY);
        for (var from : List.of(lab.node, lab.one, lab.outside)) {
            assertThat(lab.ask(from, Lab.NODE_IP, 80)).isEqualTo("nothing");
        }

        book.service(withIngress(nodePort("{'type': 'LoadBalancer'}"), Lab.NODE_IP));
        write();

        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 80)).isEqualTo("one " + GATEWAY);
    }

    @Test
    void sourceRangesHoldForAnAddressThatIsNobodysToo() throws Exception {
        var away = "198.51.100.7";
        lab.node.run("ip", "route", "add", away, "via", Lab.OUTSIDE_IP);
        book.service(
                withIngress(
                        nodePort(
                                "{'type': 'LoadBalancer', 'loadBalancerSourceRanges': ['10.244.0.7/32', '192.0.2.0/29']}"),
                        away));
        book.slice(slice("web-1", "web", ready(TWO)));
        write();

        assertThat(lab.ask(lab.one, away, 80)).isEqualTo("two " + GATEWAY);
        assertThat(lab.ask(lab.node, away, 80)).isEqualTo("two " + GATEWAY);
        assertThat(lab.ask(lab.two, away, 80)).isEqualTo("nothing");
        assertThat(lab.ask(lab.outside, away, 80)).isEqualTo("nothing");
    }

    /// New connections are kept out, nothing is cut.
    @Test
    void aConnectionThatIsThereOutlivesItsSourceRanges() throws Exception {
        lab.serveUdp(lab.one, "one", 8080);
        var client = lab.udpClient(lab.outside, Lab.NODE_IP, 53);
        var ranges =
                "{'type': 'LoadBalancer', 'loadBalancerSourceRanges': ['%s/32'], 'ports': [{'name': 'http', 'protocol': 'UDP', 'port': 53}]}";
        book.service(
                withIngress(
                        with(service("dns", VIP), ranges.formatted(Lab.OUTSIDE_IP)), Lab.NODE_IP));
        book.slice(udpSlice(ready(ONE)));
        write();
        assertThat(Lab.ask(client)).isEqualTo("one " + GATEWAY);

        book.service(withIngress(with(service("dns", VIP), ranges.formatted(ONE)), Lab.NODE_IP));
        write();

        assertThat(Lab.ask(client)).isEqualTo("one " + GATEWAY);
        assertThat(Lab.ask(lab.udpClient(lab.outside, Lab.NODE_IP, 53))).isEqualTo("nothing");
    }

    @Test
    void aLocalExternalPolicyShowsWhoComesFromOutside() throws Exception {
        book.service(nodePort("{'externalTrafficPolicy': 'Local'}"));
        book.slice(slice("web-1", "web", ready(ONE), endpoint(TWO, "else", true, true, false)));
        write();

        assertThat(answers(lab.outside, Lab.NODE_IP, 30_080))
                .containsExactly("one " + Lab.OUTSIDE_IP);
        assertThat(answers(lab.node, Lab.NODE_IP, 30_080))
                .containsExactly("one " + GATEWAY, "two " + GATEWAY);

        book.slice(slice("web-1", "web", endpoint(TWO, "else", true, true, false)));
        write();

        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 30_080)).isEqualTo("nothing");
        assertThat(lab.ask(lab.one, Lab.NODE_IP, 30_080)).isEqualTo("two " + ONE);
    }

    @Test
    void aClientStaysWithItsEndpointAsLongAsThatIsThere() throws Exception {
        book.service(with(service("web", VIP), "{'sessionAffinity': 'ClientIP'}"));
        book.slice(slice("web-1", "web", ready(ONE), ready(TWO)));
        write();

        var first = answers(lab.node, VIP, 80);
        assertThat(first).hasSize(1);

        boolean wasOne = first.first().startsWith("one");
        book.slice(slice("web-1", "web", ready(wasOne ? TWO : ONE)));
        write();

        assertThat(answers(lab.node, VIP, 80))
                .containsExactly((wasOne ? "two " : "one ") + GATEWAY);
    }

    @Test
    void aFlowOfUdpLeavesAnEndpointThatIsGone() throws Exception {
        lab.serveUdp(lab.one, "one", 8080);
        lab.serveUdp(lab.two, "two", 8080);
        var client = lab.udpClient(lab.node, VIP, 53);
        book.service(
                with(
                        service("dns", VIP),
                        "{'ports': [{'name': 'http', 'protocol': 'UDP', 'port': 53}]}"));
        write();
        assertThat(Lab.ask(lab.udpClient(lab.node, VIP, 53))).isEqualTo("refused");

        book.slice(udpSlice(ready(ONE)));
        write();
        assertThat(Lab.ask(client)).isEqualTo("one " + GATEWAY);

        book.slice(udpSlice(ready(TWO)));
        write();
        assertThat(Lab.ask(client)).isEqualTo("two " + GATEWAY);
    }

    private static JsonObject udpSlice(JsonObject endpoint) {
        return slice("dns-1", "dns", endpoint)
                .with(
                        "ports",
                        NetObjects.json(
                                        "{'ports': [{'name': 'http', 'protocol': 'UDP', 'port': 8080}]}")
                                .array("ports"));
    }

    @Test
    void hostPortsReachTheirPodUnderTheSenderSAddress() throws Exception {
        book.pod(
                pod(
                        "host",
                        ONE,
                        "{'containerPort': 8080, 'hostPort': 8088}",
                        "{'containerPort': 8080, 'hostPort': 8089, 'hostIP': '127.0.0.1'}"));
        write();

        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 8088)).isEqualTo("one " + Lab.OUTSIDE_IP);
        assertThat(lab.ask(lab.node, "127.0.0.1", 8088)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.one, Lab.NODE_IP, 8088)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.node, "127.0.0.1", 8089)).isEqualTo("one " + GATEWAY);
        assertThat(lab.ask(lab.outside, Lab.NODE_IP, 8089)).isEqualTo("refused");
    }

    @Test
    void anEndpointMayBeTheNodeItself() throws Exception {
        lab.serveTcp(lab.node, "node", 6443);
        book.service(service("kubernetes", VIP));
        book.slice(
                slice("kubernetes", "kubernetes", ready(GATEWAY))
                        .with(
                                "ports",
                                NetObjects.json(
                                                "{'ports': [{'name':'http','protocol':'TCP','port':6443}]}")
                                        .array("ports")));
        write();

        assertThat(lab.ask(lab.one, VIP, 80)).isEqualTo("node " + ONE);
        assertThat(lab.ask(lab.node, VIP, 80)).startsWith("node ");
    }

    /// On a machine without the module for it.
    @Test
    void podsReachOneAnotherThroughServicesThoughBridgedPacketsMeetNoRules() throws Exception {
        lab.node.run("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0");
        lab.node.run("ip", "link", "set", "cor-lab", "type", "bridge", "nf_call_iptables", "0");
        var blind =
                new NodeNetwork("coracle-lab", "cor-lab", "10.244.0.0/24", "10.96.0.0/12", false);
        rules = new Nftables(lab.node.path(), blind);
        rules.open();
        book.service(service("web", VIP));
        book.slice(slice("web-1", "web", ready(ONE), ready(TWO)));
        write();

        assertThat(answers(lab.one, VIP, 80)).containsExactly("one " + GATEWAY, "two " + GATEWAY);
    }

    @Test
    void podsReachOthersUnderTheNodesAddress() throws Exception {
        lab.serveTcp(lab.outside, "outside", 8080);

        assertThat(lab.ask(lab.one, Lab.OUTSIDE_IP, 8080)).isEqualTo("outside " + Lab.NODE_IP);
        assertThat(lab.ask(lab.one, TWO, 8080)).isEqualTo("two " + ONE);
    }
}
