// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus.State;
import dev.coracle.disk.Trees;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PrivateContainerdTest {

    @Test
    void itOutlivesItsClientAndIsTakenOver() throws Exception {
        var bench = Bench.start();
        try {
            var pod = bench.run("adopted", "exec sleep 1000");
            var before = bench.inspect(pod);
            long pid = bench.containerd().pid();

            bench.startAnew();

            assertThat(bench.containerd().pid()).isEqualTo(pid);
            assertThat(bench.inspect(pod)).isEqualTo(before);
        } finally {
            bench.close();
        }
    }

    @Test
    void itIsTakenOverThoughItsProcessIdWasNeverNoted() throws Exception {
        var bench = Bench.start();
        try {
            long pid = bench.containerd().pid();
            Files.delete(bench.config().pidFile()); // killed between starting it and noting it

            bench.startAnew();

            assertThat(bench.containerd().pid()).isEqualTo(pid);
        } finally {
            bench.close();
        }
    }

    @Test
    void lettingGoOfOneThatIsNotUsedEndsIt() throws Exception {
        var bench = Bench.start();
        try {
            var pod = bench.run("user", "exec sleep 1000");
            var process = ProcessHandle.of(bench.containerd().pid()).orElseThrow();

            bench.containerd().closeUnlessUsed();
            assertThat(process.isAlive()).isTrue();

            bench.startAnew();
            bench.remove(pod);
            bench.containerd().closeUnlessUsed();
            assertThat(process.isAlive()).isFalse();
            assertThat(bench.config().runDir()).doesNotExist();
        } finally {
            bench.startAnew();
            bench.close();
        }
    }

    @Test
    void itIsStartedAgainWhenItDiesAndContainersGoOn() throws Exception {
        var bench = Bench.start();
        try {
            var pod = bench.run("survivor", "exec sleep 1000");
            var before = bench.inspect(pod);
            long pid = bench.containerd().pid();

            ProcessHandle.of(pid).orElseThrow().destroyForcibly();

            Bench.await("another process", () -> bench.containerd().pid() != pid);
            Bench.await(
                    "an answer",
                    () ->
                            bench.runtime().perform(new RuntimeCall.ListPods())
                                    instanceof RuntimeReply.Pods);
            assertThat(bench.inspect(pod)).isEqualTo(before);
            assertThat(bench.inspect(pod).containers().getFirst().state()).isEqualTo(State.RUNNING);
        } finally {
            bench.close();
        }
    }

    @Test
    void whatDiedWithItIsStartedAnewOnTheSameRoot() throws Exception {
        var bench = Bench.start();
        try {
            var pod = bench.run("kept", "exec sleep 1000");
            var before = bench.inspect(pod);
            bench.containerd().close();
            var process = ProcessHandle.of(bench.containerd().pid()).orElseThrow();
            process.destroyForcibly();
            Leftovers.await(process);

            bench.startAnew();

            assertThat(bench.inspect(pod)).isEqualTo(before);
        } finally {
            bench.close();
        }
    }

    @Test
    void tearingDownLeavesNothing() throws Exception {
        var before = machine();
        var bench = Bench.start();
        bench.run("left-one", "exec sleep 1000");
        bench.run("left-two", "exec sleep 1000");
        var config = bench.config();
        assertThat(machine()).isNotEqualTo(before).contains("link " + config.bridge());

        bench.close();

        assertThat(ours(machine(), config)).isEmpty();
        assertThat(config.runDir()).doesNotExist();
    }

    @Test
    void sweepingTakesAwayWhatADeadContainerdLeft() throws Exception {
        var bench = Bench.start();
        try {
            var pod = bench.run("orphan", "exec sleep 1000");
            assertThat(machine()).anyMatch(thing -> thing.contains(pod.sandboxId()));
            bench.containerd().close();
            var process = ProcessHandle.of(bench.containerd().pid()).orElseThrow();
            process.destroyForcibly();
            Leftovers.await(process);

            PrivateContainerd.sweep(bench.config(), Installation.find(System.getenv("PATH")));

            assertThat(machine()).noneMatch(thing -> thing.contains(pod.sandboxId()));
            assertThat(ours(machine(), bench.config())).isEmpty();
        } finally {
            Trees.delete(bench.directory());
        }
    }

    /// Everything on this machine that containers are made of.
    private static TreeSet<String> machine() throws Exception {
        var things = new TreeSet<String>();
        for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            things.add("mount " + line.split(" ", -1)[4]);
        }
        addNames(things, "link ", Path.of("/sys/class/net"));
        addNames(things, "result ", Path.of("/var/lib/cni/results"));
        for (var hierarchy : List.of("/sys/fs/cgroup", "/sys/fs/cgroup/memory")) {
            addNames(things, "cgroup ", Path.of(hierarchy));
        }
        Command.run("nft", "list", "tables").output().lines().forEach(things::add);
        ProcessHandle.allProcesses()
                .map(process -> Leftovers.commandLine(process.pid()))
                .filter(line -> line != null && line.getFirst().contains("containerd"))
                .forEach(line -> things.add("process " + line));
        return things;
    }

    private static void addNames(TreeSet<String> things, String kind, Path directory)
            throws IOException {
        if (Files.isDirectory(directory)) {
            try (var names = Files.list(directory)) {
                names.forEach(name -> things.add(kind + name.getFileName()));
            }
        }
    }

    /// Other tests and programs may come and go meanwhile: what carries our names counts.
    private static List<String> ours(TreeSet<String> things, ContainerdConfig config) {
        var directory = config.runDir().getParent().toString();
        return things.stream()
                .filter(
                        thing ->
                                thing.contains(directory)
                                        || thing.contains(config.bridge())
                                        || thing.contains(config.network()))
                .toList();
    }

    @Test
    void podsReachOneAnotherByAddress() throws Exception {
        var bench = Bench.start();
        try {
            var server =
                    bench.run(
                            "server",
                            "mkdir /tmp/www; echo hi > /tmp/www/index.html; exec httpd -f -p 8080 -h"
                                    + " /tmp/www");
            var client = bench.run("client", "exec sleep 1000");
            var ip = bench.inspect(server).sandboxes().getFirst().ips().getFirst();

            Bench.await(
                    "the page",
                    () ->
                            bench.runtime()
                                    .perform(
                                            new RuntimeCall.ExecSync(
                                                    client.containerId(),
                                                    List.of(
                                                            "wget",
                                                            "-q",
                                                            "-O-",
                                                            "http://" + ip + ":8080/"),
                                                    Duration.ofSeconds(5)))
                                    .equals(new RuntimeReply.ExecResult(0, "hi\n")));
        } finally {
            bench.close();
        }
    }

    @Test
    void streamsAreOfferedOnLoopback() throws Exception {
        var bench = Bench.start();
        try {
            var pod = bench.run("streams", "exec sleep 1000");
            var options =
                    new CriRuntime.ExecOptions(
                            pod.containerId(), List.of("sh"), true, true, true, false);

            for (var address :
                    List.of(
                            bench.runtime().exec(options),
                            bench.runtime().attach(options),
                            bench.runtime().portForward(pod.sandboxId(), List.of(80)))) {
                assertThat(address.getHost()).isEqualTo("127.0.0.1");
                var connection = (HttpURLConnection) address.toURL().openConnection();
                // A ticket is honoured, though a plain GET asks for no protocol it could stream by.
                assertThat(connection.getResponseCode()).isNotEqualTo(404);
                connection.disconnect();
            }
        } finally {
            bench.close();
        }
    }

    @Test
    void itSaysWhoItIsAndThatItIsReady() throws Exception {
        var bench = Bench.start();
        try {
            assertThat(bench.runtime().version(Duration.ofSeconds(5)).name())
                    .isEqualTo("containerd");
            assertThat(bench.runtime().status())
                    .isEqualTo(new CriRuntime.RuntimeStatus(true, true, ""));
        } finally {
            bench.close();
        }
    }
}
