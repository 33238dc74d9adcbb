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
import dev.coracle.core.net.Answer;
import dev.coracle.core.net.Destination;
import dev.coracle.core.net.Endpoint;
import dev.coracle.core.net.Source;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.view.Service.Protocol;
import dev.coracle.sim.script.ContainerScript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random histories of pods and services. Whenever nothing is under way, packets meet what services
/// and pods say, worked out anew for one source and one destination by an oracle that knows neither
/// endpoint slices nor tables.
class ServiceHistoriesTest {
    private static final int STEPS = 60;
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<String> APPS = List.of("front", "back");
    private static final Duration QUIET = Duration.ofMillis(100);
    private static final int FIRST_HOST_PORT = 9_000;

    private Cluster cluster;
    private SplittableRandom random;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void packetsMeetWhatServicesAndPodsSay(long seed) {
        random = new SplittableRandom(seed);
        try (var opened = new Cluster(new World(seed), PodLifeTest.SCHEMAS)) {
            cluster = opened;
            var runtime = cluster.runtime();
            runtime.container("flaky", ContainerScript.exits(1, Duration.ofSeconds(7)));
            runtime.container("stubborn", ContainerScript.runs().ignoringTerm());
            cluster.start();
            for (int step = 0; step < STEPS; step++) {
                change();
                cluster.advance(Duration.ofMillis(random.nextInt(6_000)));
                if (random.nextInt(3) == 0) {
                    awaitQuiet();
                    check("seed %d, step %d".formatted(seed, step));
                }
            }
        }
    }

    private void change() {
        var name = NAMES.get(random.nextInt(NAMES.size()));
        cluster.faults(random.nextInt(4) == 0 ? Faults.SOME : Faults.NONE);
        switch (random.nextInt(8)) {
            case 0, 1 -> createPod(name);
            case 2 -> {
                if (cluster.find("pods", name) != null) {
                    cluster.deletePod(name, DeleteOptions.withGrace(random.nextInt(20)));
                }
            }
            case 3 -> relabel(name);
            case 4, 5 -> createService(name);
            case 6 -> {
                if (cluster.find("services", name) != null) {
                    cluster.registry()
                            .delete(ResourceTypes.SERVICES, key(name), DeleteOptions.NONE);
                }
            }
            default -> createOrScaleController();
        }
    }

    private static ObjectKey key(String name) {
        return new ObjectKey("default", name);
    }

    private static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    private String app() {
        return APPS.get(random.nextInt(APPS.size()));
    }

    private void createPod(String name) {
        if (cluster.find("pods", name) != null) {
            return;
        }
        var container = List.of("steady", "flaky", "stubborn").get(random.nextInt(3));
        cluster.create(
                "pods",
                json(
                        """
                        {'apiVersion': 'v1', 'kind': 'Pod',
                         'metadata': {'name': '%s', 'labels': {'app': '%s'}},
                         'spec': {'containers': [
                          {'name': '%s', 'image': 'any:1', 'imagePullPolicy': 'IfNotPresent',
                           'ports': [{'name': 'http', 'containerPort': %d, 'hostPort': %d}]}]}}"""
                                .formatted(
                                        name,
                                        app(),
                                        container,
                                        8_080 + random.nextInt(2),
                                        FIRST_HOST_PORT + random.nextInt(2))));
    }

    private void relabel(String name) {
        if (cluster.find("pods", name) != null) {
            patch(ResourceTypes.PODS, name, "{'metadata': {'labels': {'app': '%s'}}}", app());
        }
    }

    private void patch(ResourceType type, String name, String merge, Object value) {
        cluster.registry()
                .patch(
                        type,
                        key(name),
                        "",
                        new Patch(Patch.Format.MERGE, json(merge.formatted(value))),
                        WriteOptions.by("test"));
    }

