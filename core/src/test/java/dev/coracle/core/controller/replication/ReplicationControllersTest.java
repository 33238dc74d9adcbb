// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.replication;

import static dev.coracle.core.registry.ResourceTypes.PODS;
import static dev.coracle.core.registry.ResourceTypes.REPLICATION_CONTROLLERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.controller.Desk;
import dev.coracle.core.controller.Writer;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicationControllersTest {
    private static final ObjectKey WEB = new ObjectKey("default", "web");

    private boolean full;
    private final Desk desk =
            new Desk(
                    (type, _, old, object) -> {
                        if (full && type.equals(PODS) && old == null) {
                            throw new ApiException(
                                    Status.forbidden(PODS, "", "exceeded quota", List.of()));
                        }
                        return object;
                    });
    private final ReplicationControllers controller =
            new ReplicationControllers(REPLICATION_CONTROLLERS, PODS);

    @AfterEach
    void close() {
        desk.close();
    }

    private void controller(int replicas, String more) {
        desk.add(controller);
        desk.create(
                REPLICATION_CONTROLLERS,
                """
                {'metadata': {'name': 'web'},
                 'spec': {'replicas': %d, 'selector': {'app': 'web'}%s,
                  'template': {
                   'metadata': {'labels': {'app': 'web', 'x': 'y'}, 'annotations': {'note': '1'}},
                   'spec': {'containers': [{'name': 'a', 'image': 'a:1'}]}}}}"""
                        .formatted(replicas, more));
    }

    private JsonObject status() {
        return desk.get(REPLICATION_CONTROLLERS, "web").object("status");
    }

    private static JsonArray owners(JsonObject pod) {
        return pod.object("metadata").array("ownerReferences");
    }

    @Test
    void podsAreMadeOfTheTemplateAndBelongToTheController() {
        controller(1, "");

        desk.settle();

        var pod = desk.all(PODS).getFirst();
        assertThat(pod.object("metadata").string("generateName")).isEqualTo("web-");
        assertThat(pod.object("metadata").object("labels"))
                .isEqualTo(Desk.json("{'app': 'web', 'x': 'y'}"));
        assertThat(pod.object("metadata").object("annotations"))
                .isEqualTo(Desk.json("{'note': '1'}"));
        assertThat(owners(pod))
                .isEqualTo(
                        Desk.array(
                                """
                                [{'apiVersion': 'v1', 'kind': 'ReplicationController', 'name': 'web',
                                  'uid': '%s', 'controller': true, 'blockOwnerDeletion': true}]"""
                                        .formatted(
                                                desk.get(REPLICATION_CONTROLLERS, "web")
                                                        .object("metadata")
                                                        .string("uid"))));
        assertThat(desk.events)
                .containsExactly(
                        "Normal SuccessfulCreate web: Created pod: " + ObjectKey.of(pod).name());
        assertThat(status())
                .isEqualTo(
                        Desk.json(
                                "{'replicas': 1, 'fullyLabeledReplicas': 1, 'observedGeneration': 1}"));
    }

    @Test
    void aMatchingOrphanIsTakenInAndOneThatMatchesNoLongerIsLetGo() {
        desk.pod("stray", "web", "10.244.0.1", true);
        controller(1, "");
        desk.settle();
        assertThat(desk.names(PODS)).containsExactly("stray");
        assertThat(owners(desk.get(PODS, "stray")).size()).isEqualTo(1);
        assertThat(status().number("fullyLabeledReplicas", 0)).isZero();

        desk.change(
                PODS,
                "stray",
                pod ->
                        pod.with(
                                "metadata",
                                m -> m.with("labels", JsonObject.of("app", Json.of("aside")))));
        desk.settle();

        assertThat(owners(desk.get(PODS, "stray")).isEmpty()).isTrue();
        assertThat(desk.names(PODS)).hasSize(2);
    }

    @Test
    void podsOfOthersAreLeftAlone() {
        desk.create(
                PODS,
                """
                {'metadata': {'name': 'theirs', 'labels': {'app': 'web'},
                  'ownerReferences': [{'apiVersion': 'v1', 'kind': 'ReplicationController',
                    'name': 'other', 'uid': '1', 'controller': true}]},
                 'spec': {'containers': [{'name': 'a', 'image': 'a:1'}]}}""");
        controller(1, "");

        desk.settle();

        assertThat(desk.names(PODS)).hasSize(2).contains("theirs");
    }

    @Test
    void aPodThatHasEndedIsReplacedAndStays() {
        controller(1, "");
        desk.settle();
        var first = desk.names(PODS).getFirst();

        desk.status(PODS, first, "{'phase': 'Failed'}");
        desk.settle();

        assertThat(desk.names(PODS)).hasSize(2).contains(first);
        assertThat(status().number("replicas", 0)).isEqualTo(1);
    }

    @Test
    void theLeastUsefulPodsAreDeletedFirst() {
        desk.pod("ready", "web", "10.244.0.1", true);
        desk.pod("unready", "web", "10.244.0.2", false);
        controller(1, "");

        desk.settle();

        assertThat(desk.get(PODS, "unready").object("metadata").has("deletionTimestamp")).isTrue();
        assertThat(desk.get(PODS, "ready").object("metadata").has("deletionTimestamp")).isFalse();
        assertThat(desk.events)
                .containsExactly("Normal SuccessfulDelete web: Deleted pod: unready");
    }

    @Test
    void aRefusalIsToldAndTriedOnlyOncePerLook() {
        full = true;
        controller(3, "");

        assertThat(desk.look(controller, WEB)).isInstanceOf(Writer.Outcome.Refused.class);

        assertThat(desk.events)
                .containsExactly(
                        "Warning FailedCreate web: Error creating: pods \"\" is forbidden: exceeded quota");
        var condition = status().array("conditions").objects().getFirst();
        assertThat(condition)
                .isEqualTo(
                        Desk.json(
                                """
                                {'type': 'ReplicaFailure', 'status': 'True',
                                 'lastTransitionTime': '2026-11-21T04:00:00Z', 'reason': 'FailedCreate',
                                 'message': 'pods \\'\\' is forbidden: exceeded quota'}"""
                                        .replace("\\'", "\\\"")));

        full = false;
        desk.settle();
        desk.settle();
        assertThat(desk.names(PODS)).hasSize(3);
        assertThat(status().has("conditions")).isFalse();
    }

    @Test
    void availableIsWhatHasBeenReadyLongEnough() {
        controller(1, ", 'minReadySeconds': 10");
        desk.settle();
        var name = desk.names(PODS).getFirst();

        desk.ready(name, "10.244.0.1", true);
        desk.pass(Duration.ofSeconds(4));
        desk.settle();
        assertThat(status().number("readyReplicas", 0)).isEqualTo(1);
        assertThat(status().number("availableReplicas", 0)).isZero();
        assertThat(desk.again.getLast()).isEqualTo(Duration.ofSeconds(6));

        desk.pass(Duration.ofSeconds(6));
        desk.look(controller, WEB);
        assertThat(status().number("availableReplicas", 0)).isEqualTo(1);
    }

    @Test
    void noMoreThanABurstIsMadeInOneLook() {
        controller(501, "");

        desk.look(controller, WEB);
        assertThat(desk.names(PODS)).hasSize(500);
        desk.settle();

        assertThat(desk.names(PODS)).hasSize(501);
    }
}
