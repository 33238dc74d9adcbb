// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static dev.coracle.core.Golden.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.PodActions.Ending;
import dev.coracle.core.kubelet.PodActions.Instance;
import dev.coracle.core.kubelet.PodActions.Sandbox;
import dev.coracle.core.kubelet.PodActions.Snapshot;
import dev.coracle.core.kubelet.PodActions.State;
import dev.coracle.core.view.Pod;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PodActionsTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final String BOX = "box";

    /// To be filled in: action, operator, exit codes.
    private static final String RULES =
            """
            "restartPolicy":"Never","restartPolicyRules":[
             {"action":"%s","exitCodes":{"operator":"%s","values":[%s]}}]""";

    @Test
    void aNewPodGetsASandboxBeforeAnyContainer() {
        var scenario = new Scenario("Always").without("web");
        scenario.sandbox = null;

        assertThat(scenario.decide()).containsExactly(new PodAction.CreateSandbox(0));
    }

    @Test
    void aCrashedContainerWaitsForItsBackOff() {
        var scenario = new Scenario("Always").with("web", new State.Exited(1));
        scenario.restartAt.put("web", T0.plusSeconds(10));

        assertThat(text(scenario.at(9).decide())).isEqualTo("BackOff web until 10 s");
        assertThat(text(scenario.at(10).decide())).isEqualTo("StartContainer web 1");
    }

    @Test
    void onFailureLeavesASuccessfulContainerAlone() {
        var scenario = new Scenario("OnFailure", "web", "other").with("web", new State.Exited(0));

        assertThat(scenario.decide()).isEmpty();
    }

    @Test
    void aDeadSandboxRunsEveryInitContainerAgain() {
        var scenario = new Scenario("Always").init("first").with("first", new State.Exited(0));
        scenario.sandbox = new Sandbox(BOX, false, 0);

        assertThat(text(scenario.decide())).isEqualTo("StopSandbox, CreateSandbox 1");

        scenario.sandbox = new Sandbox("another box", true, 1);
        assertThat(text(scenario.decide())).isEqualTo("StartContainer first 1");
    }

    @Test
    void aDeadSandboxOfAPodThatIsDoneStaysDead() {
        var scenario = new Scenario("Never").with("web", new State.Exited(0));
        scenario.sandbox = new Sandbox(BOX, false, 0);

        assertThat(scenario.decide()).containsExactly(new PodAction.EndPod());
    }

    @Test
    void whatACrashLeftCreatedIsRemovedAndStartedUnderTheSameNumber() {
        var scenario = new Scenario("Always").with("web", new State.Created());

        assertThat(text(scenario.decide())).isEqualTo("RemoveContainer, StartContainer web 0");
    }

    @Test
    void sidecarsStopAfterTheAppsInReverseOrder() {
        var scenario = new Scenario("Always").sidecar("log").sidecar("mesh");
        scenario.with("log", new State.Running(true, null))
                .with("mesh", new State.Running(true, null));
        scenario.ending = new Ending(T0.plusSeconds(30));

        assertThat(text(scenario.at(0).decide()))
                .isEqualTo(
                        "StopContainer web 30 s, StopContainer mesh 30 s after web, StopContainer"
                                + " log 30 s after web mesh");
        scenario.with("web", new State.Exited(0));
        assertThat(text(scenario.at(5).decide()))
                .isEqualTo("StopContainer mesh 25 s, StopContainer log 25 s after mesh");
        scenario.with("mesh", new State.Exited(0));
        assertThat(text(scenario.at(40).decide())).isEqualTo("StopContainer log 0 s");
        scenario.with("log", new State.Exited(0));
        assertThat(text(scenario.decide())).isEqualTo("StopSandbox");
        scenario.sandbox = new Sandbox(BOX, false, 0);
        assertThat(text(scenario.decide())).isEqualTo("Finish");
    }

    @Test
    void aSidecarThatEndedIsStartedAgainWhileAppsRun() {
        var scenario = new Scenario("Never").sidecar("log").with("log", new State.Exited(0));

        assertThat(text(scenario.decide())).isEqualTo("StartContainer log 1");
        assertThat(text(scenario.with("web", new State.Exited(0)).decide())).isEqualTo("EndPod");
    }

    @Test
    void aContainerMayHaveAPolicyOfItsOwn() {
        var scenario =
                new Scenario("Always")
                        .app("once", "\"restartPolicy\":\"Never\"")
                        .with("once", new State.Exited(1));

        assertThat(scenario.decide()).isEmpty();
        assertThat(text(scenario.with("web", new State.Exited(0)).decide()))
                .isEqualTo("StartContainer web 1");
    }

    @Test
    void theFirstRuleThatMatchesGoesBeforeThePolicy() {
        var scenario =
                new Scenario("Never")
                        .app("flaky", RULES.formatted("Restart", "In", "42, 43"))
                        .app("picky", RULES.formatted("Restart", "NotIn", "1"));

        scenario.with("flaky", new State.Exited(42)).with("picky", new State.Exited(1));
        assertThat(text(scenario.decide())).isEqualTo("StartContainer flaky 1");
        scenario.with("flaky", new State.Exited(41)).with("picky", new State.Exited(0));
        assertThat(text(scenario.decide())).isEqualTo("StartContainer picky 1");
    }

    @Test
    void oneContainerCanCallForANewStartOfAll() {
        var scenario =
                new Scenario("Never")
                        .init("setup")
                        .with("setup", new State.Exited(0))
                        .app("watcher", RULES.formatted("RestartAllContainers", "In", "88"))
                        .with("watcher", new State.Exited(88));

        assertThat(text(scenario.decide())).isEqualTo("StopContainer web 0 s hurried");
        scenario.with("web", new State.Exited(137));
        assertThat(text(scenario.decide())).isEqualTo("ResetContainers setup web watcher");
        scenario.without("setup").without("web").without("watcher");
        assertThat(text(scenario.decide())).isEqualTo("StartContainer setup 0");
    }

    /// Every restart policy against every state of an init container, a sidecar and an app: the
    /// whole table, reviewed as a diff. `mvn test -Dgolden=update` rewrites it.
    @Test
    void decisionTable() throws IOException {
        var states = new LinkedHashMap<String, @Nullable State>();
        states.put("missing", null);
        states.put("created", new State.Created());
        states.put("starting", new State.Running(false, null));
        states.put("running", new State.Running(true, null));
        states.put("unhealthy", new State.Running(true, new Kill(Duration.ofSeconds(30), "")));
        states.put("exited 0", new State.Exited(0));
        states.put("exited 1", new State.Exited(1));
        var table = new ArrayList<String>();
        for (var policy : List.of("Always", "OnFailure", "Never")) {
            for (var init : states.entrySet()) {
                for (var side : states.entrySet()) {
                    for (var app : states.entrySet()) {
                        var scenario = new Scenario(policy).init("init").sidecar("side");
                        scenario.with("init", init.getValue()).with("side", side.getValue());
                        scenario.with("web", app.getValue());
                        table.add(
                                "%-9s init %-9s side %-9s app %-9s -> %s"
                                        .formatted(
                                                policy,
                                                init.getKey(),
                                                side.getKey(),
                                                app.getKey(),
                                                text(scenario.decide()))
                                        .stripTrailing());
                    }
                }
            }
        }
        assertGolden(
                Path.of("src/test/resources/dev/coracle/core/kubelet/decision-table.txt"),
                String.join("\n", table) + "\n");
    }

    private static String text(List<PodAction> actions) {
        return actions.stream()
                .map(
                        action ->
                                switch (action) {
                                    case PodAction.CreateSandbox(int attempt) ->
                                            "CreateSandbox " + attempt;
                                    case PodAction.StopSandbox _ -> "StopSandbox";
                                    case PodAction.StartContainer(var container, int attempt) ->
                                            "StartContainer " + container.name() + " " + attempt;
                                    case PodAction.StopContainer stop ->
                                            "StopContainer "
                                                    + stop.name()
                                                    + " "
                                                    + stop.grace().toSeconds()
                                                    + " s"
                                                    + (stop.hurried() ? " hurried" : "")
                                                    + (stop.after().isEmpty() ? "" : " after ")
                                                    + String.join(" ", stop.after());
                                    case PodAction.RemoveContainer _ -> "RemoveContainer";
                                    case PodAction.ResetContainers(var names) ->
                                            "ResetContainers " + String.join(" ", names);
                                    case PodAction.BackOff(var container, var until) ->
                                            "BackOff "
                                                    + container.name()
                                                    + " until "
                                                    + Duration.between(T0, until).toSeconds()
                                                    + " s";
                                    case PodAction.EndPod _ -> "EndPod";
                                    case PodAction.Finish _ -> "Finish";
                                })
                .collect(Collectors.joining(", "));
    }

    /// A healthy pod in its sandbox, to be made worse by one call per difference.
    private static final class Scenario {
        private final String policy;
        private final List<String> apps = new ArrayList<>();
        private final List<String> inits = new ArrayList<>();
        private final Map<String, State> states = new HashMap<>();
        private final Map<String, Instant> restartAt = new HashMap<>();
        private @Nullable Sandbox sandbox = new Sandbox(BOX, true, 0);
        private @Nullable Ending ending;
        private Instant now = T0;

        Scenario(String policy, String... apps) {
            this.policy = policy;
            for (var app : apps.length == 0 ? List.of("web") : List.of(apps)) {
                this.apps.add("{\"name\":\"%s\"}".formatted(app));
                states.put(app, new State.Running(true, null));
            }
        }

        Scenario app(String name, String fields) {
            apps.add("{\"name\":\"%s\",%s}".formatted(name, fields));
            states.put(name, new State.Running(true, null));
            return this;
        }

        Scenario init(String name) {
            inits.add("{\"name\":\"%s\"}".formatted(name));
            return this;
        }

        Scenario sidecar(String name) {
            inits.add("{\"name\":\"%s\",\"restartPolicy\":\"Always\"}".formatted(name));
            return this;
        }

        Scenario with(String name, @Nullable State state) {
            if (state == null) {
                return without(name);
            }
            states.put(name, state);
            return this;
        }

        Scenario without(String name) {
            states.remove(name);
            return this;
        }

        Scenario at(long seconds) {
            now = T0.plusSeconds(seconds);
            return this;
        }

        List<PodAction> decide() {
            var tree =
                    """
                    {"metadata":{"name":"web","namespace":"default","uid":"u"},
                     "spec":{"restartPolicy":"%s","initContainers":[%s],"containers":[%s]}}
                    """
                            .formatted(policy, String.join(",", inits), String.join(",", apps));
            var instances = new HashMap<String, Instance>();
            states.forEach((name, state) -> instances.put(name, new Instance(name, BOX, 0, state)));
            return PodActions.decide(
                    new Snapshot(
                            Pod.of((JsonObject) ScriptedNode.json(tree)),
                            sandbox,
                            instances,
                            restartAt,
                            ending,
                            now));
        }
    }
}
