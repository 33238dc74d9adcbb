// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What recordings do not show: restarts of the kubelet, dead sandboxes, ends at awkward moments.
class KubeletTest {
    private static final String ONE_APP =
            """
            {"containers":[{"name":"app","image":"box","imagePullPolicy":"IfNotPresent"}]}""";

    private static JsonObject pod(String spec) {
        return (JsonObject)
                ScriptedNode.json(
                        """
                        {"apiVersion":"v1","kind":"Pod",
                         "metadata":{"name":"web","namespace":"default","uid":"the-uid",
                                     "generation":1},
                         "spec":%s,
                         "status":{"phase":"Pending","qosClass":"BestEffort"}}
                        """
                                .formatted(spec));
    }

    private static ScriptedNode running(String spec) {
        var node = new ScriptedNode();
        node.create(pod(spec));
        node.runFor(Duration.ofSeconds(5));
        return node;
    }

    private static JsonObject app(ScriptedNode node) {
        return node.present().object("status").array("containerStatuses").objects().getFirst();
    }

    @Test
    void whereThereIsNoClusterDnsAPodIsToldSoOnce() {
        var node = new ScriptedNode(ContainerSpecsTest.config(null));
        node.create(pod(ONE_APP));
        node.runFor(Duration.ofMinutes(5));

        assertThat(node.events.stream().filter(event -> event.contains("MissingClusterDNS")))
                .hasSize(1);
        assertThat(running(ONE_APP).events).noneMatch(event -> event.contains("ClusterDNS"));
    }

    @Test
    void aRestartedKubeletAdoptsWhatRuns() {
        var node = running(ONE_APP);
        var before = node.present();
        node.calls.clear();

        node.restart();
        node.runFor(Duration.ofMinutes(1));

        assertThat(node.present()).isEqualTo(before);
        assertThat(node.calls).isEmpty();
    }

    @Test
    void anAdoptedContainerThatEndsIsRestartedWithTheNextNumber() {
        var node = new ScriptedNode().container("app", Duration.ofMinutes(2), 1);
        node.create(pod(ONE_APP));
        node.runFor(Duration.ofSeconds(5));
        node.restart();

        node.runFor(Duration.ofMinutes(3));

        assertThat(app(node).number("restartCount", -1)).isEqualTo(1);
        assertThat(app(node).object("lastState").object("terminated").number("exitCode", -1))
                .isEqualTo(1);
    }

    @Test
    void aPodThatWasDeletedMeanwhileIsStoppedAndCleaned() {
        var node = running(ONE_APP);
        node.calls.clear();
        node.pod = null;

        node.restart();
        node.runFor(Duration.ofMinutes(1));

        assertThat(node.calls)
                .containsExactly(
                        "StopContainer app 30",
                        "StopPodSandbox",
                        "RemoveContainer",
                        "RemovePodSandbox",
                        "RemovePodDirectory");
    }

    @Test
    void aContainerIsStoppedByItsOwnSignalAndItsStatusNamesIt() {
        var image = "\"image\":\"box\",";
        var node =
                running(
                        ONE_APP.replace(
                                image, image + "\"lifecycle\":{\"stopSignal\":\"SIGINT\"},"));

        assertThat(app(node).string("stopSignal")).isEqualTo("SIGINT");
        node.delete(30);
        node.runFor(Duration.ofMinutes(1));

        assertThat(node.calls).contains("StopContainer app 30 SIGINT");
    }

    @Test
    void aDeadSandboxIsReplacedAndTheContainerCounted() {
        var node = running(ONE_APP);

        node.killSandbox();
        node.runFor(Duration.ofSeconds(30));

        assertThat(node.calls).containsSubsequence("StopPodSandbox", "RunPodSandbox 1");
        assertThat(app(node).number("restartCount", -1)).isEqualTo(1);
        assertThat(app(node).object("state").has("running")).isTrue();
        assertThat(node.events)
                .contains(
                        "Normal SandboxChanged Pod sandbox changed, it will be killed and"
                                + " re-created.");
    }

    @Test
    void aDeadSandboxRunsInitContainersAgain() {
        var node = new ScriptedNode().container("init", Duration.ofSeconds(1), 0);
        node.create(
                pod(
                        """
                        {"initContainers":[{"name":"init","image":"box"}],
                         "containers":[{"name":"app","image":"box",
                                        "imagePullPolicy":"IfNotPresent"}]}"""));
        node.runFor(Duration.ofSeconds(10));

        node.killSandbox();
        node.runFor(Duration.ofSeconds(30));

        var init =
                node.present().object("status").array("initContainerStatuses").objects().getFirst();
        assertThat(init.number("restartCount", -1)).isEqualTo(1);
        assertThat(node.states.getLast()).startsWith("phase=Running");
    }

    @Test
    void aDeletionDoesNotWaitForAnImage() {
        var node = new ScriptedNode();
        node.pullTime = null; // never answers
        node.create(pod("{\"containers\":[{\"name\":\"app\",\"image\":\"nope\"}]}"));
        node.runFor(Duration.ofSeconds(5));

        node.delete(30);
        node.runFor(Duration.ofSeconds(1));

        assertThat(node.pod).isNull();
        assertThat(node.calls).endsWith("StopPodSandbox", "RemovePodSandbox", "RemovePodDirectory");
    }

    @Test
    void aSecondDeletionWithLessGraceIsHeeded() {
        var node = running(ONE_APP);
        node.delete(30);
        node.runFor(Duration.ofSeconds(3));

        node.delete(5);
        node.runFor(Duration.ofSeconds(6));

        assertThat(node.pod).isNull();
    }

