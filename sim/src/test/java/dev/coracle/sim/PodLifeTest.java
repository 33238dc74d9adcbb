// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.schema.Schemas;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.ImageScript;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The life of pods through store, registry, scheduler and kubelet, without faults.
class PodLifeTest {
    static final Schemas SCHEMAS = Schemas.load();

    private final World world = new World(1);
    private final Cluster cluster = new Cluster(world, SCHEMAS);

    @BeforeEach
    void start() {
        cluster.start();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aPodIsScheduledStartedAndRuns() {
        cluster.create("pods", pod("web", "Always", "", "app"));

        cluster.advance(Duration.ofSeconds(2));

        assertThat(status("web").string("phase")).isEqualTo("Running");
        assertThat(cluster.runtime().running()).containsExactly("web/app");
        assertThat(events()).containsExactly("Scheduled", "Pulled", "Created", "Started");
    }

    @Test
    void initContainersRunOneAfterTheOtherBeforeTheApp() {
        cluster.runtime().container("first", ContainerScript.exits(0, Duration.ofSeconds(2)));
        cluster.runtime().container("second", ContainerScript.exits(0, Duration.ofSeconds(2)));
        cluster.create("pods", pod("web", "Always", "first,second", "app"));

        cluster.advance(Duration.ofSeconds(2));
        assertThat(cluster.runtime().running()).containsExactly("web/first");
        cluster.advance(Duration.ofSeconds(2));
        assertThat(cluster.runtime().running()).containsExactly("web/second");
        cluster.advance(Duration.ofSeconds(2));
        assertThat(cluster.runtime().running()).containsExactly("web/app");
        assertThat(status("web").string("phase")).isEqualTo("Running");
    }

    @Test
    void aContainerThatKeepsFailingIsRestartedLessAndLessOften() {
        cluster.runtime().container("app", ContainerScript.exits(1, Duration.ofSeconds(1)));
        cluster.create("pods", pod("crash", "Always", "", "app"));

        cluster.advance(Duration.ofMinutes(10));

        var container = status("crash").array("containerStatuses").objects().getFirst();
        assertThat(container.number("restartCount", -1))
                .as("0, then about 1, 12, 33, 74, 155, 316 s after the first start")
                .isBetween(6L, 7L);
        assertThat(container.object("state").object("waiting").string("reason"))
                .isEqualTo("CrashLoopBackOff");
    }

    @Test
    void aPodThatIsMeantToEndEnds() {
        cluster.runtime().container("app", ContainerScript.exits(0, Duration.ofSeconds(5)));
        cluster.create("pods", pod("job", "Never", "", "app"));

        cluster.advance(Duration.ofSeconds(10));

        assertThat(status("job").string("phase")).isEqualTo("Succeeded");
    }

    @Test
    void aDeletedPodEndsWithinItsGraceAndIsGone() {
        cluster.runtime().container("app", ContainerScript.runs().ignoringTerm());
        cluster.create("pods", pod("web", "Always", "", "app"));
        cluster.advance(Duration.ofSeconds(2));

        cluster.deletePod("web", DeleteOptions.withGrace(10));
        cluster.advance(Duration.ofSeconds(9));
        assertThat(cluster.runtime().running()).containsExactly("web/app");
        cluster.advance(Duration.ofSeconds(3));

        assertThat(cluster.runtime().running()).isEmpty();
        assertThat(cluster.find("pods", "web")).isNull();
    }

    @Test
    void whenTheSandboxDiesEverythingRunsAgain() {
        cluster.runtime().container("setup", ContainerScript.exits(0, Duration.ofSeconds(1)));
        var pod = cluster.create("pods", pod("web", "Always", "setup", "app"));
        cluster.advance(Duration.ofSeconds(5));

        cluster.runtime().killSandbox(pod.object("metadata").string("uid"));
        cluster.advance(Duration.ofSeconds(30));

        assertThat(cluster.runtime().running()).containsExactly("web/app");
        assertThat(world.trace()).filteredOn(line -> line.contains("started web/setup")).hasSize(2);
    }

    @Test
    void aKubeletThatComesBackAdoptsWhatRuns() {
        cluster.create("pods", pod("web", "Always", "", "app"));
        cluster.advance(Duration.ofSeconds(5));

        cluster.restartKubelet(Duration.ofSeconds(20));
        cluster.advance(Duration.ofMinutes(1));

        assertThat(world.trace()).filteredOn(line -> line.contains("started web/app")).hasSize(1);
        assertThat(restartCount("web")).isZero();
    }

    @Test
    void aPodThatFitsNowhereWaitsUntilThereIsRoom() {
        var big = "{\"requests\": {\"cpu\": \"3\"}}";
        cluster.create("pods", withResources(pod("a", "Always", "", "app"), big));
        cluster.create("pods", withResources(pod("b", "Always", "", "app"), big));
        cluster.advance(Duration.ofSeconds(5));
        assertThat(cluster.runtime().running()).containsExactly("a/app");

        cluster.deletePod("a", DeleteOptions.NONE);
        cluster.advance(Duration.ofSeconds(5));

        assertThat(cluster.runtime().running()).containsExactly("b/app");
    }

    @Test
    void anImageThatCannotBePulledIsTriedAgainLater() {
        cluster.runtime()
                .image(
                        "app:1",
                        ImageScript.pulledIn(Duration.ofSeconds(3)).failing(2, "no route to host"));
        cluster.create("pods", pod("web", "Always", "", "app"));

        cluster.advance(Duration.ofSeconds(5));
        assertThat(status("web").string("phase")).isEqualTo("Pending");
        cluster.advance(Duration.ofMinutes(2));

        assertThat(status("web").string("phase")).isEqualTo("Running");
        assertThat(events()).contains("Failed", "BackOff", "Pulled");
    }

    private JsonObject status(String pod) {
        var object = cluster.find("pods", pod);
        return object == null ? JsonObject.EMPTY : object.object("status");
    }

    private long restartCount(String pod) {
        return status(pod)
                .array("containerStatuses")
                .objects()
                .getFirst()
                .number("restartCount", -1);
    }

    /// The reasons of all events, as recorded first.
    private List<String> events() {
        return cluster
                .registry()
                .list(
                        cluster.registry().types().stream()
                                .filter(type -> type.qualified().equals("events"))
                                .findFirst()
                                .orElseThrow(),
                        dev.coracle.core.api.Api.ListOptions.all())
                .entries()
                .stream()
                .sorted((a, b) -> Long.compare(a.createRevision(), b.createRevision()))
                .map(entry -> entry.object().string("reason"))
                .toList();
    }

    private static JsonObject withResources(JsonObject pod, String resources) {
        var container =
                pod.object("spec")
                        .array("containers")
                        .objects()
                        .getFirst()
                        .with("resources", JsonReader.parseObject(resources));
        return pod.with(
                "spec",
                spec -> spec.with("containers", dev.coracle.core.json.JsonArray.of(container)));
    }

    /// Containers are given by name, separated by commas; the image of `app` is `app:1`.
    static JsonObject pod(String name, String restartPolicy, String init, String apps) {
        return JsonReader.parseObject(
                """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"},
                 "spec": {"restartPolicy": "%s", "terminationGracePeriodSeconds": 5,
                          "initContainers": [%s], "containers": [%s]}}"""
                        .formatted(name, restartPolicy, containers(init), containers(apps)));
    }

    private static String containers(String names) {
        return java.util.Arrays.stream(names.split(","))
                .filter(name -> !name.isEmpty())
                .map(
                        name ->
                                """
                                {"name": "%s", "image": "%s:1", "imagePullPolicy": "IfNotPresent"}"""
                                        .formatted(name, name))
                .collect(java.util.stream.Collectors.joining(","));
    }
}
