// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import static dev.coracle.core.registry.ResourceTypes.ENDPOINT_SLICES;
import static dev.coracle.core.registry.ResourceTypes.PODS;
import static dev.coracle.core.registry.ResourceTypes.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.controller.Desk;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.ResourceTypes;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointSlicesTest {
    static final EndpointSlices.Types TYPES =
            new EndpointSlices.Types(
                    SERVICES, PODS, ResourceTypes.NODES, ResourceTypes.ENDPOINTS, ENDPOINT_SLICES);

    private final Desk desk = new Desk();

    @BeforeEach
    void start() {
        desk.add(new EndpointSlices(TYPES));
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private void service(String more) {
        desk.create(
                SERVICES,
                """
                {'metadata': {'name': 'web', 'labels': {'tier': 'front'}},
                 'spec': {'selector': {'app': 'web'},
                          'ports': [{'name': 'http', 'port': 80, 'targetPort': 'http'}]%s}}"""
                        .formatted(more));
    }

    private List<JsonObject> slices() {
        return desk.all(ENDPOINT_SLICES);
    }

    private JsonObject slice() {
        assertThat(slices()).hasSize(1);
        return slices().getFirst();
    }

    private static String conditions(JsonObject slice) {
        return slice.array("endpoints").objects().stream()
                .map(
                        endpoint -> {
                            var conditions = endpoint.object("conditions");
                            return conditions.bool("ready", false)
                                    + " "
                                    + conditions.bool("serving", false)
                                    + " "
                                    + conditions.bool("terminating", false);
                        })
                .toList()
                .toString();
    }

    @Test
    void aSliceLooksAsUpstreamsDoes() {
        service("");
        desk.settle();
        var empty = slice();
        assertThat(empty.get("endpoints")).isEqualTo(JsonNull.NULL);
        assertThat(empty.get("ports")).isEqualTo(JsonNull.NULL);

        var pod = desk.pod("a", "web", "10.244.0.49", true);
        desk.settle();

        var slice = slice();
        assertThat(ObjectKey.of(slice)).isEqualTo(ObjectKey.of(empty));
        assertThat(slice.object("metadata").string("generateName")).isEqualTo("web-");
        assertThat(slice.object("metadata").number("generation", 0)).isEqualTo(2);
        assertThat(slice.object("metadata").object("labels"))
                .isEqualTo(
                        Desk.json(
                                """
                                {'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
                                 'kubernetes.io/service-name': 'web', 'tier': 'front'}"""));
        assertThat(slice.object("metadata").object("annotations"))
                .isEqualTo(
                        Desk.json(
                                "{'endpoints.kubernetes.io/last-change-trigger-time': '2026-11-21T04:00:00Z'}"));
        assertThat(slice.object("metadata").array("ownerReferences").objects().getFirst())
                .isEqualTo(
                        Desk.json(
                                """
                                {'apiVersion': 'v1', 'kind': 'Service', 'name': 'web', 'uid': '%s',
                                 'controller': true, 'blockOwnerDeletion': true}"""
                                        .formatted(
                                                desk.get(SERVICES, "web")
                                                        .object("metadata")
                                                        .string("uid"))));
        assertThat(slice.string("addressType")).isEqualTo("IPv4");
        assertThat(slice.array("ports"))
                .isEqualTo(Desk.array("[{'name': 'http', 'protocol': 'TCP', 'port': 8080}]"));
        assertThat(slice.array("endpoints"))
                .isEqualTo(
                        Desk.array(
                                """
                                [{'addresses': ['10.244.0.49'],
                                  'conditions': {'ready': true, 'serving': true, 'terminating': false},
                                  'targetRef': {'kind': 'Pod', 'namespace': 'default', 'name': 'a', 'uid': '%s'},
                                  'nodeName': 'yard', 'zone': 'z1'}]"""
                                        .formatted(pod.object("metadata").string("uid"))));
    }

    /// Conditions are ready, serving, terminating.
    @ParameterizedTest
    @CsvSource({
        "true, false, false, '[true true false]'",
        "false, false, false, '[false false false]'",
        "true, true, false, '[false true true]'",
        "false, true, false, '[false false true]'",
        "false, false, true, '[true false false]'",
        "false, true, true, '[true false true]'",
        "true, true, true, '[true true true]'",
    })
    void conditionsFollowReadinessAndDeletion(
            boolean ready, boolean deleting, boolean publishUnready, String expected) {
        service(publishUnready ? ", 'publishNotReadyAddresses': true" : "");
        desk.pod("a", "web", "10.244.0.1", ready);
        if (deleting) {
            desk.registry.delete(PODS, new ObjectKey("default", "a"), DeleteOptions.NONE);
        }

        desk.settle();

        assertThat(conditions(slice())).isEqualTo(expected);
    }

    @Test
    void podsThatHaveEndedOrHaveNoAddressAreLeftOut() {
        service("");
        desk.pod("a", "web", "10.244.0.1", true);
        desk.pod("b", "web", "", false);
        desk.pod("c", "other", "10.244.0.3", true);
        desk.settle();
        assertThat(conditions(slice())).isEqualTo("[true true false]");

        desk.status(PODS, "a", "{'phase': 'Failed', 'podIP': '10.244.0.1'}");
        desk.settle();

        assertThat(slice().get("endpoints")).isEqualTo(JsonNull.NULL);
    }

    @Test
    void aPodWhoseLabelsChangeLeaves() {
        service("");
        desk.pod("a", "web", "10.244.0.1", true);
        desk.settle();

        desk.change(
                PODS,
                "a",
                pod ->
                        pod.with(
                                "metadata",
                                m -> m.with("labels", JsonObject.of("app", Json.of("x")))));
        desk.settle();

        assertThat(conditions(slice())).isEqualTo("[]");
    }

    @Test
    void podsThatMeanOtherNumbersByANameAreInOtherSlices() {
        service("");
        desk.pod("a", "web", "10.244.0.1", true);
        desk.create(
                PODS,
                """
                {'metadata': {'name': 'b', 'labels': {'app': 'web'}},
                 'spec': {'nodeName': 'yard', 'containers': [{'name': 'a', 'image': 'a:1',
                   'ports': [{'name': 'http', 'containerPort': 9090}]}]}}""");
        desk.ready("b", "10.244.0.2", true);

        desk.settle();

        assertThat(slices())
                .extracting(
                        slice -> slice.array("ports").objects().getFirst().number("port", 0),
                        slice -> slice.array("endpoints").size())
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(8080L, 1),
                        org.assertj.core.groups.Tuple.tuple(9090L, 1));
    }

    @Test
    void aHeadlessServiceWithoutPortsHasEndpointsAndNames() {
        desk.create(
                SERVICES,
                "{'metadata': {'name': 'web'}, 'spec': {'clusterIP': 'None', 'selector': {'app': 'web'}}}");
        desk.create(
                PODS,
                """
                {'metadata': {'name': 'a', 'labels': {'app': 'web'}},
                 'spec': {'nodeName': 'yard', 'hostname': 'first', 'subdomain': 'web',
                          'containers': [{'name': 'a', 'image': 'a:1'}]}}""");
        desk.ready("a", "10.244.0.1", true);

        desk.settle();

        assertThat(slice().get("ports")).isEqualTo(JsonNull.NULL);
        assertThat(slice().array("endpoints").objects().getFirst().string("hostname"))
                .isEqualTo("first");
        assertThat(slice().object("metadata").object("labels").stringOrNull(Backends.HEADLESS))
                .isEmpty();
    }

    @Test
    void slicesHoldAHundredAndChangeOnlyWhereSomethingChanged() {
        service("");
        for (int i = 0; i < 230; i++) {
            desk.pod(
                    "p%03d".formatted(i),
                    "web",
                    "10.244.%d.%d".formatted(i / 200, i % 200 + 1),
                    true);
        }
        desk.settle();
        assertThat(slices())
                .extracting(slice -> slice.array("endpoints").size())
                .containsExactlyInAnyOrder(100, 100, 30);
        var before = slices();

        desk.ready("p042", "10.244.0.43", false);
        desk.settle();

        var after = slices();
        assertThat(after).filteredOn(slice -> !before.contains(slice)).hasSize(1);

        for (int i = 0; i < 100; i++) {
            desk.registry.delete(
                    PODS,
                    new ObjectKey("default", "p%03d".formatted(i)),
                    DeleteOptions.withGrace(0));
        }
        desk.settle();
        assertThat(slices().stream().mapToInt(slice -> slice.array("endpoints").size()).sum())
                .isEqualTo(130);
    }

    @Test
    void whyItChangedIsSaidOnlyWhereReadinessDid() {
        service("");
        desk.pod("a", "web", "10.244.0.1", false);
        desk.settle();
        desk.pass(Duration.ofSeconds(8));
        desk.ready("a", "10.244.0.1", true);
        desk.settle();
        assertThat(slice().object("metadata").object("annotations").toString())
                .contains("2026-11-21T04:00:08Z");

        desk.pass(Duration.ofSeconds(8));
        desk.registry.delete(PODS, new ObjectKey("default", "a"), DeleteOptions.NONE);
        desk.settle();

        assertThat(conditions(slice())).isEqualTo("[false true true]");
        assertThat(slice().object("metadata").has("annotations")).isFalse();
    }

    @Test
    void aPodOfANodeThatIsNotThereIsWaitedFor() {
        service("");
        desk.create(
                PODS,
                """
                {'metadata': {'name': 'a', 'labels': {'app': 'web'}},
                 'spec': {'nodeName': 'gone', 'containers': [{'name': 'a', 'image': 'a:1'}]}}""");
        desk.ready("a", "10.244.0.1", true);

        desk.settle();

        assertThat(conditions(slice())).isEqualTo("[]");
        assertThat(desk.again).contains(Duration.ofSeconds(1));
    }

    @Test
    void whatSomebodySpoiltIsPutRight() {
        service("");
        desk.pod("a", "web", "10.244.0.1", true);
        desk.settle();
        var name = ObjectKey.of(slice()).name();

        desk.change(ENDPOINT_SLICES, name, slice -> slice.with("endpoints", JsonNull.NULL));
        desk.settle();
        assertThat(conditions(slice())).isEqualTo("[true true false]");

        desk.registry.delete(ENDPOINT_SLICES, new ObjectKey("default", name), DeleteOptions.NONE);
        desk.settle();
        assertThat(conditions(slice())).isEqualTo("[true true false]");
    }
}
