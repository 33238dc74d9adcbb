// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.ContainerRuntime.RuntimeEvent;
import dev.coracle.core.kubelet.ContainerSpec;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import dev.coracle.core.kubelet.SandboxSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What the kubelet relies on, whatever the runtime. Each test has a pod of its own.
abstract class ContainerRuntimeContract {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    abstract ContainerRuntime runtime();

    /// An image whose containers have a shell and the usual small tools.
    abstract String image();

    abstract Path logs(String pod) throws Exception;

    private RuntimeReply perform(RuntimeCall call) throws Exception {
        var reply = new CompletableFuture<RuntimeReply>();
        runtime().perform(call, reply::complete);
        return reply.get(2, TimeUnit.MINUTES);
    }

    private <T extends RuntimeReply> T expect(Class<T> type, RuntimeCall call) throws Exception {
        var reply = perform(call);
        assertThat(reply).as(call.toString()).isInstanceOf(type);
        return type.cast(reply);
    }

    /// A sandbox with one container in it, started.
    private record Running(SandboxSpec sandbox, String sandboxId, String containerId) {}

    private Running run(String pod, ContainerSpec container) throws Exception {
        var sandbox = Specs.sandbox(pod, logs(pod));
        var sandboxId =
                expect(RuntimeReply.SandboxRunning.class, new RuntimeCall.RunPodSandbox(sandbox))
                        .sandboxId();
        var containerId =
                expect(
                                RuntimeReply.ContainerCreated.class,
                                new RuntimeCall.CreateContainer(sandboxId, sandbox, container))
                        .containerId();
        expect(RuntimeReply.Done.class, new RuntimeCall.StartContainer(containerId));
        return new Running(sandbox, sandboxId, containerId);
    }

    private Running run(String pod, String script) throws Exception {
        return run(pod, Specs.shell("main", image(), script));
    }

    private RuntimeReply.RuntimePod inspect(Running pod) throws Exception {
        return expect(RuntimeReply.Pod.class, new RuntimeCall.InspectPod(pod.sandbox().uid()))
                .pod();
    }

    private RuntimeReply.ContainerStatus awaitExit(Running pod) throws Exception {
        Bench.await(
                "the end of " + pod.sandbox().name(),
                () -> inspect(pod).containers().getFirst().state() == State.EXITED);
        return inspect(pod).containers().getFirst();
    }

    private void remove(Running pod) throws Exception {
        expect(RuntimeReply.Done.class, new RuntimeCall.StopPodSandbox(pod.sandboxId()));
        expect(RuntimeReply.Done.class, new RuntimeCall.RemoveContainer(pod.containerId()));
        expect(RuntimeReply.Done.class, new RuntimeCall.RemovePodSandbox(pod.sandboxId()));
    }

    @Test
    void aPodRunsUntilItIsRemoved() throws Exception {
        var pod = run("runs", "exec sleep 1000");

        var seen = inspect(pod);

        assertThat(seen.namespace()).isEqualTo("default");
        assertThat(seen.name()).isEqualTo("runs");
        var sandbox = seen.sandboxes().getFirst();
        assertThat(sandbox.ready()).isTrue();
        assertThat(sandbox.ips()).hasSize(1);
        assertThat(sandbox.labels()).containsEntry("app", "runs");
        var container = seen.containers().getFirst();
        assertThat(container.state()).isEqualTo(State.RUNNING);
        assertThat(container.startedAt()).isNotNull();
        assertThat(container.name()).isEqualTo("main");
        assertThat(container.sandboxId()).isEqualTo(pod.sandboxId());

        remove(pod);

        assertThat(inspect(pod).sandboxes()).isEmpty();
        assertThat(inspect(pod).containers()).isEmpty();
    }

    @Test
    void anExitIsToldWithItsCodeAndTimes() throws Exception {
        var pod = run("exits", "exit 3");

        var status = awaitExit(pod);

        assertThat(status.exitCode()).isEqualTo(3);
        assertThat(status.reason()).isEqualTo("Error");
        assertThat(status.finishedAt()).isAfterOrEqualTo(status.startedAt());
        remove(pod);
    }

