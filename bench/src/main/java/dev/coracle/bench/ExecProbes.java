// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.cri.CriRuntime;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Measures what commands in containers cost that are run as probes are: 100 containers, each
/// asked every 5 s, evenly spread. Prints how long an answer takes and whose processor time goes
/// into it, ours or the runtime's.
///
/// A program of its own, with the launcher as argument; takes a minute.
public final class ExecProbes {
    private static final int PODS = 20;
    private static final int CONTAINERS_EACH = 5;
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration MEASURED = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final CriRuntime runtime;
    private final Path data;
    private final PrintStream out;
    private final AtomicInteger failures = new AtomicInteger();
    private volatile Samples latencies = new Samples();

    private ExecProbes(CriRuntime runtime, Path data, PrintStream out) {
        this.runtime = runtime;
        this.data = data;
        this.out = out;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        var scratch = Files.createTempDirectory("coracle-bench-");
        var data = scratch.resolve("exec");
        try (var node = NodeProcess.start(Bench.launcher(args), data);
                var api = node.awaitReady()) {
            Bench.awaitNodeReady(node, api);
            try (var runtime = CriRuntime.open(Bench.socket(data))) {
                new ExecProbes(runtime, data, System.out).run();
            }
        }
    }

    private void run() throws IOException, InterruptedException {
        var containers =
                new CriFloor(runtime, Bench.IMAGE, data.resolve("exec-logs"))
                        .start("exec", PODS, CONTAINERS_EACH);
        try (var timers = Executors.newSingleThreadScheduledExecutor()) {
            schedule(containers, timers);
            Thread.sleep(WARM_UP);
            latencies = new Samples();
            var before = Shares.now(data);
            Thread.sleep(MEASURED);
            var spent = Shares.now(data).minus(before);
            timers.shutdownNow();
            report(spent);
        }
    }

    private void schedule(List<String> containers, ScheduledExecutorService timers) {
        long step = PERIOD.toNanos() / containers.size();
        for (int i = 0; i < containers.size(); i++) {
            var call =
                    new RuntimeCall.ExecSync(
                            containers.get(i), List.of("cat", "/etc/passwd"), TIMEOUT);
            var _ =
                    timers.scheduleAtFixedRate(
                            () -> ask(call), i * step, PERIOD.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void ask(RuntimeCall.ExecSync call) {
        long begun = System.nanoTime();
        runtime.perform(
                call,
                reply -> {
                    latencies.add(Duration.ofNanos(System.nanoTime() - begun));
                    if (!(reply instanceof RuntimeReply.ExecResult(int exitCode, _))
                            || exitCode != 0) {
                        failures.incrementAndGet();
                    }
                });
    }

    private void report(Shares spent) {
        int count = latencies.count();
        out.printf(
                "%d exec probes of period %d s, %d s: answer %s, %d failed%n",
                PODS * CONTAINERS_EACH,
                PERIOD.toSeconds(),
                MEASURED.toSeconds(),
                latencies,
                failures.get());
        out.printf(
                "processor time: this process %.1f %% of a core (%.2f ms a probe), containerd %.1f"
                        + " %%, shims and commands %.1f %%; runtime together %.2f ms a probe%n",
                percent(spent.ours()),
                millis(spent.ours(), count),
                percent(spent.containerd()),
                percent(spent.shims()),
                millis(spent.containerd().plus(spent.shims()), count));
    }

    private static double percent(Duration cpu) {
        return 100.0 * cpu.toMillis() / MEASURED.toMillis();
    }

    private static double millis(Duration cpu, int count) {
        return (double) cpu.toMillis() / Math.max(count, 1);
    }

    /// Processor time so far: of this process, of containerd, and of the shims with all that they
    /// have run.
    private record Shares(Duration ours, Duration containerd, Duration shims) {
        static Shares now(Path data) throws IOException {
            var directory = Bench.socket(data).resolveSibling("").toString();
            var containerd = Duration.ZERO;
            var shims = Duration.ZERO;
            for (var process : ProcessHandle.allProcesses().toList()) {
                var line = ProcessFigures.commandLine(process.pid());
                if (!line.contains(directory)) {
                    continue;
                }
                var cpu = ProcessFigures.cpuWithChildren(process.pid());
                if (line.contains("containerd-shim")) {
                    shims = shims.plus(cpu);
                } else if (line.contains("--config")) {
                    containerd = containerd.plus(cpu);
                }
            }
            var ours = ProcessFigures.cpuWithChildren(ProcessHandle.current().pid());
            return new Shares(ours, containerd, shims);
        }

        Shares minus(Shares before) {
            return new Shares(
                    ours.minus(before.ours),
                    containerd.minus(before.containerd),
                    shims.minus(before.shims));
        }
    }
}
