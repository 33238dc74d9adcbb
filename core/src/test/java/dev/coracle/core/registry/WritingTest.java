// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static dev.coracle.core.registry.Cluster.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.FieldValidation;
import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WritingTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aNewPodGetsWhatOnlyTheServerKnows() {
        var pod = cluster.pod("web");
        var metadata = pod.object("metadata");
        assertThat(metadata.string("uid"))
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(metadata.string("creationTimestamp")).isEqualTo("2026-11-21T04:00:00Z");
        assertThat(metadata.number("generation", 0)).isEqualTo(1);
        assertThat(pod.object("status").string("phase")).isEqualTo("Pending");
        assertThat(pod.object("status").string("qosClass")).isEqualTo("BestEffort");
        assertThat(pod.object("spec").string("serviceAccountName")).isEqualTo("default");
        assertThat(pod.object("spec").array("volumes").size()).isEqualTo(1);
        assertThat(cluster.get(ResourceTypes.SERVICE_ACCOUNTS, "default").isEmpty()).isFalse();
    }

    @Test
    void generatedNamesAreTheBaseAndFiveLettersThatFormNoWords() {
        var names = new ArrayList<String>();
        for (int i = 0; i < 50; i++) {
            var made =
                    cluster.create(
                            ResourceTypes.CONFIG_MAPS, "{'metadata': {'generateName': 'web-'}}");
            names.add(made.object("metadata").string("name"));
        }
        assertThat(names).doesNotHaveDuplicates();
        assertThat(names).allMatch(name -> name.matches("web-[bcdfghjklmnpqrstvwxz2456789]{5}"));
    }

    @Test
    void anObjectWithoutANameIsInvalid() {
        var refusal =
                Refusal.of(() -> cluster.create(ResourceTypes.CONFIG_MAPS, "{'metadata': {}}"));
        assertThat(refusal.code()).isEqualTo(422);
        assertThat(refusal.message())
                .contains("metadata.name: Required value: name or generateName is required");
    }

    @Test
    void aTakenNameAndAMissingNamespaceAreRefused() {
        cluster.pod("web");
        assertThat(Refusal.of(() -> cluster.pod("web")).message())
                .isEqualTo("pods \"web\" already exists");
        var elsewhere =
                Refusal.of(
                        () ->
                                cluster.registry.create(
                                        ResourceTypes.CONFIG_MAPS,
                                        "x",
                                        json("{'metadata': {'name': 'a'}}"),
                                        Cluster.options()));
        assertThat(elsewhere.code()).isEqualTo(404);
        assertThat(elsewhere.message()).isEqualTo("namespaces \"x\" not found");
    }

    @Test
    void nothingIsMadeInANamespaceThatTerminates() {
        cluster.create(ResourceTypes.NAMESPACES, "{'metadata': {'name': 'old'}}");
        var answer =
                cluster.registry.delete(
                        ResourceTypes.NAMESPACES, new ObjectKey("", "old"), DeleteOptions.NONE);
        assertThat(answer.object("status").string("phase")).isEqualTo("Terminating");
        var refusal =
                Refusal.of(
                        () ->
                                cluster.registry.create(
                                        ResourceTypes.CONFIG_MAPS,
                                        "old",
                                        json("{'metadata': {'name': 'a'}}"),
                                        Cluster.options()));
        assertThat(refusal.code()).isEqualTo(403);
        assertThat(refusal.json().text()).contains("NamespaceTerminating");
    }

    @Test
    void aNamespaceGoesWhenItsFinalizerIsRemoved() {
        cluster.create(ResourceTypes.NAMESPACES, "{'metadata': {'name': 'old'}}");
        var key = new ObjectKey("", "old");
        cluster.registry.delete(ResourceTypes.NAMESPACES, key, DeleteOptions.NONE);
        var old = cluster.get(ResourceTypes.NAMESPACES, "old");
        assertThat(old.object("spec").array("finalizers").strings()).containsExactly("kubernetes");
        cluster.update(ResourceTypes.NAMESPACES, "finalize", old.without("spec"));
        assertThat(Refusal.of(() -> cluster.get(ResourceTypes.NAMESPACES, "old")).code())
                .isEqualTo(404);
    }

    @Test
    void theDefaultNamespaceMayNotBeDeleted() {
        var refusal =
                Refusal.of(
                        () ->
                                cluster.registry.delete(
                                        ResourceTypes.NAMESPACES,
                                        new ObjectKey("", "default"),
                                        DeleteOptions.NONE));
        assertThat(refusal.message())
                .isEqualTo(
                        "namespaces \"default\" is forbidden: this namespace may not be deleted");
    }

    @Test
    void aStaleResourceVersionIsAConflict() {
        var pod = cluster.pod("web");
        cluster.update(ResourceTypes.PODS, "", labelled(pod, "a"));
        var refusal = Refusal.of(() -> cluster.update(ResourceTypes.PODS, "", labelled(pod, "b")));
        assertThat(refusal.code()).isEqualTo(409);
        assertThat(refusal.message())
                .isEqualTo(
                        "Operation cannot be fulfilled on pods \"web\": the object has been"
                                + " modified; please apply your changes to the latest version and"
                                + " try again");
    }

    private static JsonObject labelled(JsonObject object, String value) {
        return object.with("metadata", m -> m.with("labels", JsonObject.of("x", Json.of(value))));
    }

    @Test
    void anUpdateThatChangesNothingIsNoWrite() {
        var pod = cluster.pod("web");
        assertThat(cluster.update(ResourceTypes.PODS, "", pod)).isEqualTo(pod);
    }

    @Test
    void anUpdateIgnoresTheStatusAndAStatusUpdateEverythingElse() {
        var pod = cluster.pod("web");
        var running = pod.with("status", s -> s.with("phase", "Running"));
        assertThat(cluster.update(ResourceTypes.PODS, "", running).object("status").string("phase"))
                .isEqualTo("Pending");
        var updated = cluster.update(ResourceTypes.PODS, "status", labelled(running, "a"));
        assertThat(updated.object("status").string("phase")).isEqualTo("Running");
        assertThat(updated.object("metadata").has("labels")).isFalse();
    }

    @Test
    void theGenerationCountsChangesOfWhatIsDesiredOnly() {
        var deployment =
                cluster.create(
                        ResourceTypes.DEPLOYMENTS,
                        """
                        {'metadata': {'name': 'web'}, 'spec': {'selector': {'matchLabels': {'a': 'b'}},
                         'template': {'metadata': {'labels': {'a': 'b'}},
                          'spec': {'containers': [{'name': 'app', 'image': 'web:1'}]}}}}
                        """);
        var labelled = cluster.update(ResourceTypes.DEPLOYMENTS, "", labelled(deployment, "a"));
        assertThat(labelled.object("metadata").number("generation", 0)).isEqualTo(1);
        var scaled =
                cluster.registry.patch(
                        ResourceTypes.DEPLOYMENTS,
                        Cluster.key("web"),
                        "scale",
                        new Patch(Patch.Format.MERGE, json("{'spec': {'replicas': 3}}")),
                        Cluster.options());
        assertThat(scaled.string("kind")).isEqualTo("Scale");
        assertThat(scaled.object("status").string("selector")).isEqualTo("a=b");
        var now = cluster.get(ResourceTypes.DEPLOYMENTS, "web");
        assertThat(now.object("spec").number("replicas", 0)).isEqualTo(3);
        assertThat(now.object("metadata").number("generation", 0)).isEqualTo(2);
    }

    @Test
    void aDryRunStoresNothing() {
        var options =
                new WriteOptions(
                        true, FieldValidation.STRICT, "test", List.of(), new ArrayList<>());
        var made =
                cluster.registry.create(
                        ResourceTypes.CONFIG_MAPS,
                        "default",
                        json("{'metadata': {'name': 'a'}}"),
                        options);
        assertThat(made.object("metadata").string("uid")).isNotEmpty();
        assertThat(Refusal.of(() -> cluster.get(ResourceTypes.CONFIG_MAPS, "a")).message())
                .isEqualTo("configmaps \"a\" not found");
    }

    @Test
    void unknownFieldsAreNamedWhenValidationIsStrict() {
        var options =
                new WriteOptions(
                        false, FieldValidation.STRICT, "test", List.of(), new ArrayList<>());
        var refusal =
                Refusal.of(
                        () ->
                                cluster.registry.create(
                                        ResourceTypes.CONFIG_MAPS,
                                        "default",
                                        json("{'metadata': {'name': 'a'}, 'dta': {'x': 'y'}}"),
                                        options));
        assertThat(refusal.code()).isEqualTo(400);
        assertThat(refusal.message()).contains("unknown field \"dta\"");
    }

    @Test
    void aPodIsBoundOnce() {
        var bound = cluster.boundPod("web");
        assertThat(bound.object("spec").string("nodeName")).isEqualTo("yard");
        assertThat(bound.object("metadata").number("generation", 0)).isEqualTo(1);
        assertThat(bound.object("status").array("conditions").objects())
                .anySatisfy(
                        condition -> {
                            assertThat(condition.string("type")).isEqualTo("PodScheduled");
                            assertThat(condition.string("status")).isEqualTo("True");
                        });
        var refusal = Refusal.of(() -> cluster.bind("web", "meadow"));
        assertThat(refusal.code()).isEqualTo(409);
        assertThat(refusal.message())
                .isEqualTo(
                        "Operation cannot be fulfilled on pods \"web\": pod web is already"
                                + " assigned to node \"yard\"");
    }

    @Test
    void anUnscheduledPodIsDeletedAtOnce() {
        cluster.pod("web");
        var answer = delete(DeleteOptions.NONE);
        assertThat(answer.string("status")).isEqualTo("Success");
        assertThat(Refusal.of(() -> cluster.get(ResourceTypes.PODS, "web")).code()).isEqualTo(404);
    }

    @Test
    void aScheduledPodHasItsGraceWhichMayOnlyBeShortened() {
        cluster.boundPod("web");
        var first = delete(DeleteOptions.NONE).object("metadata");
        assertThat(first.string("deletionTimestamp")).isEqualTo("2026-11-21T04:00:30Z");
        assertThat(first.number("deletionGracePeriodSeconds", 0)).isEqualTo(30);
        assertThat(first.number("generation", 0)).isEqualTo(2);
        cluster.pass(Duration.ofSeconds(5));
        var longer = delete(DeleteOptions.withGrace(60)).object("metadata");
        assertThat(longer).isEqualTo(first);
        var shorter = delete(DeleteOptions.withGrace(10)).object("metadata");
        assertThat(shorter.string("deletionTimestamp")).isEqualTo("2026-11-21T04:00:10Z");
        assertThat(shorter.number("generation", 0)).isEqualTo(2);
        var other = new DeleteOptions(0L, null, "another", null, false);
        assertThat(Refusal.of(() -> delete(other)).message()).contains("Precondition failed: UID");
        var last = new DeleteOptions(0L, null, first.string("uid"), null, false);
        assertThat(delete(last).string("status")).isEqualTo("Success");
    }

    @Test
    void aFinalizerKeepsAnObjectUntilItIsRemoved() {
        cluster.create(
                ResourceTypes.CONFIG_MAPS,
                "{'metadata': {'name': 'a', 'finalizers': ['example.com/keep']}}");
        var key = Cluster.key("a");
        var type = ResourceTypes.CONFIG_MAPS;
        var marked = cluster.registry.delete(type, key, DeleteOptions.NONE);
        assertThat(marked.object("metadata").has("deletionTimestamp")).isTrue();
        var more =
                marked.with(
                        "metadata",
                        m ->
                                m.with(
                                        "finalizers",
                                        json("{'x': ['example.com/keep', 'example.com/new']}")
                                                .array("x")));
        assertThat(Refusal.of(() -> cluster.update(type, "", more)).message())
                .contains("no new finalizers can be added if the object is being deleted");
        cluster.update(type, "", marked.with("metadata", m -> m.without("finalizers")));
        assertThat(Refusal.of(() -> cluster.get(type, "a")).code()).isEqualTo(404);
    }

    @Test
    void aPolicyForDependentsIsWrittenDownInFinalizers() {
        var orphaning = finalizersAfter("configmaps", "a", "Orphan");
        assertThat(orphaning).containsExactly("orphan");
        assertThat(finalizersAfter("configmaps", "b", "Foreground"))
                .containsExactly("foregroundDeletion");
        assertThat(finalizersAfter("configmaps", "c", "Background")).isEmpty();
        assertThat(finalizersAfter("configmaps", "d", null)).isEmpty();
        assertThat(finalizersAfter("replicationcontrollers", "e", null)).containsExactly("orphan");
        assertThat(
                        Refusal.of(() -> delete(new DeleteOptions(null, "Now", null, null, false)))
                                .message())
                .contains("propagationPolicy", "Now");
    }

    @Test
    void thePolicyMayChangeWhileTheDeletionIsUnderWay() {
        assertThat(finalizersAfter("configmaps", "a", "Orphan")).containsExactly("orphan");
        var type = ResourceTypes.CONFIG_MAPS;
        var again =
                cluster.registry.delete(
                        type,
                        Cluster.key("a"),
                        new DeleteOptions(null, "Foreground", null, null, false));
        assertThat(again.object("metadata").array("finalizers").strings())
                .containsExactly("foregroundDeletion");
        cluster.registry.delete(
                type, Cluster.key("a"), new DeleteOptions(null, "Background", null, null, false));
        assertThat(Refusal.of(() -> cluster.get(type, "a")).code()).isEqualTo(404);
    }

    private List<String> finalizersAfter(String plural, String name, @Nullable String policy) {
        var type = Objects.requireNonNull(ResourceTypes.find("", "v1", plural));
        var spec =
                plural.equals("configmaps")
                        ? ""
                        : ", 'spec': {'selector': {'a': 'b'}, 'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'a', 'image': 'a'}]}}}";
        cluster.create(type, "{'metadata': {'name': '%s'}%s}".formatted(name, spec));
        return cluster.registry
                .delete(type, Cluster.key(name), new DeleteOptions(null, policy, null, null, false))
                .object("metadata")
                .array("finalizers")
                .strings();
    }

    @Test
    void anEvictionRespectsTheDisruptionBudget() {
        var pod = cluster.boundPod("web");
        cluster.update(
                ResourceTypes.PODS, "status", pod.with("status", s -> s.with("phase", "Running")));
        cluster.create(
                ResourceTypes.POD_DISRUPTION_BUDGETS,
                "{'metadata': {'name': 'all'}, 'spec': {'minAvailable': 1, 'selector': {}}}");
        assertThat(Refusal.of(this::evict).code()).isEqualTo(429);
        var budget = cluster.get(ResourceTypes.POD_DISRUPTION_BUDGETS, "all");
        var status =
                json(
                        "{'observedGeneration': 1, 'disruptionsAllowed': 1, 'currentHealthy': 2, 'desiredHealthy': 1, 'expectedPods': 2}");
        cluster.update(
                ResourceTypes.POD_DISRUPTION_BUDGETS, "status", budget.with("status", status));
        evict();
        assertThat(
                        cluster.get(ResourceTypes.PODS, "web")
                                .object("metadata")
                                .has("deletionTimestamp"))
                .isTrue();
        assertThat(
                        cluster.get(ResourceTypes.POD_DISRUPTION_BUDGETS, "all")
                                .object("status")
                                .number("disruptionsAllowed", -1))
                .isZero();
    }

    private void evict() {
        cluster.registry.update(
                ResourceTypes.PODS,
                Cluster.key("web"),
                "eviction",
                json("{'metadata': {'name': 'web'}}"),
                Cluster.options());
    }

    @Test
    void bothVersionsOfEventsAreTheSameEvents() {
        var type = ResourceTypes.find("events.k8s.io", "v1", "events");
        assertThat(type).isNotNull();
        cluster.create(
                ResourceTypes.EVENTS,
                """
                {'metadata': {'name': 'web.1'}, 'reason': 'Started', 'type': 'Normal', 'message': 'up',
                 'involvedObject': {'kind': 'Pod', 'namespace': 'default', 'name': 'web'}}
                """);
        var event = cluster.registry.get(type, Cluster.key("web.1"));
        assertThat(event.string("apiVersion")).isEqualTo("events.k8s.io/v1");
        assertThat(event.string("note")).isEqualTo("up");
        assertThat(event.object("regarding").string("name")).isEqualTo("web");
    }

    @Test
    void theSystemsNamespacesAreThereFromTheStartAndMayBeAlready() {
        Bootstrap.apply(cluster.registry);
        Bootstrap.apply(cluster.registry);
        assertThat(cluster.get(ResourceTypes.NAMESPACES, "kube-node-lease").isEmpty()).isFalse();
        assertThat(
                        cluster.get(ResourceTypes.PRIORITY_CLASSES, "system-node-critical")
                                .number("value", 0))
                .isEqualTo(2_000_001_000);
    }

    @Test
    void whatThePathAndTheObjectSayMustAgree() {
        var pod = cluster.pod("web");
        var refusal =
                Refusal.of(
                        () ->
                                cluster.registry.update(
                                        ResourceTypes.PODS,
                                        Cluster.key("other"),
                                        "",
                                        pod,
                                        Cluster.options()));
        assertThat(refusal.reason()).isEqualTo(Status.Reason.BAD_REQUEST);
        assertThat(refusal.message())
                .isEqualTo(
                        "the name of the object (web) does not match the name on the URL (other)");
    }

    private JsonObject delete(DeleteOptions options) {
        return cluster.registry.delete(ResourceTypes.PODS, Cluster.key("web"), options);
    }
}