    @Test
    void aSuccessIsCalledCompleted() throws Exception {
        var pod = run("completes", "true");

        assertThat(awaitExit(pod).reason()).isEqualTo("Completed");
        remove(pod);
    }

    @Test
    void tooMuchMemoryIsCalledOomKilled() throws Exception {
        var greedy = "x=0123456789abcdef; while true; do x=$x$x; done";
        var pod = run("greedy", Specs.withMemory(Specs.shell("main", image(), greedy), 24 << 20));

        assertThat(awaitExit(pod).exitCode()).isEqualTo(137);
        Bench.await(
                "the reason",
                () -> inspect(pod).containers().getFirst().reason().equals("OOMKilled"));
        remove(pod);
    }

    @Test
    void lastWordsAreReadFromTheFile() throws Exception {
        var file = Files.createFile(logs("words").resolve("words"));
        var container =
                Specs.withMount(
                        Specs.withAnnotations(
                                Specs.shell(
                                        "main", image(), "echo -n farewell > /dev/last; exit 1"),
                                Map.of(
                                        "io.kubernetes.container.terminationMessagePath",
                                        "/dev/last")),
                        new ContainerSpec.Mount("/dev/last", file.toString(), false, "None"));

        var pod = run("words", container);

        assertThat(awaitExit(pod).message()).isEqualTo("farewell");
        remove(pod);
    }

    @Test
    void lastWordsFallBackToTheLogOfAFailure() throws Exception {
        var container =
                Specs.withAnnotations(
                        Specs.shell("main", image(), "echo it broke; exit 1"),
                        Map.of(
                                "io.kubernetes.container.terminationMessagePath",
                                "/dev/termination-log",
                                "io.kubernetes.container.terminationMessagePolicy",
                                "FallbackToLogsOnError"));

        var pod = run("logwords", container);

        assertThat(awaitExit(pod).message()).isEqualTo("it broke\n");
        remove(pod);
    }

    @Test
    void logsAreWrittenInCriFormat() throws Exception {
        var pod = run("logs", "echo $GREETING; echo oops >&2");

        var log = Path.of(awaitExit(pod).logPath());

        assertThat(log).isEqualTo(logs("logs").resolve("main.log"));
        assertThat(Files.readAllLines(log))
                .anySatisfy(line -> assertThat(line).matches("\\S+Z? stdout F hello"))
                .anySatisfy(line -> assertThat(line).matches("\\S+Z? stderr F oops"));
        remove(pod);
    }

    @Test
    void aCommandIsRunInAContainer() throws Exception {
        var pod = run("exec", "exec sleep 1000");

        var result =
                expect(
                        RuntimeReply.ExecResult.class,
                        new RuntimeCall.ExecSync(
                                pod.containerId(),
                                List.of("sh", "-c", "hostname; echo no >&2; exit 7"),
                                Duration.ofSeconds(10)));

        assertThat(result).isEqualTo(new RuntimeReply.ExecResult(7, "exec\nno\n"));
        remove(pod);
    }

    @Test
    void aCommandThatTakesTooLongIsATimeout() throws Exception {
        var pod = run("slow", "exec sleep 1000");

        var failure =
                expect(
                        Failed.class,
                        new RuntimeCall.ExecSync(
                                pod.containerId(), List.of("sleep", "100"), Duration.ofSeconds(1)));

        assertThat(failure.kind()).isEqualTo(Failed.Kind.TIMEOUT);
        Bench.await("the end of the command", () -> countOf("sleep 100", pod) == 0);
        remove(pod);
    }

    /// Such a child keeps the command's output open, for which runtimes wait.
    @Test
    void aTimeoutDoesNotWaitForChildrenOfTheCommand() throws Exception {
        var pod = run("slow-child", "exec sleep 1000");

        var failure =
                expect(
                        Failed.class,
                        new RuntimeCall.ExecSync(
                                pod.containerId(),
                                List.of("sh", "-c", "sleep 101 & sleep 102"),
                                Duration.ofMillis(500)));

        assertThat(failure.kind()).isEqualTo(Failed.Kind.TIMEOUT);
        assertThat(countOf("sleep 101", pod)).isPositive();
        remove(pod);
    }

