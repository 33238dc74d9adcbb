// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/// Services of a real node that are asked 500 times a second, while what is ready changes.
///
/// Nothing else runs meanwhile: where pods have to wait for processors, a request waits longer than
/// a pod's `preStop` hook, and its end loses what it had accepted and not answered.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/>
@Timeout(300)
@Isolated
class ServicesUnderLoadTest {
    private static final int PER_SECOND = 500;

    @RegisterExtension static final RealNode NODE = RealNode.withDemoImages();

    private static NodeClient client;

    @BeforeAll
    static void connect() throws IOException {
        client = NODE.client();
    }

    private static List<String> readyPods(String namespace) {
        var pods = "/api/v1/namespaces/%s/pods?labelSelector=app".formatted(namespace);
        return client.look(pods).ok().array("items").objects().stream()
                .filter(pod -> !pod.object("metadata").has("deletionTimestamp"))
                .filter(
                        pod ->
                                pod.object("status").array("containerStatuses").objects().stream()
                                        .anyMatch(status -> status.bool("ready", false)))
                .map(pod -> pod.object("metadata").string("name"))
                .toList();
    }

    /// The names of the pods once there are two that are ready.
    private static List<String> awaitReadyPods(String namespace) {
        return Kubectl.await(
                "two pods are ready in " + namespace,
                () -> readyPods(namespace),
                pods -> pods.size() == 2);
    }

    private static void awaitAnswers(String ip, List<String> pods) {
        Kubectl.await(
                "all of " + pods + " answer",
                () -> {
                    try {
                        return Set.copyOf(Connection.whoAnswers(ip, 80, 20));
                    } catch (IOException e) {
                        return Set.of(e.toString());
                    }
                },
                Set.copyOf(pods)::equals);
    }

    @Test
    void aPodThatIsNotReadyGetsNoConnection() throws Exception {
        var namespace = "readiness";
        var own = NODE.namespace(namespace);
        own.apply(
                        """
                        apiVersion: v1
                        kind: ReplicationController
                        metadata:
                          name: readiness-rc
                        spec:
                          replicas: 2
                          selector:
                            app: readiness
                          template:
                            metadata:
                              name: readiness-pod
                              labels:
                                app: readiness
                            spec:
                              containers:
                              - name: readiness
                                image: gcr.io/terrycho-sandbox/readiness:v1
                                imagePullPolicy: IfNotPresent
                                ports:
                                - containerPort: 8080
                                readinessProbe:
                                  httpGet: {path: /readiness, port: 8080}
                                  initialDelaySeconds: 5
                                  periodSeconds: 5
                                  timeoutSeconds: 10
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata:
                          name: readiness-svc
                        spec:
                          selector:
                            app: readiness
                          ports:
                          - name: http
                            port: 80
                            protocol: TCP
                            targetPort: 8080
                          type: LoadBalancer
                        ---
                        """
                                + ClientPod.manifest("client"))
                .ok();
        var pods = awaitReadyPods(namespace);
        own.run("wait", "--for=condition=Ready", "pod", "client", "--timeout=80s").ok();
        var service = new WatchedService(own, "readiness-svc");
        var ip = service.clusterIp();
        var balancer = service.awaitBalancer();
        awaitAnswers(ip, pods);
        for (var address : List.of(ip, balancer)) {
            assertThat(Set.copyOf(Connection.whoAnswers(address, 80, 200)))
                    .isEqualTo(Set.copyOf(pods));
            assertThat(Set.copyOf(ClientPod.whoAnswers(own, "client", address, 200)))
                    .isEqualTo(Set.copyOf(pods));
        }
        var sick = pods.getFirst();
        try (var sightings = EndpointSightings.follow(client, namespace);
                var hammer = SteadyLoad.start(ip, 80, PER_SECOND)) {
            own.inPod(sick, "rm /tmp/healthy").ok();
            var shown = sightings.awaitNotReady(sick);
            assertThat(own.run("get", "endpointslices", "-o", notReady(sick)).ok())
                    .isEqualTo("false");
            assertThat(Connection.whoAnswers(ip, 80, 300)).containsOnly(pods.getLast());
            assertThat(hammer.lastBegin(sick).orElseThrow()).isBefore(shown);
        }
        assertThat(own.run("get", "pod", sick, "--no-headers").ok())
                .containsPattern(" 0/1 +Running +0 ");
        assertThat(Set.copyOf(Connection.whoAnswers(balancer, 80, 100)))
                .containsOnly(pods.getLast());
        assertThat(Set.copyOf(ClientPod.whoAnswers(own, "client", ip, 100)))
                .containsOnly(pods.getLast());

        own.inPod(sick, "touch /tmp/healthy").ok();

        new WatchedPod(client, namespace, sick).awaitReady("readiness");
        awaitAnswers(ip, pods);
    }

    private static String notReady(String pod) {
        return "jsonpath={.items[*].endpoints[?(@.targetRef.name==\"%s\")].conditions.ready}"
                .formatted(pod);
    }

    @Test
    void noRequestIsLostWhilePodsAreReplaced() {
        var namespace = "rolling";
        var own = NODE.namespace(namespace);
        own.apply(
                        """
                        apiVersion: v1
                        kind: ReplicationController
                        metadata: {name: rolling}
                        spec:
                          replicas: 2
                          selector: {app: rolling}
                          template:
                            metadata: {labels: {app: rolling}}
                            spec:
                              containers:
                              - name: server
                                image: gcr.io/terrycho-sandbox/readiness:v1
                                ports: [{name: http, containerPort: 8080}]
                                readinessProbe:
                                  httpGet: {path: /readiness, port: http}
                                  periodSeconds: 1
                                  timeoutSeconds: 10
                                lifecycle: {preStop: {sleep: {seconds: 5}}}
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: rolling}
                        spec:
                          selector: {app: rolling}
                          ports: [{port: 80, targetPort: http}]
                        """)
                .ok();
        var first = awaitReadyPods(namespace);
        var ip = new WatchedService(own, "rolling").clusterIp();
        awaitAnswers(ip, first);
        var load = SteadyLoad.start(ip, 80, PER_SECOND);
        var last = first;
        try (load) {
            for (var pod : first) {
                own.run("delete", "pod", pod, "--wait=false").ok();
                new WatchedPod(client, namespace, pod).awaitGone();
                last = awaitReadyPods(namespace);
            }
            int before = load.answered();
            Kubectl.await("more answers", load::answered, count -> count > before + PER_SECOND);
        }

        System.out.printf(
                "requests while pods were replaced: %s, the slowest took %d ms%n",
                load.answers(), load.slowest().toMillis());
        assertThat(load.failures()).isEmpty();
        assertThat(load.answers().keySet()).containsAll(first).containsAll(last).hasSize(4);
        assertThat(last).doesNotContainAnyElementsOf(first);
    }
}
