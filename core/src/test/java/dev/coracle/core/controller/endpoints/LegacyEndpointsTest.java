// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import static dev.coracle.core.registry.ResourceTypes.ENDPOINTS;
import static dev.coracle.core.registry.ResourceTypes.ENDPOINT_SLICES;
import static dev.coracle.core.registry.ResourceTypes.PODS;
import static dev.coracle.core.registry.ResourceTypes.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.controller.Desk;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `Endpoints`: those that a selector makes, and slices of those that people make.
class LegacyEndpointsTest {
    private final Desk desk = new Desk();

    @BeforeEach
    void start() {
        desk.add(new LegacyEndpoints(EndpointSlicesTest.TYPES));
        desk.add(new MirroredSlices(EndpointSlicesTest.TYPES));
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private void service(String spec) {
        desk.create(
                SERVICES,
                "{'metadata': {'name': 'web'}, 'spec': {'ports': [{'name': 'http', 'port': 80, 'targetPort': 8080}]%s}}"
                        .formatted(spec));
    }

    @Test
    void readyAndUnreadyAddressesAreApart() {
        service(", 'selector': {'app': 'web'}");
        desk.settle();
        var empty = desk.get(ENDPOINTS, "web");
        assertThat(empty.has("subsets")).isFalse();
        assertThat(empty.object("metadata").object("labels"))
                .isEqualTo(
                        Desk.json("{'endpoints.kubernetes.io/managed-by': 'endpoint-controller'}"));

        var a = desk.pod("a", "web", "10.244.0.1", true);
        var b = desk.pod("b", "web", "10.244.0.2", false);
        desk.settle();

        var address =
                "{'ip': '%s', 'nodeName': 'yard', 'targetRef': {'kind': 'Pod', 'namespace': 'default', 'name': '%s', 'uid': '%s'}}";
        assertThat(desk.get(ENDPOINTS, "web").array("subsets"))
                .isEqualTo(
                        Desk.array(
                                """
                                [{'addresses': [%s], 'notReadyAddresses': [%s],
                                  'ports': [{'name': 'http', 'port': 8080, 'protocol': 'TCP'}]}]"""
                                        .formatted(
                                                address.formatted("10.244.0.1", "a", uid(a)),
                                                address.formatted("10.244.0.2", "b", uid(b)))));
        assertThat(desk.names(ENDPOINT_SLICES)).isEmpty();
    }

    private static String uid(JsonObject object) {
        return object.object("metadata").string("uid");
    }

    @Test
    void aPodThatIsDeletedLeavesAtOnceUnlessUnreadyOnesArePublished() {
        service(", 'selector': {'app': 'web'}");
        desk.pod("a", "web", "10.244.0.1", true);
        desk.registry.delete(PODS, new ObjectKey("default", "a"), DeleteOptions.NONE);
        desk.settle();
        assertThat(desk.get(ENDPOINTS, "web").has("subsets")).isFalse();

        desk.change(
                SERVICES,
                "web",
                service -> service.with("spec", s -> s.with("publishNotReadyAddresses", true)));
        desk.settle();

        assertThat(desk.get(ENDPOINTS, "web").array("subsets").size()).isEqualTo(1);
    }

    @Test
    void theyGoWithTheirService() {
        service(", 'selector': {'app': 'web'}");
        desk.settle();

        desk.registry.delete(SERVICES, new ObjectKey("default", "web"), DeleteOptions.NONE);
        desk.settle();

        assertThat(desk.names(ENDPOINTS)).isEmpty();
    }

    @Test
    void onesThatAreMadeBeforeTheirServiceStay() {
        handMade("");
        desk.settle();
        assertThat(desk.names(ENDPOINTS)).containsExactly("web");
        assertThat(desk.names(ENDPOINT_SLICES)).isEmpty();

        service("");
        desk.settle();

        assertThat(desk.names(ENDPOINTS)).containsExactly("web");
        assertThat(desk.all(ENDPOINT_SLICES)).hasSize(2); // one for each family
    }

    private void handMade(String metadata) {
        desk.create(
                ENDPOINTS,
                """
                {'metadata': {'name': 'web'%s},
                 'subsets': [{'addresses': [{'ip': '192.0.2.1', 'hostname': 'one'}, {'ip': '2001:db8::1'}],
                              'notReadyAddresses': [{'ip': '192.0.2.2'}],
                              'ports': [{'name': 'http', 'port': 9376}]}]}"""
                        .formatted(metadata));
    }

    @Test
    void whatPeopleWroteIsRepeatedInSlices() {
        service("");
        handMade(", 'labels': {'a': 'b'}, 'annotations': {'c': 'd'}");

        desk.settle();

        assertThat(desk.all(ENDPOINT_SLICES)).hasSize(2);
        var four =
                desk.all(ENDPOINT_SLICES).stream()
                        .filter(slice -> slice.string("addressType").equals("IPv4"))
                        .findFirst()
                        .orElseThrow();
        assertThat(four.object("metadata").object("labels"))
                .isEqualTo(
                        Desk.json(
                                """
                                {'a': 'b', 'kubernetes.io/service-name': 'web',
                                 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io'}"""));
        assertThat(four.object("metadata").object("annotations"))
                .isEqualTo(Desk.json("{'c': 'd'}"));
        assertThat(four.array("endpoints"))
                .isEqualTo(
                        Desk.array(
                                """
                                [{'addresses': ['192.0.2.1'], 'conditions': {'ready': true}, 'hostname': 'one'},
                                 {'addresses': ['192.0.2.2'], 'conditions': {'ready': false}}]"""));
        assertThat(four.array("ports"))
                .isEqualTo(Desk.array("[{'name': 'http', 'protocol': 'TCP', 'port': 9376}]"));

        desk.change(ENDPOINTS, "web", endpoints -> endpoints.without("subsets"));
        desk.settle();
        assertThat(desk.names(ENDPOINT_SLICES)).isEmpty();
    }

    @Test
    void onesThatSayNotToAndLeadersAreNotRepeated() {
        service("");
        handMade(", 'labels': {'endpointslice.kubernetes.io/skip-mirror': 'true'}");
        desk.settle();
        assertThat(desk.names(ENDPOINT_SLICES)).isEmpty();

        desk.change(
                ENDPOINTS,
                "web",
                endpoints ->
                        endpoints.with(
                                "metadata",
                                m ->
                                        m.without("labels")
                                                .with(
                                                        "annotations",
                                                        Desk.json(
                                                                "{'control-plane.alpha.kubernetes.io/leader': 'x'}"))));
        desk.settle();
        assertThat(desk.names(ENDPOINT_SLICES)).isEmpty();

        desk.change(
                ENDPOINTS,
                "web",
                endpoints -> endpoints.with("metadata", m -> m.without("annotations")));
        desk.settle();
        assertThat(desk.names(ENDPOINT_SLICES)).hasSize(2);
    }

    @Test
    void overAThousandAreCutOffUnreadyOnesFirst() {
        var backends = new ArrayList<Subsets.Backend>();
        for (int i = 0; i < 1200; i++) {
            var address = Desk.json("{'ip': '10.1.%d.%d'}".formatted(i / 250, i % 250));
            backends.add(new Subsets.Backend(address, i < 900, JsonArray.EMPTY));
        }

        var subsets = Subsets.of(backends);

        assertThat(subsets.truncated()).isTrue();
        assertThat(sizes(subsets)).containsExactly(900, 100);
        assertThat(sizes(Subsets.of(backends.subList(0, 1000)))).containsExactly(900, 100);
        assertThat(Subsets.of(backends.subList(0, 1000)).truncated()).isFalse();
    }

    private static List<Integer> sizes(Subsets subsets) {
        var subset = subsets.json().objects().getFirst();
        return List.of(subset.array("addresses").size(), subset.array("notReadyAddresses").size());
    }
}