    /// How many processes of the pod's container have this command line.
    private int countOf(String commandLine, Running pod) throws Exception {
        var result =
                expect(
                        RuntimeReply.ExecResult.class,
                        new RuntimeCall.ExecSync(
                                pod.containerId(),
                                List.of(
                                        "sh",
                                        "-c",
                                        "ps | grep -c ' ["
                                                + commandLine.charAt(0)
                                                + "]"
                                                + commandLine.substring(1)
                                                + "$' || true"),
                                Duration.ofSeconds(10)));
        return Integer.parseInt(result.output().strip());
    }

    @Test
    void stoppingAsksFirstAndKillsThen() throws Exception {
        var polite = run("polite", "trap 'exit 5' TERM; while true; do sleep 0.05; done");
        var deaf = run("deaf", "trap '' TERM; while true; do sleep 0.05; done");

        expect(
                RuntimeReply.Done.class,
                new RuntimeCall.StopContainer(polite.containerId(), Duration.ofSeconds(30)));
        expect(
                RuntimeReply.Done.class,
                new RuntimeCall.StopContainer(deaf.containerId(), Duration.ofSeconds(1)));

        assertThat(awaitExit(polite).exitCode()).isEqualTo(5);
        assertThat(awaitExit(deaf).exitCode()).isEqualTo(137);
        remove(polite);
        remove(deaf);
    }

    @Test
    void aSignalOfItsOwnStopsAContainer() throws Exception {
        var heeds = "trap 'exit 6' USR1; trap 'exit 5' TERM; while true; do sleep 0.05; done";
        var polite = run("usr1", heeds);
        var real = run("rtmin", heeds.replace("USR1", "37"));
        var deaf = run("usr1-deaf", "trap '' USR1; while true; do sleep 0.05; done");

        stop(polite, Duration.ofSeconds(30), "SIGUSR1");
        stop(real, Duration.ofSeconds(30), "SIGRTMIN+3");
        stop(deaf, Duration.ofSeconds(1), "SIGUSR1");

        assertThat(awaitExit(polite).exitCode()).isEqualTo(6);
        assertThat(awaitExit(real).exitCode()).isEqualTo(6);
        assertThat(awaitExit(deaf).exitCode()).isEqualTo(137);
        remove(polite);
        remove(real);
        remove(deaf);
    }

    @Test
    void withoutGraceAContainerIsKilledAtOnce() throws Exception {
        var heeds = "trap 'exit 6' USR1 TERM; while true; do sleep 0.05; done";
        var plain = run("at-once", heeds);
        var own = run("at-once-usr1", heeds);

        stop(plain, Duration.ZERO, "");
        stop(own, Duration.ZERO, "SIGUSR1");

        assertThat(awaitExit(plain).exitCode()).isEqualTo(137);
        assertThat(awaitExit(own).exitCode()).isEqualTo(137);
        remove(plain);
        remove(own);
    }

    private void stop(Running pod, Duration grace, String signal) throws Exception {
        expect(
                RuntimeReply.Done.class,
                new RuntimeCall.StopContainer(pod.containerId(), grace, signal));
    }

    @Test
    void whatIsGoneIsStoppedAndRemovedAlready() throws Exception {
        var none = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        for (var call :
                List.of(
                        new RuntimeCall.StopContainer(none, Duration.ofSeconds(1)),
                        new RuntimeCall.StopContainer(none, Duration.ofSeconds(1), "SIGINT"),
                        new RuntimeCall.RemoveContainer(none),
                        new RuntimeCall.StopPodSandbox(none),
                        new RuntimeCall.RemovePodSandbox(none))) {
            expect(RuntimeReply.Done.class, call);
        }
    }

    @Test
    void startingWhatIsGoneFails() throws Exception {
        var failure = expect(Failed.class, new RuntimeCall.StartContainer("no-such-container"));

        assertThat(failure.kind()).isEqualTo(Failed.Kind.NOT_FOUND);
        assertThat(failure.message()).contains("no-such-container");
    }

