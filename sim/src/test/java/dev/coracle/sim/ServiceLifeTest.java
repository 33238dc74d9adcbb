// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.ResourceTypes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Services, the pods behind them, and who keeps those: all components together, without faults.
class ServiceLifeTest {
    private final World world = new World(1);
    private final Cluster cluster = new Cluster(world, PodLifeTest.SCHEMAS);

    @BeforeEach
    void start() {
        cluster.start();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    private void controller(int replicas) {
        cluster.create(
                "replicationcontrollers",
                json(
                        """
                        {'apiVersion': 'v1', 'kind': 'ReplicationController',
                         'metadata': {'name': 'web'},
                         'spec': {'replicas': %d, 'selector': {'app': 'web'},
                          'template': {
                           'metadata': {'name': 'ignored', 'labels': {'app': 'web'}},
                           'spec': {'terminationGracePeriodSeconds': 3, 'containers': [
                            {'name': 'steady', 'image': 'steady:1',
                             'imagePullPolicy': 'IfNotPresent',
                             'ports': [{'name': 'http', 'containerPort': 8080}]}]}}}}"""
                                .formatted(replicas)));
    }

    private void service(String name, String type) {
        cluster.create(
                "services",
                json(
                        """
                        {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': '%s'},
                         'spec': {'type': '%s', 'selector': {'app': 'web'},
                          'ports': [{'name': 'web', 'port': 80, 'targetPort': 'http'}]}}"""
                                .formatted(name, type)));
    }

    private List<JsonObject> all(ResourceType type) {
        return cluster.registry().list(type, ListOptions.in("default")).entries().stream()
                .map(entry -> entry.object())
                .toList();
    }

    private List<String> names(ResourceType type) {
        return all(type).stream().map(object -> ObjectKey.of(object).name()).toList();
    }

    private JsonObject status(String type, String name) {
        return Objects.requireNonNull(cluster.find(type, name)).object("status");
    }

    private List<String> events(String reason) {
        return all(ResourceTypes.EVENTS).stream()
                .filter(event -> event.string("reason").equals(reason))
                .map(event -> event.string("message"))
                .toList();
    }

    /// Of each endpoint of the service, whether it is ready.
    private List<Boolean> ready(String service) {
        return all(ResourceTypes.ENDPOINT_SLICES).stream()
                .filter(
                        slice ->
                                slice.object("metadata")
                                        .object("labels")
                                        .string("kubernetes.io/service-name")
                                        .equals(service))
                .flatMap(slice -> slice.array("endpoints").objects().stream())
                .map(endpoint -> endpoint.object("conditions").bool("ready", false))
                .toList();
    }

    private void delete(ResourceType type, String name, String policy) {
        cluster.registry()
                .delete(
                        type,
                        new ObjectKey("default", name),
                        new DeleteOptions(null, policy, null, null, false));
    }

    @Test
    void aServiceLeadsToTheReadyPodsOfAReplicationController() {
        service("front", "LoadBalancer");
        controller(2);

        cluster.advance(Duration.ofSeconds(5));

        assertThat(names(ResourceTypes.PODS)).hasSize(2).allMatch(name -> name.matches("web-.{5}"));
        assertThat(status("replicationcontrollers", "web").toString())
                .isEqualTo(
                        "{\"replicas\":2,\"fullyLabeledReplicas\":2,\"readyReplicas\":2,\"availableReplicas\":2,\"observedGeneration\":1}");
        assertThat(events("SuccessfulCreate"))
                .hasSize(2)
                .allMatch(message -> message.startsWith("Created pod: web-"));
        assertThat(ready("front")).containsExactly(true, true);
        var endpoints = Objects.requireNonNull(cluster.find("endpoints", "front"));
        assertThat(endpoints.array("subsets").objects()).hasSize(1);
        assertThat(endpoints.array("subsets").objects().getFirst().array("addresses").size())
                .isEqualTo(2);
        assertThat(status("services", "front").object("loadBalancer").toString())
                .isEqualTo("{\"ingress\":[{\"ip\":\"192.168.0.10\",\"ipMode\":\"VIP\"}]}");
    }

    @Test
    void aPodThatIsDeletedLeavesAtOnceAndIsReplaced() {
        service("front", "ClusterIP");
        controller(2);
        cluster.advance(Duration.ofSeconds(5));
        var victim = names(ResourceTypes.PODS).getFirst();

        cluster.deletePod(victim, DeleteOptions.NONE);
        cluster.advance(Duration.ofMillis(50));

        assertThat(ready("front")).hasSize(2).containsOnlyOnce(true);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(names(ResourceTypes.PODS)).hasSize(2).doesNotContain(victim);
        assertThat(ready("front")).containsExactly(true, true);
    }

    @Test
    void scalingDownDeletesAndSaysSo() {
        controller(3);
        cluster.advance(Duration.ofSeconds(5));

        cluster.registry()
                .patch(
                        ResourceTypes.REPLICATION_CONTROLLERS,
                        new ObjectKey("default", "web"),
                        "scale",
                        new Patch(Patch.Format.MERGE, json("{'spec': {'replicas': 1}}")),
                        WriteOptions.by("test"));
        cluster.advance(Duration.ofSeconds(10));

        assertThat(names(ResourceTypes.PODS)).hasSize(1);
        assertThat(events("SuccessfulDelete"))
                .hasSize(2)
                .allMatch(message -> message.startsWith("Deleted pod: web-"));
        assertThat(status("replicationcontrollers", "web").number("observedGeneration", 0))
                .isEqualTo(2);
    }

    @Test
    void podsGoWithTheirControllerInTheBackground() {
        controller(2);
        cluster.advance(Duration.ofSeconds(5));

        delete(ResourceTypes.REPLICATION_CONTROLLERS, "web", "Background");

        assertThat(names(ResourceTypes.REPLICATION_CONTROLLERS)).isEmpty();
        cluster.advance(Duration.ofSeconds(10));
        assertThat(names(ResourceTypes.PODS)).isEmpty();
    }

    @Test
    void aControllerThatIsDeletedInTheForegroundGoesAfterItsPods() {
        controller(2);
        cluster.advance(Duration.ofSeconds(5));

        delete(ResourceTypes.REPLICATION_CONTROLLERS, "web", "Foreground");
        cluster.advance(Duration.ofMillis(100));

        assertThat(names(ResourceTypes.REPLICATION_CONTROLLERS)).containsExactly("web");
        assertThat(all(ResourceTypes.PODS))
                .hasSize(2)
                .allMatch(pod -> pod.object("metadata").has("deletionTimestamp"));
        cluster.advance(Duration.ofSeconds(10));
        assertThat(names(ResourceTypes.PODS)).isEmpty();
        assertThat(names(ResourceTypes.REPLICATION_CONTROLLERS)).isEmpty();
    }

    @Test
    void orphansStayAndAreTakenInByTheNextOne() {
        controller(2);
        cluster.advance(Duration.ofSeconds(5));
        var pods = names(ResourceTypes.PODS);

        delete(ResourceTypes.REPLICATION_CONTROLLERS, "web", "Orphan");
        cluster.advance(Duration.ofSeconds(1));

        assertThat(names(ResourceTypes.REPLICATION_CONTROLLERS)).isEmpty();
        assertThat(names(ResourceTypes.PODS)).isEqualTo(pods);
        assertThat(all(ResourceTypes.PODS))
                .noneMatch(pod -> pod.object("metadata").has("ownerReferences"));
        controller(3);
        cluster.advance(Duration.ofSeconds(5));
        assertThat(names(ResourceTypes.PODS)).hasSize(3).containsAll(pods);
        assertThat(all(ResourceTypes.PODS))
                .allMatch(pod -> pod.object("metadata").array("ownerReferences").size() == 1);
    }

    @Test
    void whatBelongsToAServiceGoesWithIt() {
        service("front", "ClusterIP");
        cluster.advance(Duration.ofSeconds(1));
        assertThat(names(ResourceTypes.ENDPOINT_SLICES)).hasSize(2);
        assertThat(names(ResourceTypes.ENDPOINTS)).containsExactly("front", "kubernetes");

        delete(ResourceTypes.SERVICES, "front", null);
        cluster.advance(Duration.ofSeconds(1));

        assertThat(names(ResourceTypes.ENDPOINT_SLICES)).containsExactly("kubernetes");
        assertThat(names(ResourceTypes.ENDPOINTS)).containsExactly("kubernetes");
    }

    @Test
    void theSecondBalancerOfAPortWaitsForTheFirst() {
        service("one", "LoadBalancer");
        cluster.advance(Duration.ofSeconds(2));
        service("two", "LoadBalancer");
        cluster.advance(Duration.ofSeconds(2));

        assertThat(status("services", "two").object("loadBalancer").isEmpty()).isTrue();
        assertThat(events("SyncLoadBalancerFailed"))
                .containsExactly(
                        "Error syncing load balancer: failed to ensure load balancer: port 80/TCP of 192.168.0.10 belongs to service default/one");

        delete(ResourceTypes.SERVICES, "one", null);
        cluster.advance(Duration.ofSeconds(2));
        assertThat(status("services", "two").toString())
                .isEqualTo(
                        "{\"loadBalancer\":{\"ingress\":[{\"ip\":\"192.168.0.10\",\"ipMode\":\"VIP\"}]}}");
    }

    @Test
    void theApiServerHasAServiceThatComesBack() {
        var service = Objects.requireNonNull(cluster.find("services", "kubernetes"));
        assertThat(service.object("spec").string("clusterIP")).isEqualTo("10.96.0.1");
        var slice =
                Objects.requireNonNull(
                        cluster.find("endpointslices.discovery.k8s.io", "kubernetes"));
        assertThat(slice.array("endpoints").toString())
                .isEqualTo("[{\"addresses\":[\"192.168.0.10\"],\"conditions\":{\"ready\":true}}]");

        delete(ResourceTypes.SERVICES, "kubernetes", null);
        cluster.advance(Duration.ofSeconds(1));

        assertThat(cluster.find("services", "kubernetes")).isNotNull();
        assertThat(names(ResourceTypes.ENDPOINT_SLICES)).containsExactly("kubernetes");
    }
}
