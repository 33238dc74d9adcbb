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

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.net.Answer.Dropped;
import dev.coracle.core.net.Answer.Reaches;
import dev.coracle.core.net.Answer.Refused;
import dev.coracle.core.net.Answer.Untouched;
import dev.coracle.core.view.Service.Protocol;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RuleBookTest {
    private static final String VIP = "10.96.0.9";
    private static final Destination WEB = new Destination.At(VIP, Protocol.TCP, 80);
    private static final Destination NODE_PORT = new Destination.OnNode(Protocol.TCP, 30_080);
    private static final Destination INGRESS = new Destination.At("192.0.2.5", Protocol.TCP, 80);

    private final RuleBook book = new RuleBook(NetObjects.ON);

    private Answer answer(Source source, Destination destination) {
        return book.table().answer(source, destination);
    }

    private static Reaches reaches(boolean masqueraded, String... ips) {
        return new Reaches(
                Arrays.stream(ips).map(ip -> new Endpoint(ip, 8080)).toList(), masqueraded);
    }

    private static JsonObject balanced(String more) {
        return withIngress(
                with(
                        with(
                                service("web", VIP),
                                """
                                {'type': 'LoadBalancer',
                                 'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 80,
                                            'nodePort': 30080, 'targetPort': 8080}]}"""),
                        more),
                "192.0.2.5");
    }

    @Test
    void aClusterIpLeadsToAllReadyEndpoints() {
        book.service(service("web", VIP));
        book.slice(slice("web-1", "web", ready("10.244.0.8"), ready("10.244.0.7")));

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7", "10.244.0.8"));
        assertThat(answer(Source.NODE, WEB)).isEqualTo(reaches(true, "10.244.0.7", "10.244.0.8"));
    }

    @Test
    void anEndpointThatIsNotReadyGetsNothing() {
        book.service(service("web", VIP));
        book.slice(
                slice(
                        "web-1",
                        "web",
                        ready("10.244.0.7"),
                        endpoint("10.244.0.8", NODE, false, false, false)));

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7"));
    }

    @Test
    void withoutAnyReadyOneThoseThatEndAndStillServeGetEverything() {
        book.service(service("web", VIP));
        book.slice(
                slice(
                        "web-1",
                        "web",
                        endpoint("10.244.0.7", NODE, false, true, true),
                        endpoint("10.244.0.8", NODE, false, false, true),
                        endpoint("10.244.0.9", NODE, false, true, false)));

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7"));

        book.slice(slice("web-2", "web", ready("10.244.0.6")));

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.6"));
    }

    @Test
    void aServiceWithoutEndpointsRefuses() {
        book.service(balanced("{}"));

        assertThat(answer(Source.POD, WEB)).isEqualTo(new Refused());
        assertThat(answer(Source.OUTSIDE, NODE_PORT)).isEqualTo(new Refused());
        assertThat(answer(Source.OUTSIDE, INGRESS)).isEqualTo(new Refused());
    }

    @Test
    void aPortThatAServiceDoesNotHaveIsRefused() {
        book.service(service("web", VIP));
        book.slice(slice("web-1", "web", ready("10.244.0.7")));

        assertThat(answer(Source.POD, new Destination.At(VIP, Protocol.TCP, 81)))
                .isEqualTo(new Refused());
        assertThat(answer(Source.POD, new Destination.At("10.96.0.10", Protocol.TCP, 80)))
                .isEqualTo(new Untouched());
    }

    @Test
    void whatComesFromOutsideGetsTheNodesAddress() {
        book.service(balanced("{'externalIPs': ['198.51.100.7', '2001:db8::7']}"));
        book.slice(slice("web-1", "web", ready("10.244.0.7")));

        for (var destination :
                List.of(NODE_PORT, INGRESS, new Destination.At("198.51.100.7", Protocol.TCP, 80))) {
            for (var source : Source.values()) {
                assertThat(answer(source, destination)).isEqualTo(reaches(true, "10.244.0.7"));
            }
        }
        assertThat(book.table().destinations()).hasSize(4);
    }

    @Test
    void aLocalExternalPolicyKeepsTheSourceAndStaysOnTheNode() {
        book.service(balanced("{'externalTrafficPolicy': 'Local'}"));
        book.slice(
                slice(
                        "web-1",
                        "web",
                        ready("10.244.0.7"),
                        endpoint("10.244.1.7", "elsewhere", true, true, false)));

        assertThat(answer(Source.OUTSIDE, NODE_PORT)).isEqualTo(reaches(false, "10.244.0.7"));
        assertThat(answer(Source.POD, NODE_PORT))
                .isEqualTo(reaches(false, "10.244.0.7", "10.244.1.7"));
        assertThat(answer(Source.NODE, INGRESS))
                .isEqualTo(reaches(true, "10.244.0.7", "10.244.1.7"));
        assertThat(answer(Source.NODE, WEB)).isEqualTo(reaches(true, "10.244.0.7", "10.244.1.7"));
    }

    /// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>
    @Test
    void onlyWhoComesFromTheSourceRangesReachesTheBalancersAddress() {
        book.service(
                balanced(
                        "{'loadBalancerSourceRanges': [' 203.0.113.0/25 ', '10.244.0.8/32'], 'externalIPs': ['198.51.100.7']}"));
        book.slice(slice("web-1", "web", ready("10.244.0.7")));

        for (var source : Source.values()) {
            var answer = answer(source, INGRESS);
            for (var ip : List.of("203.0.113.0", "203.0.113.127", "10.244.0.8")) {
                assertThat(answer.to(ip)).isEqualTo(reaches(true, "10.244.0.7"));
            }
            for (var ip : List.of("203.0.113.128", "10.244.0.9", NetObjects.NODE_IP)) {
                assertThat(answer.to(ip)).isEqualTo(new Dropped());
            }
        }
        for (var open :
                List.of(WEB, NODE_PORT, new Destination.At("198.51.100.7", Protocol.TCP, 80))) {
            assertThat(answer(Source.OUTSIDE, open)).isEqualTo(reaches(true, "10.244.0.7"));
        }
    }

    @Test
    void sourceRangesComeBeforeWhatIsRefusedOrDroppedOtherwise() {
        var ranges =
                "{'loadBalancerSourceRanges': ['203.0.113.0/24'], 'externalTrafficPolicy': '%s'}";
        book.service(balanced(ranges.formatted("Cluster")));

        assertThat(answer(Source.OUTSIDE, INGRESS).to("203.0.113.9")).isEqualTo(new Refused());
        assertThat(answer(Source.OUTSIDE, INGRESS).to("203.0.114.9")).isEqualTo(new Dropped());

        book.service(balanced(ranges.formatted("Local")));
        book.slice(slice("web-1", "web", endpoint("10.244.1.7", "elsewhere", true, true, false)));

        assertThat(answer(Source.OUTSIDE, INGRESS).to("203.0.113.9")).isEqualTo(new Dropped());
        assertThat(answer(Source.NODE, INGRESS).to("203.0.113.9"))
                .isEqualTo(reaches(true, "10.244.1.7"));
        assertThat(answer(Source.NODE, INGRESS).to("203.0.114.9")).isEqualTo(new Dropped());
    }

    /// A balancer's address may be the node's own, which then is the source of what the node sends.
    @Test
    void aNodeThatIsInTheRangesMayComeFromTheBalancersAddress() {
        book.slice(slice("web-1", "web", ready("10.244.0.7")));

        book.service(balanced("{'loadBalancerSourceRanges': ['192.0.2.1/32']}"));
        assertThat(answer(Source.NODE, INGRESS).to("192.0.2.5"))
                .isEqualTo(reaches(true, "10.244.0.7"));

        book.service(balanced("{'loadBalancerSourceRanges': ['192.0.2.2/32']}"));
        assertThat(answer(Source.NODE, INGRESS).to("192.0.2.5")).isEqualTo(new Dropped());
    }

    @Test
    void rangesOfIpv6AloneOrOfEverybodyKeepNobodyOut() {
        book.slice(slice("web-1", "web", ready("10.244.0.7")));

        for (var ranges : List.of("'2001:db8::/32'", "'10.0.0.0/8', '0.0.0.0/0'")) {
            book.service(balanced("{'loadBalancerSourceRanges': [%s]}".formatted(ranges)));

            assertThat(answer(Source.OUTSIDE, INGRESS)).isEqualTo(reaches(true, "10.244.0.7"));
        }
        book.service(balanced("{'loadBalancerSourceRanges': ['2001:db8::/32', '10.0.0.0/8']}"));

        assertThat(answer(Source.OUTSIDE, INGRESS).to("203.0.113.9")).isEqualTo(new Dropped());
    }

    /// It is for balancers outside of the cluster, and no packet rule reads it upstream either.
    @Test
    void theOldAnnotationOfSourceRangesKeepsNobodyOut() {
        book.service(
                balanced("{}")
                        .with(
                                "metadata",
                                metadata ->
                                        metadata.with(
                                                "annotations",
                                                NetObjects.json(
                                                        "{'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8'}"))));
        book.slice(slice("web-1", "web", ready("10.244.0.7")));

        assertThat(answer(Source.OUTSIDE, INGRESS)).isEqualTo(reaches(true, "10.244.0.7"));
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/service/#load-balancer-ip-mode>
    @Test
    void whereTheBalancerIsAProxyItsAddressIsLeftAlone() {
        book.slice(slice("web-1", "web", ready("10.244.0.7")));
        for (var mode : List.of("VIP", "Proxy")) {
            book.service(
                    balanced("{'loadBalancerSourceRanges': ['203.0.113.0/24']}")
                            .with(
                                    "status",
                                    NetObjects.json(
                                            "{'loadBalancer': {'ingress': [{'ip': '192.0.2.5', 'ipMode': '%s'}]}}"
                                                    .formatted(mode))));

            assertThat(answer(Source.OUTSIDE, INGRESS).to("203.0.113.9"))
                    .isEqualTo(mode.equals("VIP") ? reaches(true, "10.244.0.7") : new Untouched());
        }
        assertThat(answer(Source.OUTSIDE, NODE_PORT)).isEqualTo(reaches(true, "10.244.0.7"));
    }

    private String health() {
        book.table();
        return book.healthPorts().values().stream()
                .map(
                        health ->
                                "%d %s %d"
                                        .formatted(
                                                health.port(),
                                                health.service().name(),
                                                health.localEndpoints()))
                .collect(Collectors.joining(", "));
    }

    /// <https://kubernetes.io/docs/tutorials/services/source-ip/>
    @Test
    void balancersAreToldOfReadyEndpointsOnThisNode() {
        book.service(
                balanced(
                        """
                        {'externalTrafficPolicy': 'Local', 'healthCheckNodePort': 30099,
                         'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 80},
                                   {'name': 'more', 'protocol': 'TCP', 'port': 81}]}"""));
        assertThat(health()).isEqualTo("30099 web 0");

        book.slice(
                slice(
                                "web-1",
                                "web",
                                ready("10.244.0.7"),
                                ready("10.244.0.8"),
                                endpoint("10.244.0.9", NODE, false, true, true),
                                endpoint("10.244.0.10", NODE, false, false, false),
                                endpoint("10.244.1.7", "elsewhere", true, true, false))
                        .with(
                                "ports",
                                NetObjects.json(
                                                """
                                                {'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 8080},
                                                           {'name': 'more', 'protocol': 'TCP', 'port': 8081}]}""")
                                        .array("ports")));
        assertThat(health()).isEqualTo("30099 web 2");

        book.slice(slice("web-1", "web", endpoint("10.244.0.7", NODE, false, true, true)));
        assertThat(health()).isEqualTo("30099 web 0");

        book.serviceGone(new ObjectKey("default", "web"));
        assertThat(health()).isEmpty();
    }

    @Test
    void withoutALocalPolicyBalancersNeedNotAsk() {
        for (var spec :
                List.of(
                        "{'externalTrafficPolicy': 'Cluster', 'healthCheckNodePort': 30099}",
                        "{'externalTrafficPolicy': 'Local'}",
                        "{'type': 'NodePort', 'externalTrafficPolicy': 'Local', 'healthCheckNodePort': 30099}")) {
            book.service(balanced(spec));

            assertThat(health()).isEmpty();
        }
    }

    @Test
    void balancersGetAStatusAndABody() {
        book.service(balanced("{'externalTrafficPolicy': 'Local', 'healthCheckNodePort': 30099}"));
        book.slice(slice("web-1", "web", ready("10.244.0.7")));
        book.table();
        var health = book.healthPorts().get(30_099);

        assertThat(health.status(true)).isEqualTo(200);
        assertThat(health.status(false)).isEqualTo(503);
        assertThat(health.body(false))
                .isEqualTo(
                        """
                        {
                        \t"service": {
                        \t\t"namespace": "default",
                        \t\t"name": "web"
                        \t},
                        \t"localEndpoints": 1,
                        \t"serviceProxyHealthy": false
                        }""");
    }

    @Test
    void aLocalPolicyWithoutLocalEndpointsDropsInsteadOfRefusing() {
        book.service(balanced("{'externalTrafficPolicy':'Local','internalTrafficPolicy':'Local'}"));
        book.slice(slice("web-1", "web", endpoint("10.244.1.7", "elsewhere", true, true, false)));

        assertThat(answer(Source.OUTSIDE, NODE_PORT)).isEqualTo(new Dropped());
        assertThat(answer(Source.POD, WEB)).isEqualTo(new Dropped());
        assertThat(answer(Source.POD, NODE_PORT)).isEqualTo(reaches(false, "10.244.1.7"));
    }

    @Test
    void portsMeetByNameAndProtocol() {
        book.service(
                with(
                        service("dns", VIP),
                        """
                        {'ports': [{'name': 'dns', 'protocol': 'UDP', 'port': 53},
                                   {'name': 'dns-tcp', 'protocol': 'TCP', 'port': 53}]}"""));
        book.slice(
                slice("dns-1", "dns", ready("10.244.0.7"))
                        .with(
                                "ports",
                                NetObjects.json(
                                                """
                                                {'ports': [
                                                  {'name': 'dns', 'protocol': 'UDP', 'port': 5353},
                                                  {'name': 'dns', 'protocol': 'TCP', 'port': 1}]}""")
                                        .array("ports")));

        assertThat(answer(Source.POD, new Destination.At(VIP, Protocol.UDP, 53)))
                .isEqualTo(new Reaches(List.of(new Endpoint("10.244.0.7", 5353)), false));
        assertThat(answer(Source.POD, new Destination.At(VIP, Protocol.TCP, 53)))
                .isEqualTo(new Refused());
    }

    @Test
    void headlessServicesAndMereNamesHaveNoRules() {
        book.service(with(service("one", "None"), "{'clusterIPs': ['None']}"));
        book.service(
                with(
                        service("two", ""),
                        """
                        {'type': 'ExternalName', 'externalName': 'example.org',
                         'externalIPs': ['198.51.100.7']}"""));
        book.slice(slice("one-1", "one", ready("10.244.0.7")));

        assertThat(book.table()).isEqualTo(RuleTable.EMPTY);
    }

    @Test
    void clientsMayBeKeptAtOneEndpoint() {
        book.service(
                with(
                        service("web", VIP),
                        """
                        {'sessionAffinity': 'ClientIP',
                         'sessionAffinityConfig': {'clientIP': {'timeoutSeconds': 60}}}"""));
        book.slice(slice("web-1", "web", ready("10.244.0.7")));

        assertThat(book.table().choices().get("all/default/web/tcp/http"))
                .isEqualTo(
                        new Choice(
                                Protocol.TCP,
                                List.of(new Endpoint("10.244.0.7", 8080)),
                                Duration.ofSeconds(60)));
    }

    @Test
    void ofTwoServicesThatClaimAnAddressTheFirstHasIt() {
        book.service(with(service("b", "10.96.0.2"), "{'externalIPs': ['198.51.100.7']}"));
        book.service(with(service("a", "10.96.0.1"), "{'externalIPs': ['198.51.100.7']}"));
        book.slice(slice("a-1", "a", ready("10.244.0.7")));
        var destination = new Destination.At("198.51.100.7", Protocol.TCP, 80);

        assertThat(answer(Source.POD, destination)).isEqualTo(reaches(true, "10.244.0.7"));

        book.serviceGone(new ObjectKey("default", "a"));

        assertThat(answer(Source.POD, destination)).isEqualTo(new Refused());
    }

    @Test
    void aSliceThatIsGoneTakesItsEndpointsAlong() {
        book.service(service("web", VIP));
        book.slice(slice("web-1", "web", ready("10.244.0.7")));
        book.slice(slice("web-2", "web", ready("10.244.0.8")));

        book.sliceGone(new ObjectKey("default", "web-1"));

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.8"));

        book.slice(slice("web-2", "another", ready("10.244.0.8")));

        assertThat(answer(Source.POD, WEB)).isEqualTo(new Refused());
    }

    private static JsonObject written(long revision, JsonObject slice) {
        return slice.with(
                "metadata", metadata -> metadata.with("resourceVersion", Long.toString(revision)));
    }

    /// A slice with two endpoints that was written at 5, and what is about to take one away.
    private Withdrawal halved() {
        var both = written(5, slice("web-1", "web", ready("10.244.0.7"), ready("10.244.0.8")));
        book.service(service("web", VIP));
        book.slice(both);
        var one = slice("web-1", "web", ready("10.244.0.7"));
        return Objects.requireNonNull(Withdrawal.of(both, 5, one));
    }

    @Test
    void whatIsAboutToGoIsGoneAlready() {
        var withdrawal = halved();

        book.withdraw(withdrawal);
        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7"));
        book.slice(written(4, slice("web-1", "web", ready("10.244.0.9"))));
        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7"));

        book.slice(written(6, slice("web-1", "web", ready("10.244.0.7"))));
        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7"));
        book.slice(written(7, slice("web-1", "web", ready("10.244.0.7"), ready("10.244.0.8"))));
        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7", "10.244.0.8"));
    }

    @Test
    void whatWasToGoAndDidNotComesBack() {
        var withdrawal = halved();
        book.withdraw(withdrawal);

        book.restore(withdrawal);

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7", "10.244.0.8"));
    }

    @Test
    void ofTwoThatChangeTheSameOneMayFail() {
        var written = halved();
        book.withdraw(written);
        var refused = new Withdrawal(written.slice(), 5, null);
        book.withdraw(refused);
        assertThat(answer(Source.POD, WEB)).isEqualTo(new Refused());

        book.restore(refused);

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7"));
    }

    @Test
    void aWithdrawalThatCameTooLateIsNone() {
        var withdrawal = halved();
        book.slice(written(6, slice("web-1", "web", ready("10.244.0.9"))));

        book.withdraw(withdrawal);

        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.9"));
    }

    @Test
    void aSliceThatIsAboutToGoIsGoneAlready() {
        var withdrawal = new Withdrawal(halved().slice(), 5, null);

        book.withdraw(withdrawal);
        assertThat(answer(Source.POD, WEB)).isEqualTo(new Refused());
        book.sliceGone(withdrawal.slice());
        assertThat(answer(Source.POD, WEB)).isEqualTo(new Refused());

        book.slice(written(9, slice("web-1", "web", ready("10.244.0.7"))));
        assertThat(answer(Source.POD, WEB)).isEqualTo(reaches(false, "10.244.0.7"));
    }

    @Test
    void onlyWhatTakesAnEndpointAwayIsAWithdrawal() {
        var before =
                slice(
                        "web-1",
                        "web",
                        ready("10.244.0.7"),
                        endpoint("10.244.0.8", NODE, false, true, true));
        assertThat(Withdrawal.of(before, 5, before)).isNull();
        assertThat(
                        Withdrawal.of(
                                before,
                                5,
                                slice(
                                        "web-1",
                                        "web",
                                        ready("10.244.0.7"),
                                        ready("10.244.0.9"),
                                        endpoint("10.244.0.8", NODE, false, true, true))))
                .isNull();
        for (var after :
                List.of(
                        slice(
                                "web-1",
                                "web",
                                endpoint("10.244.0.7", NODE, false, true, true),
                                endpoint("10.244.0.8", NODE, false, true, true)),
                        slice(
                                "web-1",
                                "web",
                                ready("10.244.0.7"),
                                endpoint("10.244.0.8", NODE, false, false, true)),
                        slice(
                                "web-1",
                                "web",
                                endpoint("10.244.0.7", "elsewhere", true, true, false),
                                endpoint("10.244.0.8", NODE, false, true, true)),
                        before.with("ports", NetObjects.json("{'ports': []}").array("ports")),
                        slice(
                                "web-1",
                                "another",
                                ready("10.244.0.7"),
                                endpoint("10.244.0.8", NODE, false, true, true)))) {
            assertThat(Withdrawal.of(before, 5, after)).as(after.text()).isNotNull();
        }
        assertThat(Withdrawal.of(before, 5, null)).isNotNull();
    }

    @Test
    void hostPortsLeadToTheirPod() {
        book.pod(
                pod(
                        "one",
                        "10.244.0.7",
                        "{'containerPort': 80, 'hostPort': 8080}",
                        "{'containerPort': 53, 'hostPort': 53, 'protocol': 'UDP',"
                                + " 'hostIP': '127.0.0.1'}",
                        "{'containerPort': 81}"));

        assertThat(answer(Source.OUTSIDE, new Destination.OnNode(Protocol.TCP, 8080)))
                .isEqualTo(new Reaches(List.of(new Endpoint("10.244.0.7", 80)), false));
        assertThat(answer(Source.NODE, new Destination.At("127.0.0.1", Protocol.UDP, 53)))
                .isEqualTo(new Reaches(List.of(new Endpoint("10.244.0.7", 53)), false));
        assertThat(book.table().hostPorts()).hasSize(2);
    }

    @Test
    void podsThatEndedOrAreElsewhereHaveNoHostPorts() {
        var port = "{'containerPort': 80, 'hostPort': 8080}";
        var base = pod("one", "10.244.0.7", port);
        for (var other :
                List.of(
                        base.with("status", status -> status.with("phase", "Succeeded")),
                        base.with("status", status -> status.with("podIP", "")),
                        base.with("spec", spec -> spec.with("nodeName", "elsewhere")),
                        base.with("spec", spec -> spec.with("hostNetwork", true)))) {
            book.pod(base);
            assertThat(book.table().hostPorts()).hasSize(1);
            book.pod(other);
            assertThat(book.table().hostPorts()).isEmpty();
        }
    }

    @Test
    void aPodThatComesHasTheHostPortOfOneThatGoes() {
        var port = "{'containerPort': 80, 'hostPort': 8080}";
        book.pod(
                pod("a", "10.244.0.7", port)
                        .with(
                                "metadata",
                                metadata ->
                                        metadata.with(
                                                "deletionTimestamp", "2026-01-01T00:00:00Z")));
        book.pod(pod("b", "10.244.0.8", port));

        assertThat(book.table().hostPorts().values())
                .containsExactly(new Endpoint("10.244.0.8", 80));
    }
}