    @Test
    void aCommandThatDoesNotExistFailsToStart() throws Exception {
        var spec = Specs.shell("main", image(), "");
        var sandbox = Specs.sandbox("nocommand", logs("nocommand"));
        var sandboxId =
                expect(RuntimeReply.SandboxRunning.class, new RuntimeCall.RunPodSandbox(sandbox))
                        .sandboxId();
        var broken = Specs.withCommand(spec, List.of("/no/such/program"));
        var created =
                expect(
                        RuntimeReply.ContainerCreated.class,
                        new RuntimeCall.CreateContainer(sandboxId, sandbox, broken));

        var failure = expect(Failed.class, new RuntimeCall.StartContainer(created.containerId()));

        assertThat(failure.message())
                .startsWith("failed to create containerd task")
                .contains("/no/such/program");
        remove(new Running(sandbox, sandboxId, created.containerId()));
    }

    @Test
    void everyChangeIsToldOfSoon() throws Exception {
        var events = new LinkedBlockingQueue<RuntimeEvent>();
        try (var _ = runtime().watch(events::add)) {
            var pod = run("told", "read line < /dev/zero");
            drainUntilQuiet(events);
            expect(
                    RuntimeReply.Done.class,
                    new RuntimeCall.StopContainer(pod.containerId(), Duration.ZERO));

            var event = events.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);

            assertThat(event).isEqualTo(new RuntimeEvent("uid-told"));
            assertThat(inspect(pod).containers().getFirst().state()).isEqualTo(State.EXITED);
            remove(pod);
        }
    }

    private static void drainUntilQuiet(LinkedBlockingQueue<RuntimeEvent> events)
            throws InterruptedException {
        while (events.poll(1500, TimeUnit.MILLISECONDS) != null) {
            // what the beginning had to tell
        }
    }

    @Test
    void aKilledSandboxIsToldOfAndNotReady() throws Exception {
        var events = new LinkedBlockingQueue<RuntimeEvent>();
        var pod = run("killed", "exec sleep 1000");
        try (var _ = runtime().watch(events::add)) {
            drainUntilQuiet(events);
            expect(RuntimeReply.Done.class, new RuntimeCall.StopPodSandbox(pod.sandboxId()));

            assertThat(events.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isEqualTo(new RuntimeEvent("uid-killed"));
            Bench.await("the sandbox's end", () -> !inspect(pod).sandboxes().getFirst().ready());
        }
        remove(pod);
    }

    @Test
    void podsAreListedForAdoption() throws Exception {
        var one = run("list-one", "exec sleep 1000");
        var two = run("list-two", "exec sleep 1000");

        var pods = expect(RuntimeReply.Pods.class, new RuntimeCall.ListPods()).pods();

        assertThat(pods)
                .contains(inspect(one), inspect(two))
                .extracting(RuntimeReply.RuntimePod::uid)
                .isSorted();
        remove(one);
        remove(two);
    }

    @Test
    void anImageIsPresentOrAbsent() throws Exception {
        var present = expect(RuntimeReply.Image.class, new RuntimeCall.ImageStatus(image()));
        assertThat(present.ref()).startsWith("sha256:");
        assertThat(present.sizeBytes()).isPositive();

        expect(
                RuntimeReply.ImageAbsent.class,
                new RuntimeCall.ImageStatus("docker.io/library/no-such-image:1"));
    }

    @Test
    void aRegistryThatIsAwayIsToldInItsOwnWords() throws Exception {
        var failure =
                expect(
                        Failed.class,
                        new RuntimeCall.PullImage(
                                "localhost:9/none/nope:1",
                                List.of(),
                                Specs.sandbox("pull", logs("pull"))));

        assertThat(failure.message())
                .startsWith(
                        "failed to pull and unpack image \"localhost:9/none/nope:1\": failed to"
                                + " resolve ")
                .endsWith(":9: connect: connection refused");
    }
}