    private void createService(String name) {
        if (cluster.find("services", name) != null) {
            patch(ResourceTypes.SERVICES, name, "{'spec': {'selector': {'app': '%s'}}}", app());
            return;
        }
        var type = List.of("ClusterIP", "NodePort", "LoadBalancer").get(random.nextInt(3));
        cluster.create(
                "services",
                json(
                        """
                        {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': '%s'},
                         'spec': {'type': '%s', 'selector': {'app': '%s'}%s,
                          'publishNotReadyAddresses': %b,
                          'ports': [{'name': 'web', 'port': 80, 'targetPort': 'http'},
                                    {'name': 'dns', 'port': 53, 'protocol': 'UDP'}]}}"""
                                .formatted(
                                        name,
                                        type,
                                        app(),
                                        type.equals("ClusterIP") && random.nextInt(4) == 0
                                                ? ", 'clusterIP': 'None'"
                                                : "",
                                        random.nextInt(4) == 0)));
    }

    private void createOrScaleController() {
        int replicas = random.nextInt(4);
        if (cluster.find("replicationcontrollers", "many") != null) {
            patch(
                    ResourceTypes.REPLICATION_CONTROLLERS,
                    "many",
                    "{'spec': {'replicas': %d}}",
                    replicas);
            return;
        }
        cluster.create(
                "replicationcontrollers",
                json(
                        """
                        {'apiVersion': 'v1', 'kind': 'ReplicationController',
                         'metadata': {'name': 'many'},
                         'spec': {'replicas': %d, 'selector': {'set': 'many'}, 'template': {
                          'metadata': {'labels': {'set': 'many', 'app': 'front'}},
                          'spec': {'terminationGracePeriodSeconds': 3, 'containers': [
                           {'name': 'steady', 'image': 'any:1', 'imagePullPolicy': 'IfNotPresent',
                            'ports': [{'name': 'http', 'containerPort': 8080}]}]}}}}"""
                                .formatted(replicas)));
    }

    /// Lets everybody hear of everything; containers may come and go later.
    private void awaitQuiet() {
        cluster.faults(Faults.NONE);
        cluster.advance(Faults.SOME.maxDelay());
        long before;
        do {
            before = revision();
            cluster.advance(QUIET);
        } while (revision() != before);
    }

    private long revision() {
        return cluster.registry().list(ResourceTypes.PODS, ListOptions.all()).revision();
    }

    private void check(String when) {
        for (var destination : destinations()) {
            for (var source : Source.values()) {
                assertThat(cluster.packetRules().answer(source, destination))
                        .as("%s: %s to %s", when, source, destination)
                        .isEqualTo(oracle(source, destination));
            }
        }
    }

    private List<JsonObject> all(ResourceType type) {
        return cluster.registry().list(type, ListOptions.in("default")).entries().stream()
                .map(entry -> entry.object())
                .filter(object -> !ObjectKey.of(object).name().equals("kubernetes"))
                .toList();
    }

    /// Every address and port that anything may be at, and some where nothing is.
    private List<Destination> destinations() {
        var found = new ArrayList<Destination>();
        for (var service : all(ResourceTypes.SERVICES)) {
            for (var ip : List.of(clusterIp(service), NodeShape.IP)) {
                for (int port : new int[] {53, 80, 81}) {
                    if (!ip.equals("None")) {
                        found.add(new Destination.At(ip, Protocol.TCP, port));
                        found.add(new Destination.At(ip, Protocol.UDP, port));
                    }
                }
            }
            for (var port : ports(service)) {
                int nodePort = (int) port.number("nodePort", 0);
                if (nodePort > 0) {
                    found.add(
                            new Destination.OnNode(
                                    Protocol.valueOf(port.string("protocol")), nodePort));
                }
            }
        }
        for (int i = 0; i < 2; i++) {
            found.add(new Destination.OnNode(Protocol.TCP, FIRST_HOST_PORT + i));
        }
        return found;
    }

    private static String clusterIp(JsonObject service) {
        return service.object("spec").string("clusterIP");
    }

    private static List<JsonObject> ports(JsonObject service) {
        return service.object("spec").array("ports").objects();
    }