    @Test
    void onlyTheLastDeadInstanceIsKept() {
        var node = new ScriptedNode().container("app", Duration.ofSeconds(1), 1);
        node.create(pod(ONE_APP));

        node.runFor(Duration.ofMinutes(5));

        assertThat(node.containers).hasSize(2);
        assertThat(node.containers)
                .extracting(RuntimeReply.ContainerStatus::attempt)
                .containsExactly(5, 4);
    }

    @Test
    void onFailureSucceedsAtLast() {
        var node = new ScriptedNode().container("app", Duration.ofSeconds(1), 0);
        node.create(
                pod(
                        """
                        {"restartPolicy":"OnFailure","containers":[{"name":"app","image":"box",
                         "imagePullPolicy":"IfNotPresent"}]}"""));

        node.runFor(Duration.ofSeconds(10));

        assertThat(node.states.getLast()).startsWith("phase=Succeeded");
        assertThat(node.calls).endsWith("StopPodSandbox");
    }

    @Test
    void aRedirectToAnotherHostIsASuccessOfWhichIsWarned() {
        var node = new ScriptedNode();
        node.network = (_, _) -> new ProbeReply.Http(302, "moved");
        node.create(pod(probed("readinessProbe", "{\"httpGet\":{\"path\":\"/\",\"port\":1}}")));
        node.runFor(Duration.ofSeconds(5));

        assertThat(app(node).bool("ready", false)).isTrue();
        assertThat(node.events)
                .contains(
                        "Warning ProbeWarning spec.containers{app} Readiness probe warning: Probe"
                                + " terminated redirects, Response body: moved");
    }

    @Test
    void aProbeThatCannotWorkIsNeitherASuccessNorAFailure() {
        var node = new ScriptedNode();
        node.create(pod(probed("livenessProbe", "{\"tcpSocket\":{\"port\":\"web\"}}")));
        node.runFor(Duration.ofMinutes(5));

        assertThat(app(node).number("restartCount", -1)).isZero();
        assertThat(node.events)
                .contains(
                        "Warning Unhealthy spec.containers{app} Liveness probe errored and resulted"
                                + " in unknown state: strconv.Atoi: parsing \"web\": invalid syntax");
    }

    @Test
    void aCommandThatTakesTooLongHasFailed() {
        var node = new ScriptedNode();
        node.execFailure =
                new RuntimeReply.Failed(RuntimeReply.Failed.Kind.TIMEOUT, "deadline exceeded");
        node.create(
                pod(
                        probed(
                                "livenessProbe",
                                "{\"exec\":{\"command\":[\"sleep\",\"10\"]},\"timeoutSeconds\":2}")));
        node.runFor(Duration.ofMinutes(2));

        assertThat(app(node).number("restartCount", -1)).isPositive();
        assertThat(node.events)
                .contains(
                        "Warning Unhealthy spec.containers{app} Liveness probe failed: command timed"
                                + " out: \"sleep 10\" timed out after 2s",
                        "Normal Killing spec.containers{app} Container app failed liveness probe,"
                                + " will be restarted");
    }

    @Test
    void aRuleCanStartAllContainersAnewInTheSameSandbox() {
        var node =
                new ScriptedNode()
                        .container("setup", Duration.ofSeconds(1), 0)
                        .container("watcher", Duration.ofSeconds(20), 88);
        node.create(
                pod(
                        """
                        {"restartPolicy":"Never",
                         "initContainers":[{"name":"setup","image":"box"}],
                         "containers":[
                           {"name":"app","image":"box"},
                           {"name":"watcher","image":"box","restartPolicy":"Never",
                            "restartPolicyRules":[{"action":"RestartAllContainers",
                              "exitCodes":{"operator":"In","values":[88]}}]}]}"""));

        node.runFor(Duration.ofSeconds(30));

        assertThat(node.states)
                .filteredOn(state -> state.contains("AllContainersRestarting=True"))
                .first()
                .asString()
                .contains("phase=Running", "app=running", "watcher=terminated(Error,exit=88)");
        assertThat(node.states.getLast())
                .contains(
                        "AllContainersRestarting=False",
                        "init:setup=terminated(Completed,exit=0) ready=True started=False"
                                + " restarts=1",
                        "app=running ready=True started=True restarts=1"
                                + " last=terminated(Error,exit=137)",
                        "watcher=running ready=True started=True restarts=1"
                                + " last=terminated(Error,exit=88)");
        assertThat(node.calls)
                .as("killed at once, and the sandbox stays")
                .contains("StopContainer app 0")
                .filteredOn(call -> call.startsWith("RunPodSandbox"))
                .hasSize(1);
    }

    private static String probed(String kind, String probe) {
        return """
        {"containers":[{"name":"app","image":"box","imagePullPolicy":"IfNotPresent",
                        "%s":%s}]}"""
                .formatted(kind, probe);
    }

    @Test
    void sidecarsAreStoppedWhenTheAppsAreDone() {
        var node =
                new ScriptedNode()
                        .script("side", new ScriptedNode.Script(null, 0, "Completed", true))
                        .container("app", Duration.ofSeconds(6), 0);
        node.create(
                pod(
                        """
                        {"restartPolicy":"Never",
                         "initContainers":[{"name":"side","image":"box","restartPolicy":"Always"}],
                         "containers":[{"name":"app","image":"box",
                                        "imagePullPolicy":"IfNotPresent"}]}"""));

        node.runFor(Duration.ofSeconds(30));

        var conditions = "Initialized=True(PodCompleted) Ready=False(PodCompleted)";
        assertThat(List.copyOf(node.states).getLast())
                .startsWith("phase=Succeeded [PodReadyToStartContainers=False " + conditions)
                .contains("init:side=terminated(Completed,exit=0) ready=False");
        assertThat(node.events)
                .contains("Normal Killing spec.initContainers{side} Stopping" + " container side");
    }
}
