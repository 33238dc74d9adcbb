// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The same pods as were recorded against Kubernetes v1.36.2, state by state and event by event.
class ObservedCasesTest {
    private static final Duration AT_ONCE = Duration.ofMillis(50);

    @Test
    void twoInitContainersThenTheApp() throws IOException {
        var node =
                run(
                        "init-two",
                        new ScriptedNode()
                                .container("init1", Duration.ofSeconds(2), 0)
                                .container("init2", Duration.ofSeconds(2), 0),
                        25);
        node.delete(30);
        node.runFor(Duration.ofMinutes(2));
        assertAsRecorded("init-two", node);
    }

    @Test
    void anInitContainerThatFailsIsStartedAgain() throws IOException {
        var node =
                run(
                        "init-fail-always",
                        new ScriptedNode()
                                .container("init1", AT_ONCE, 0)
                                .container("init2", Duration.ofSeconds(1), 3),
                        358);
        assertAsRecorded("init-fail-always", node);
    }

    @Test
    void anInitContainerThatMayNotFailFailsThePod() throws IOException {
        var node =
                run(
                        "init-fail-never",
                        new ScriptedNode()
                                .container("init1", AT_ONCE, 0)
                                .container("init2", Duration.ofSeconds(1), 3),
                        25);
        node.delete(0);
        assertAsRecorded("init-fail-never", node);
    }

    @Test
    void aCrashingContainerBacksOff() throws IOException {
        assertAsRecorded(
                "crashloop",
                run(
                        "crashloop",
                        new ScriptedNode().container("app", Duration.ofSeconds(1), 1),
                        340));
    }

    @Test
    void aContainerThatIsDoneIsStartedAgainByAlways() throws IOException {
        assertAsRecorded(
                "crashloop-exit0",
                run("crashloop-exit0", new ScriptedNode().container("app", AT_ONCE, 0), 340));
    }

    @Test
    void aPodThatNeverRestartsFailsWhenAllHaveEnded() throws IOException {
        var node =
                run(
                        "never-fail",
                        new ScriptedNode()
                                .container("app", AT_ONCE, 7)
                                .container("other", Duration.ofSeconds(4), 0),
                        25);
        node.delete(0);
        assertAsRecorded("never-fail", node);
    }

    @Test
    void anImageThatMayNotBePulled() throws IOException {
        var node = run("image-never", new ScriptedNode(), 45);
        node.delete(30);
        node.runFor(Duration.ofMinutes(1));
        // Upstream shows the stopped sandbox a moment before the final phase.
        assertAsRecorded("image-never", node, 5);
    }

    @Test
    void aRegistryThatCannotBeReached() throws IOException {
        var scripted = new ScriptedNode();
        scripted.pullFailure =
                "failed to pull and unpack image \"localhost:9/none/nope:1\": failed to resolve"
                        + " image: failed to do request: Head"
                        + " \"https://localhost:9/v2/none/nope/manifests/1\": dial tcp 127.0.0.1:9:"
                        + " connect: connection refused";
        assertAsRecorded("image-pull-error", run("image-pull-error", scripted, 320));
        assertThat(scripted.calls)
                .as("seconds of the pulls: the delay doubles from 10 s")
                .containsExactly(
                        "RunPodSandbox 0",
                        "PullImage 0",
                        "PullImage 10",
                        "PullImage 30",
                        "PullImage 70",
                        "PullImage 150",
                        "PullImage 310");
    }

    @Test
    void anImageThatIsNotFound() throws IOException {
        var scripted = new ScriptedNode();
        scripted.pullFailure =
                "rpc error: code = NotFound desc = failed to pull and unpack image"
                        + " \"localhost:9/none/nope:1\": failed to resolve image:"
                        + " localhost:9/none/nope:1: not found";
        assertAsRecorded("image-pull-notfound", run("image-pull-notfound", scripted, 120));
    }

    @Test
    void forcedDeletion() throws IOException {
        var node = run("force-delete", new ScriptedNode(), 8);
        node.delete(0);
        node.runFor(Duration.ofMinutes(1));
        assertAsRecorded("force-delete", node);
        assertThat(node.calls)
                .endsWith(
                        "StopContainer app 2",
                        "StopPodSandbox",
                        "RemoveContainer",
                        "RemovePodSandbox",
                        "RemovePodDirectory");
    }

    @Test
    void thePodsDeadline() throws IOException {
        var node = run("active-deadline", new ScriptedNode(), 35);
        node.delete(0);
        assertAsRecorded("active-deadline", node);
    }

    @Test
    void aMissingConfigMapIsWaitedFor() throws IOException {
        var node = run("missing-configmap", new ScriptedNode(), 20);
        node.configMaps.put("absent", JsonObject.of("data", JsonObject.of("A", Json.of("b"))));
        node.runFor(Duration.ofSeconds(45));
        node.delete(30);
        node.runFor(Duration.ofMinutes(1));
        assertAsRecorded("missing-configmap", node);
    }