    private Answer oracle(Source source, Destination destination) {
        boolean isClusterIp = false;
        for (var service : all(ResourceTypes.SERVICES)) {
            boolean inside = clusterIp(service).equals(destination.ip());
            isClusterIp |= inside;
            for (var port : ports(service)) {
                if (leadsTo(service, port, destination)) {
                    var endpoints = endpoints(service, port);
                    return endpoints.isEmpty()
                            ? new Answer.Refused()
                            : new Answer.Reaches(endpoints, !inside || source != Source.POD);
                }
            }
        }
        var holder = holder(destination);
        if (holder != null) {
            return new Answer.Reaches(List.of(holder), false);
        }
        return isClusterIp ? new Answer.Refused() : new Answer.Untouched();
    }

    private static boolean leadsTo(JsonObject service, JsonObject port, Destination destination) {
        if (!port.string("protocol").equals(destination.protocol().name())) {
            return false;
        }
        if (destination instanceof Destination.OnNode) {
            return port.number("nodePort", 0) == destination.port();
        }
        boolean balanced =
                service.object("status").object("loadBalancer").array("ingress").objects().stream()
                        .anyMatch(ingress -> ingress.string("ip").equals(destination.ip()));
        return port.number("port", 0) == destination.port()
                && (balanced || clusterIp(service).equals(destination.ip()));
    }

    /// Where a service's port leads: to ready pods, or, when there is none, to those that are
    /// ending and still ready.
    private List<Endpoint> endpoints(JsonObject service, JsonObject port) {
        var ready = new TreeSet<Endpoint>();
        var ending = new TreeSet<Endpoint>();
        var spec = service.object("spec");
        for (var pod : all(ResourceTypes.PODS)) {
            var ip = pod.object("status").string("podIP");
            boolean chosen =
                    pod.object("metadata")
                            .object("labels")
                            .string("app")
                            .equals(spec.object("selector").string("app"));
            if (!chosen || ip.isEmpty() || isOver(pod)) {
                continue;
            }
            var endpoint = new Endpoint(ip, target(port, pod));
            boolean isReady = condition(pod, "Ready");
            if (spec.bool("publishNotReadyAddresses", false)) {
                ready.add(endpoint);
            } else if (!isLeaving(pod) && isReady) {
                ready.add(endpoint);
            } else if (isLeaving(pod) && isReady) {
                ending.add(endpoint);
            }
        }
        return List.copyOf(ready.isEmpty() ? ending : ready);
    }

    private static boolean isOver(JsonObject pod) {
        return List.of("Succeeded", "Failed").contains(pod.object("status").string("phase"));
    }

    private static boolean isLeaving(JsonObject pod) {
        return pod.object("metadata").has("deletionTimestamp");
    }

    private static boolean condition(JsonObject pod, String type) {
        return pod.object("status").array("conditions").objects().stream()
                .anyMatch(
                        condition ->
                                condition.string("type").equals(type)
                                        && condition.string("status").equals("True"));
    }

    private static JsonObject containerPort(JsonObject pod) {
        return pod.object("spec")
                .array("containers")
                .objects()
                .getFirst()
                .array("ports")
                .objects()
                .getFirst();
    }

    private static int target(JsonObject port, JsonObject pod) {
        boolean named = port.string("targetPort").equals("http");
        return (int)
                (named
                        ? containerPort(pod).number("containerPort", 0)
                        : port.number("targetPort", 0));
    }

    /// The pod that has this port of the node; one that stays comes before one that leaves.
    private @org.jspecify.annotations.Nullable Endpoint holder(Destination destination) {
        for (boolean leaving : new boolean[] {false, true}) {
            for (var pod : all(ResourceTypes.PODS)) {
                var ip = pod.object("status").string("podIP");
                var port = containerPort(pod);
                if (destination instanceof Destination.OnNode
                        && destination.port() == port.number("hostPort", 0)
                        && isLeaving(pod) == leaving
                        && !ip.isEmpty()
                        && !isOver(pod)) {
                    return new Endpoint(ip, (int) port.number("containerPort", 0));
                }
            }
        }
        return null;
    }
}
