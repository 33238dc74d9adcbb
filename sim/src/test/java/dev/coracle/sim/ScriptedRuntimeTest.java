// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.ImageScript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptedRuntimeTest {
    private final Play play = new Play();
    private final World world = play.world;
    private final ScriptedRuntime runtime = play.runtime;

    @Test
    void aContainerLivesAsItsScriptSays() {
        runtime.container("app", ContainerScript.exits(3, Duration.ofSeconds(5)));
        var id = start("app", 0);

        assertThat(container(id).state()).isEqualTo(State.RUNNING);
        world.advance(Duration.ofSeconds(6));

        var ended = container(id);
        assertThat(ended.state()).isEqualTo(State.EXITED);
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.reason()).isEqualTo("Error");
        assertThat(Duration.between(ended.startedAt(), ended.finishedAt())).hasSeconds(5);
    }

    @Test
    void eachRunHasItsScriptAndTheLastRepeats() {
        runtime.container(
                "app",
                ContainerScript.exits(1, Duration.ofSeconds(1)),
                ContainerScript.runsOutOfMemory(Duration.ofSeconds(1)));
        var outcomes = new ArrayList<String>();
        for (int attempt = 0; attempt < 3; attempt++) {
            var id = start("app", attempt);
            world.advance(Duration.ofSeconds(2));
            outcomes.add(container(id).exitCode() + " " + container(id).reason());
        }

        assertThat(outcomes).containsExactly("1 Error", "137 OOMKilled", "137 OOMKilled");
    }

    @Test
    void stoppingTakesAsLongAsTheContainerNeedsButNotLongerThanItsGrace() {
        runtime.container("stubborn", ContainerScript.runs().ignoringTerm());
        var polite = start("polite", 0);
        var stubborn = start("stubborn", 0);
        var begun = world.instant();

        assertThat(call(new RuntimeCall.StopContainer(polite, Duration.ofSeconds(30))))
                .isEqualTo(new RuntimeReply.Done());
        assertThat(container(polite).exitCode()).isEqualTo(143);
        assertThat(Duration.between(begun, world.instant())).isLessThan(Duration.ofSeconds(1));
        assertThat(call(new RuntimeCall.StopContainer(stubborn, Duration.ofSeconds(30))))
                .isEqualTo(new RuntimeReply.Done());
        assertThat(container(stubborn).exitCode()).isEqualTo(137);
        assertThat(Duration.between(begun, world.instant())).isGreaterThan(Duration.ofSeconds(30));
    }

    @Test
    void aContainerThatCannotStartSaysWhy() {
        runtime.container("app", ContainerScript.failsToStart("exec: \"nope\": not found"));
        var sandbox = sandbox(0);
        var id = create(sandbox, "app", 0);

        assertThat(call(new RuntimeCall.StartContainer(id)))
                .isEqualTo(
                        new RuntimeReply.Failed(
                                RuntimeReply.Failed.Kind.REFUSED, "exec: \"nope\": not found"));
        assertThat(container(id).reason()).isEqualTo("StartError");
    }

    @Test
    void namesAreReservedUntilTheirHolderIsRemoved() {
        var sandbox = sandbox(0);
        var id = create(sandbox, "app", 0);

        var again =
                call(
                        new RuntimeCall.CreateContainer(
                                sandbox, Play.sandboxSpec(0), Play.containerSpec("app", 0)));
        assertThat(again)
                .isInstanceOfSatisfying(
                        RuntimeReply.Failed.class,
                        failed ->
                                assertThat(failed.kind())
                                        .isEqualTo(RuntimeReply.Failed.Kind.ALREADY_EXISTS));
        call(new RuntimeCall.RemoveContainer(id));
        assertThat(create(sandbox, "app", 0)).isNotEqualTo(id);
    }

    @Test
    void twoContainersOfOneNameAtATimeBreakAnInvariant() {
        var sandbox = sandbox(0);
        call(new RuntimeCall.StartContainer(create(sandbox, "app", 0)));
        var second = create(sandbox, "app", 1);

        assertThatThrownBy(() -> call(new RuntimeCall.StartContainer(second)))
                .isInstanceOf(BrokenInvariant.class)
                .hasMessage("web/app#1 starts while web/app#0 runs");
    }

    @Test
    void aSandboxThatDiesTakesItsContainersWithIt() {
        var id = start("app", 0);

        runtime.killSandbox("uid");

        assertThat(container(id).state()).isEqualTo(State.EXITED);
        var pod = ((RuntimeReply.Pod) call(new RuntimeCall.InspectPod("uid"))).pod();
        assertThat(pod.sandboxes().getFirst().ready()).isFalse();
    }

    @Test
    void imagesArePulledAsScripted() {
        runtime.image("app:1", ImageScript.pulledIn(Duration.ofSeconds(3)).failing(1, "no route"));
        var pull = new RuntimeCall.PullImage("app:1", List.of(), Play.sandboxSpec(0));

        assertThat(call(new RuntimeCall.ImageStatus("app:1")))
                .isEqualTo(new RuntimeReply.ImageAbsent());
        assertThat(call(pull))
                .isEqualTo(new RuntimeReply.Failed(RuntimeReply.Failed.Kind.REFUSED, "no route"));
        assertThat(call(pull)).isInstanceOf(RuntimeReply.Image.class);
        assertThat(call(new RuntimeCall.ImageStatus("app:1")))
                .isInstanceOf(RuntimeReply.Image.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyCallIsAnsweredOnceWhateverGoesWrong(long seed) {
        var troubled = new World(seed);
        var scripted = new ScriptedRuntime(troubled);
        scripted.faults(new Faults(0.5, 0.3, 0.3, 0.5, 0, Duration.ofMinutes(1)));
        var answers = new int[500];
        var kinds = new ArrayList<String>();
        for (int i = 0; i < answers.length; i++) {
            int number = i;
            scripted.perform(
                    new RuntimeCall.RunPodSandbox(Play.sandboxSpec(i)),
                    reply -> {
                        answers[number]++;
                        kinds.add(
                                reply instanceof RuntimeReply.Failed(var kind, _)
                                        ? kind.name()
                                        : "OK");
                    });
        }
        troubled.advance(Duration.ofMinutes(10));

        assertThat(answers).containsOnly(1);
        assertThat(kinds).contains("OK", "TIMEOUT", "UNAVAILABLE");
        long ok = kinds.stream().filter("OK"::equals).count();
        assertThat((long) scripted.held()).as("some lost calls took effect").isGreaterThan(ok);
    }

    @Test
    void noticesComeLateOrTwiceButNeverNotAtAll() {
        var heard = new ArrayList<String>();
        runtime.watch(event -> heard.add(event.podUid()));
        runtime.faults(new Faults(1, 0, 0, 1, 0, Duration.ofSeconds(10)));

        sandbox(0);
        world.advance(Duration.ofMinutes(1));

        assertThat(heard).containsExactly("uid", "uid");
    }

    private String start(String name, int attempt) {
        var pod = ((RuntimeReply.Pod) call(new RuntimeCall.InspectPod("uid"))).pod();
        var sandbox = pod.sandboxes().isEmpty() ? sandbox(0) : pod.sandboxes().getFirst().id();
        var id = create(sandbox, name, attempt);
        assertThat(call(new RuntimeCall.StartContainer(id))).isEqualTo(new RuntimeReply.Done());
        return id;
    }

    private String sandbox(int attempt) {
        var reply = call(new RuntimeCall.RunPodSandbox(Play.sandboxSpec(attempt)));
        return ((RuntimeReply.SandboxRunning) reply).sandboxId();
    }

    private String create(String sandbox, String name, int attempt) {
        var reply =
                call(
                        new RuntimeCall.CreateContainer(
                                sandbox, Play.sandboxSpec(0), Play.containerSpec(name, attempt)));
        return ((RuntimeReply.ContainerCreated) reply).containerId();
    }

    private RuntimeReply.ContainerStatus container(String id) {
        var pod = ((RuntimeReply.Pod) call(new RuntimeCall.InspectPod("uid"))).pod();
        return pod.containers().stream()
                .filter(container -> container.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private RuntimeReply call(RuntimeCall call) {
        return play.call(call);
    }
}