    @Test
    void aContainerThatTakesTooMuchMemory() throws IOException {
        var node =
                run(
                        "oom-kill",
                        new ScriptedNode()
                                .script(
                                        "app",
                                        new ScriptedNode.Script(
                                                Duration.ofSeconds(2), 137, "OOMKilled", false)),
                        39);
        node.delete(30);
        node.runFor(Duration.ofMinutes(1));
        assertAsRecorded("oom-kill", node);
    }

    private static ScriptedNode.Exec untilThen(int seconds, String complaint) {
        return (_, command, age) ->
                command.contains("true") || age.toSeconds() >= seconds
                        ? new ScriptedNode.Answer(AT_ONCE, 0, "")
                        : new ScriptedNode.Answer(AT_ONCE, 1, complaint);
    }

    @Test
    void aSidecarStartsBeforeTheNextInitContainerAndEndsAfterTheApp() throws IOException {
        var scripted =
                new ScriptedNode()
                        .script("side", new ScriptedNode.Script(null, 0, "Completed", true))
                        .container("init2", Duration.ofSeconds(1), 0)
                        .container("app", Duration.ofSeconds(6), 0);
        scripted.exec = untilThen(2, "cat: can't open '/tmp/up': No such file or directory");
        var node = run("sidecar", scripted, 30);
        node.delete(0);
        // Started and ready are one state here; so are the stopped sandbox and the final phase.
        assertAsRecorded("sidecar", node, 3, 9);
    }

    @Test
    void thePreStopCommandRunsWithinTheGrace() throws IOException {
        var scripted =
                new ScriptedNode()
                        .script("app", new ScriptedNode.Script(null, 0, "Completed", true));
        scripted.exec = (_, _, _) -> new ScriptedNode.Answer(Duration.ofSeconds(3), 0, "");
        var node = run("prestop", scripted, 8);
        node.delete(10);
        node.runFor(Duration.ofMinutes(1));
        assertAsRecorded("prestop", node);
        assertThat(node.calls).contains("StopContainer app 7");
    }

    @Test
    void otherProbesWaitForTheStartupProbe() throws IOException {
        var scripted = new ScriptedNode();
        scripted.exec = untilThen(9, "cat: can't open '/tmp/started': No such file or directory");
        var node = run("startup-probe", scripted, 30);
        node.delete(30);
        node.runFor(Duration.ofMinutes(1));
        assertAsRecorded("startup-probe", node);
    }

    @Test
    void aFailedLivenessProbeRestartsTheContainer() throws IOException {
        var scripted = new ScriptedNode();
        scripted.exec =
                (_, _, age) ->
                        age.toSeconds() < 30
                                ? new ScriptedNode.Answer(AT_ONCE, 0, "")
                                : new ScriptedNode.Answer(
                                        AT_ONCE,
                                        1,
                                        "cat: can't open '/tmp/healthy': No such file or"
                                                + " directory");
        var node = run("liveness-exec", scripted, 400);
        var recorded = lines("liveness-exec/states.txt");
        assertThat(node.states)
                .as("upstream does not show the ended container between two runs")
                .filteredOn(state -> !state.contains("liveness=terminated"))
                .startsWith(recorded.toArray(String[]::new));
        assertThat(node.events)
                .containsExactlyInAnyOrderElementsOf(lines("liveness-exec/events.txt"));
    }

    @Test
    void aFailedPostStartCommandEndsTheContainer() throws IOException {
        var scripted = new ScriptedNode();
        scripted.exec = (_, _, _) -> new ScriptedNode.Answer(AT_ONCE, 4, "oops\n");
        var node = run("poststart-fail", scripted, 54);
        assertThat(node.states)
                .containsSubsequence(lines("poststart-fail/states.txt").subList(0, 8));
        assertThat(node.events).containsAll(lines("poststart-fail/events.txt"));
    }

    static List<String> lines(String name) throws IOException {
        return ScriptedNode.text("observed/" + name).lines().toList();
    }

    private static ScriptedNode run(String name, ScriptedNode node, long seconds)
            throws IOException {
        JsonObject pod = ScriptedNode.read("observed/" + name + "/pod.json");
        node.create(pod);
        node.runFor(Duration.ofSeconds(seconds));
        return node;
    }

    /// `merged` are the lines, counted from 0, that go together with their successor here.
    private static void assertAsRecorded(String name, ScriptedNode node, int... merged)
            throws IOException {
        var recorded = new ArrayList<>(lines(name + "/states.txt"));
        for (int i = merged.length - 1; i >= 0; i--) {
            recorded.remove(merged[i]);
        }
        var shown = node.states;
        if (!recorded.getLast().startsWith("DELETED")) {
            // the recording was ended before the pod was: ours may be a step ahead
            assertThat(shown).hasSizeBetween(recorded.size(), recorded.size() + 1);
            shown = shown.subList(0, recorded.size());
        }
        assertThat(String.join("\n", shown)).isEqualTo(String.join("\n", recorded));
        var events = lines(name + "/events.txt");
        var seen = new ArrayList<>(node.events);
        if (events.stream().noneMatch(event -> event.contains(" Killing "))) {
            seen.removeIf(event -> event.contains(" Killing ")); // the recorder had left by then
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(events);
    }
}
