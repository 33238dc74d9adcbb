// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServicesTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private JsonObject service(String name, String spec) {
        return cluster.create(
                ResourceTypes.SERVICES,
                "{'metadata': {'name': '%s'}, 'spec': {%s}}".formatted(name, spec));
    }

    private JsonObject change(String name, String patch) {
        return cluster.registry.patch(
                ResourceTypes.SERVICES,
                Cluster.key(name),
                "",
                new Patch(Patch.Format.MERGE, Cluster.json("{'spec': {%s}}".formatted(patch))),
                Cluster.options());
    }

    private static String address(JsonObject service) {
        return service.object("spec").string("clusterIP");
    }

    private static List<Long> nodePorts(JsonObject service) {
        return service.object("spec").array("ports").objects().stream()
                .map(port -> port.number("nodePort", 0))
                .toList();
    }

    private static String refusal(Runnable write) {
        try {
            write.run();
        } catch (ApiException e) {
            return e.status().code() + " " + e.getMessage().replace('"', '\'');
        }
        return "accepted";
    }

    @Test
    void eachServiceHasAnAddressOfItsOwnFromTheUpperPartOfTheRange() {
        var seen = new HashSet<String>();
        for (int i = 0; i < 200; i++) {
            var address = address(service("s" + i, "'ports': [{'port': 80}]"));
            assertThat(seen.add(address)).isTrue();
            assertThat(ServiceRanges.UPSTREAM.addresses().contains(address)).isTrue();
            assertThat(address).doesNotMatch("10\\.96\\.0\\.[0-9]+");
        }
    }

    @Test
    void manyAtOnceNeverShareAnything() throws InterruptedException {
        var made = new ConcurrentLinkedQueue<JsonObject>();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 8; t++) {
            int thread = t;
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        for (int i = 0; i < 25; i++) {
                                            made.add(
                                                    service(
                                                            "s" + thread + "-" + i,
                                                            "'type': 'NodePort', 'ports': [{'port': 80}]"));
                                        }
                                    }));
        }
        for (var thread : threads) {
            thread.join();
        }

        assertThat(made).hasSize(200);
        assertThat(made).extracting(ServicesTest::address).doesNotHaveDuplicates();
        assertThat(made).extracting(ServicesTest::nodePorts).doesNotHaveDuplicates();
    }

    @Test
    void anAddressMayBeAskedForAndComesBackWhenItsServiceGoes() {
        var first = service("a", "'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]");
        assertThat(address(first)).isEqualTo("10.96.0.77");
        assertThat(
                        refusal(
                                () ->
                                        service(
                                                "b",
                                                "'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]")))
                .isEqualTo(
                        "422 Service 'b' is invalid: spec.clusterIPs: Invalid value: ['10.96.0.77']: failed to allocate IP 10.96.0.77: provided IP is already allocated");

        cluster.registry.delete(ResourceTypes.SERVICES, Cluster.key("a"), DeleteOptions.NONE);

        assertThat(address(service("b", "'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]")))
                .isEqualTo("10.96.0.77");
    }

    @Test
    void aChangeToANameAloneGivesTheAddressBack() {
        service("a", "'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]");

        var name = change("a", "'type': 'ExternalName', 'externalName': 'example.com'");

        assertThat(name.object("spec").names())
                .contains("externalName")
                .doesNotContain("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");
        service("b", "'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]");
        var back = change("a", "'type': 'ClusterIP', 'externalName': null");
        assertThat(address(back)).isNotEmpty().isNotEqualTo("10.96.0.77");
        assertThat(back.object("spec").array("clusterIPs"))
                .isEqualTo(JsonArray.ofStrings(List.of(address(back))));
    }

    @Test
    void typesChangeBothWaysWithTheirPorts() {
        service("a", "'ports': [{'name': 'x', 'port': 80}, {'name': 'y', 'port': 81}]");

        var node = change("a", "'type': 'NodePort'");
        assertThat(nodePorts(node)).doesNotContain(0L).doesNotHaveDuplicates();
        assertThat(nodePorts(node)).allMatch(port -> port >= 30_086 && port <= 32_767);

        var balanced = change("a", "'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local'");
        assertThat(nodePorts(balanced)).isEqualTo(nodePorts(node));
        assertThat(balanced.object("spec").number("healthCheckNodePort", 0)).isPositive();
        assertThat(balanced.object("spec").bool("allocateLoadBalancerNodePorts", false)).isTrue();

        var plain = change("a", "'type': 'ClusterIP'");
        assertThat(nodePorts(plain)).containsOnly(0L);
        assertThat(plain.object("spec").names())
                .doesNotContain(
                        "healthCheckNodePort",
                        "allocateLoadBalancerNodePorts",
                        "externalTrafficPolicy");
        assertThat(address(plain)).isEqualTo(address(node));
    }

    @Test
    void theManifestMaySimplyBeSentAgain() {
        var sent = "'type': 'NodePort', 'ports': [{'name': 'web', 'port': 80}]";
        var first = service("a", sent);
        var again = Cluster.json("{'metadata': {'name': 'a'}, 'spec': {%s}}".formatted(sent));

        var second =
                cluster.registry.update(
                        ResourceTypes.SERVICES, Cluster.key("a"), "", again, Cluster.options());

        assertThat(second).isEqualTo(first);
    }

    @Test
    void tcpAndUdpOfOnePortShareANodePort() {
        var service =
                service(
                        "dns",
                        "'type': 'NodePort', 'ports': [{'name': 'u', 'port': 53, 'protocol': 'UDP'}, {'name': 't', 'port': 53}]");

        assertThat(nodePorts(service).getFirst()).isEqualTo(nodePorts(service).getLast());
    }

    @Test
    void aBalancerMayDoWithoutNodePorts() {
        var service =
                service(
                        "a",
                        "'type': 'LoadBalancer', 'allocateLoadBalancerNodePorts': false, 'ports': [{'port': 80}]");

        assertThat(nodePorts(service)).containsExactly(0L);
        assertThat(nodePorts(change("a", "'allocateLoadBalancerNodePorts': true")))
                .allMatch(port -> port > 0);
    }

    @Test
    void aHeadlessServiceHasNoneAndOneWithoutPodsMayNameBothFamilies() {
        var selecting = service("a", "'clusterIP': 'None', 'selector': {'app': 'web'}");
        assertThat(selecting.object("spec").array("clusterIPs").strings()).containsExactly("None");
        assertThat(selecting.object("spec").array("ipFamilies").strings()).containsExactly("IPv4");

        var free = service("b", "'clusterIP': 'None'");
        assertThat(free.object("spec").array("ipFamilies").strings())
                .containsExactly("IPv4", "IPv6");
        assertThat(free.object("spec").string("ipFamilyPolicy")).isEqualTo("RequireDualStack");
    }

    @Test
    void aDryRunTakesNothing() {
        var options =
                new WriteOptions(
                        true,
                        Cluster.options().fieldValidation(),
                        "test",
                        List.of(),
                        new ArrayList<>());
        var object =
                Cluster.json(
                        "{'metadata': {'name': 'a'}, 'spec': {'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]}}");
        cluster.registry.create(ResourceTypes.SERVICES, "default", object, options);

        assertThat(address(service("b", "'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]")))
                .isEqualTo("10.96.0.77");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'clusterIP': '10.200.0.1', 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.clusterIPs: Invalid value: ['10.200.0.1']: failed to allocate IP 10.200.0.1: the provided network does not match the current range",
                "'clusterIP': '10.96.0.1', 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.clusterIPs: Invalid value: ['10.96.0.1']: failed to allocate IP 10.96.0.1: provided IP is already allocated",
                "'clusterIP': 'x', 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.clusterIPs[0]: Invalid value: 'x': must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "'clusterIP': 'fd00::1', 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.clusterIPs[0]: Invalid value: ['fd00::1']: IPv6 is not configured on this cluster",
                "'clusterIPs': ['10.96.1.1'], 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.clusterIPs: Invalid value: ['10.96.1.1']: must be empty when `clusterIP` is not specified",
                "'ipFamilyPolicy': 'RequireDualStack', 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.ipFamilyPolicy: Invalid value: 'RequireDualStack': this cluster is not configured for dual-stack services",
                "'ipFamilies': ['IPv6'], 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.ipFamilies[0]: Invalid value: 'IPv6': not configured on this cluster",
                "'ipFamilies': ['IPv5'], 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.ipFamilies[0]: Unsupported value: 'IPv5': supported values: 'IPv4', 'IPv6'",
                "'type': 'NodePort', 'ports': [{'port': 1, 'nodePort': 80}] | 422 Service 's' is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
                "'type': 'NodePort', 'ports': [{'port': 1, 'nodePort': 30001}] | 422 Service 's' is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated",
                "'type': 'NodePort', 'clusterIP': 'None', 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.clusterIPs[0]: Invalid value: 'None': may not be set to 'None' for NodePort services",
                "'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local', 'healthCheckNodePort': 30001, 'ports': [{'port': 1}] | 500 Internal error occurred: failed to allocate requested HealthCheck NodePort 30001: provided port is already allocated",
                "'healthCheckNodePort': 30005, 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.healthCheckNodePort: Invalid value: 30005: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
                "'type': 'LoadBalancer', 'ports': [{'port': 10250}] | 422 Service 's' is invalid: spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet",
                "'externalIPs': ['127.0.0.1'], 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.externalIPs[0]: Invalid value: '127.0.0.1': may not be in the loopback range (127.0.0.0/8, ::1/128)",
                "'loadBalancerSourceRanges': ['10.0.0.0/8'], 'ports': [{'port': 1}] | 422 Service 's' is invalid: spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
            })
    void whatCannotBeHadIsRefusedInUpstreamsWords(String spec, String expected) {
        service("other", "'type': 'NodePort', 'ports': [{'port': 1, 'nodePort': 30001}]");

        assertThat(refusal(() -> service("s", spec))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'clusterIP': '10.96.0.78', 'clusterIPs': ['10.96.0.78'] | spec.clusterIPs[0]: Invalid value: ['10.96.0.78']: may not change once set",
                "'clusterIP': '10.96.0.78' | spec.clusterIPs[0]: Invalid value: ['10.96.0.78']: may not change once set",
                "'ipFamilies': ['IPv6'] | spec.clusterIPs[0]: Invalid value: '10.96.0.77': expected an IPv6 value as indicated by `ipFamilies[0]`",
                "'type': 'LoadBalancer', 'loadBalancerClass': 'b/b' | accepted",
            })
    void whatIsSettledStays(String patch, String expected) {
        service("s", "'clusterIP': '10.96.0.77', 'ports': [{'port': 80}]");

        assertThat(refusal(() -> change("s", patch))).endsWith(expected);
    }

    @Test
    void whoBalancesStaysToo() {
        service("s", "'type': 'LoadBalancer', 'loadBalancerClass': 'a/a', 'ports': [{'port': 80}]");

        assertThat(refusal(() -> change("s", "'loadBalancerClass': 'b/b'")))
                .endsWith("spec.loadBalancerClass: Invalid value: 'b/b': may not change once set");
    }

    @Test
    void whereBalancersAskStaysAsLongAsTheyMust() {
        service(
                "s",
                "'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local', 'ports': [{'port': 80}]");

        assertThat(refusal(() -> change("s", "'healthCheckNodePort': 30005")))
                .endsWith("spec.healthCheckNodePort: Forbidden: field is immutable");
        assertThat(refusal(() -> change("s", "'healthCheckNodePort': null"))).isEqualTo("accepted");

        change("s", "'externalTrafficPolicy': 'Cluster'");
        var again = change("s", "'externalTrafficPolicy': 'Local', 'healthCheckNodePort': 30005");
        assertThat(again.object("spec").number("healthCheckNodePort", 0)).isEqualTo(30_005);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "LoadBalancer | 1.0.0.0/8,  5.6.0.0/16 | accepted",
                "LoadBalancer | 1.2.3.4/8 | Invalid value: '1.2.3.4/8': must not have bits set beyond the prefix length",
                "LoadBalancer | 1.0.0.0/08 | Invalid value: '1.0.0.0/08': must not have leading 0s in IP or prefix length",
                "LoadBalancer | ::ffff:1.0.0.0/104 | Invalid value: '::ffff:1.0.0.0/104': must not have an IPv4-mapped IPv6 address",
                "LoadBalancer | `` | accepted",
                "LoadBalancer | 1.2.3.4/33 | Invalid value: '1.2.3.4/33': must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
                "ClusterIP | 1.0.0.0/8 | Forbidden: may only be used when `type` is 'LoadBalancer'",
            })
    void theOldAnnotationOfSourceRangesIsLookedAt(String type, String ranges, String expected) {
        var annotation = "service.beta.kubernetes.io/load-balancer-source-ranges";

        var result =
                refusal(
                        () ->
                                cluster.create(
                                        ResourceTypes.SERVICES,
                                        "{'metadata': {'name': 's', 'annotations': {'%s': '%s'}}, 'spec': {'type': '%s', 'ports': [{'port': 1}]}}"
                                                .formatted(annotation, ranges, type)));

        assertThat(result)
                .endsWith(
                        expected.equals("accepted")
                                ? expected
                                : "metadata.annotations[%s]: %s".formatted(annotation, expected));
    }

    @Test
    void aBalancersAddressGoesWithTheType() {
        var service = service("s", "'type': 'LoadBalancer', 'ports': [{'port': 80}]");
        var status = Cluster.json("{'loadBalancer': {'ingress': [{'ip': '192.168.0.10'}]}}");
        var balanced =
                cluster.update(ResourceTypes.SERVICES, "status", service.with("status", status));
        assertThat(balanced.object("status").toString())
                .isEqualTo(
                        "{\"loadBalancer\":{\"ingress\":[{\"ip\":\"192.168.0.10\",\"ipMode\":\"VIP\"}]}}");

        assertThat(change("s", "'type': 'ClusterIP'").object("status").toString())
                .isEqualTo("{\"loadBalancer\":{}}");
    }
}
