// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.Kubelet;
import dev.coracle.core.kubelet.KubeletConfig;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.Lookup;
import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.core.kubelet.Prober;
import dev.coracle.cri.GrpcHealth;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Closing;
import dev.coracle.host.loop.Mailbox;
import dev.coracle.host.loop.Workers;
import dev.coracle.host.probe.NetworkProber;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How late probes are, and what they cost: the kubelet with a thousand pods that are probed every
/// second over HTTP, its mailbox, alarms and prober as in a real node; the server is another
/// process, and the containers are pretended.
///
/// A probe's lateness is from when it is due to when its request has arrived.
public final class ProbeAccuracy {
    private static final int TARGETS = 1_000;
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration WARM_UP = Duration.ofSeconds(30);
    private static final Duration MEASURED = Duration.ofSeconds(20);

    private final PrintStream out;
    private final Closing closing = new Closing();
    private final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile Samples lateness = new Samples();

    /// Which instant each pod was last woken for.
    private final Map<String, Instant> ticks = new ConcurrentHashMap<>();

    ProbeAccuracy(PrintStream out) {
        this.out = out;
    }

    /// This alone, for looking at it with a profiler.
    public static void main(String[] args) throws IOException, InterruptedException {
        new ProbeAccuracy(System.out).run();
    }

    void run() throws IOException, InterruptedException {
        try (closing) {
            int port = startTarget();
            var idle = proportionalMemory();
            start(port);
            Thread.sleep(WARM_UP);
            var measured = new Samples();
            lateness = measured;
            failures.set(0);
            long before = system.getProcessCpuTime();
            Thread.sleep(MEASURED);
            var cpu = Duration.ofNanos(system.getProcessCpuTime() - before);
            lateness = new Samples();
            report(measured, cpu, idle);
        }
    }

    private void report(Samples measured, Duration cpu, long idleBytes) throws IOException {
        int probes = Math.max(1, measured.count());
        out.printf(
                "%d HTTP probes a second, lateness: %s, %d failed%n",
                TARGETS, measured.tenths(), failures.get());
        out.printf(
                "CPU per 1,000 probes: %.0f ms (%.2f of a core); memory: %d MiB PSS, %d before%n",
                cpu.toNanos() / 1e6 * 1_000 / probes,
                (double) cpu.toNanos() / MEASURED.toNanos(),
                proportionalMemory() >> 20,
                idleBytes >> 20);
    }

    private static long proportionalMemory() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/smaps_rollup"))) {
            if (line.startsWith("Pss:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }

    private int startTarget() throws IOException {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ProbeTarget.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        closing.add(process::destroy);
        var line =
                new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.US_ASCII))
                        .readLine();
        if (line == null) {
            throw new IOException("the target of the probes did not start");
        }
        return Integer.parseInt(line);
    }

    /// The kubelet, with a pod for each target; pods come one after the other, so that the probes
    /// are spread over the period.
    private void start(int port) {
        var clock = InstantSource.system();
        var alarms = closing.add(new Alarms(clock));
        var grpc = closing.add(new GrpcHealth());
        var prober = closing.add(new NetworkProber(alarms, grpc::check));
        var runtime = new StillRuntime(clock);
        var mailbox =
                new Mailbox<KubeletInput, KubeletOutput>(
                        new Kubelet(config(), new NothingElse(), new Random(1)),
                        (output, tell) -> carryOut(output, tell, alarms, prober, runtime),
                        clock);
        mailbox.start("kubelet", closing.add(new Workers(Throwable::printStackTrace)));
        mailbox.tell(new KubeletInput.Started(List.of(), List.of()));
        for (int i = 0; i < TARGETS; i++) {
            var pod = pod("pod-" + i, port);
            alarms.in(
                    PERIOD.multipliedBy(i).dividedBy(TARGETS),
                    () -> mailbox.tell(new KubeletInput.PodChanged(pod)));
        }
    }

    private void carryOut(
            KubeletOutput output,
            Consumer<KubeletInput> tell,
            Alarms alarms,
            Prober prober,
            StillRuntime runtime) {
        switch (output) {
            case KubeletOutput.Call(long id, var call) ->
                    tell.accept(new KubeletInput.Reply(id, runtime.answer(call)));
            case KubeletOutput.PrepareVolumes(var uid, _) ->
                    tell.accept(new KubeletInput.VolumesPrepared(uid, Map.of()));
            case KubeletOutput.WriteFiles(long id, _, _) ->
                    tell.accept(new KubeletInput.FilesWritten(id, null));
            case KubeletOutput.WakeAt(var uid, var at) ->
                    alarms.at(
                            at,
                            () -> {
                                ticks.put(uid, at);
                                tell.accept(new KubeletInput.Tick(uid));
                            });
            case KubeletOutput.Probe(long id, var call) ->
                    probe(call, prober, reply -> tell.accept(new KubeletInput.Probed(id, reply)));
            case KubeletOutput.WriteStatus _,
                    KubeletOutput.DeletePod _,
                    KubeletOutput.RecordEvent _,
                    KubeletOutput.RemovePodDirectory _ -> {}
        }
    }

    private void probe(ProbeCall call, Prober prober, Consumer<ProbeReply> reply) {
        var uid = ((ProbeCall.HttpGet) call).path().substring(1);
        var due = ticks.get(uid);
        prober.perform(
                call,
                what -> {
                    if (due != null) { // else the very first, which waits for no tick
                        note(due, what);
                    }
                    reply.accept(what);
                });
    }

    private void note(Instant due, ProbeReply reply) {
        if (reply instanceof ProbeReply.Http(_, var arrived)) {
            lateness.add(
                    Duration.between(
                            due, Instant.EPOCH.plus(Long.parseLong(arrived), ChronoUnit.MICROS)));
        } else {
            failures.incrementAndGet();
        }
    }

    private static KubeletConfig config() {
        return new KubeletConfig(
                "node",
                "127.0.0.1",
                "/nowhere/logs",
                "/nowhere/pods",
                "cluster.local",
                "10.96.0.10",
                "",
                4_000,
                1L << 33,
                KubeletConfig.BackOff.UPSTREAM,
                KubeletConfig.BackOff.UPSTREAM);
    }

    /// The path of the probe is the pod's uid.
    private static JsonObject pod(String uid, int port) {
        return JsonReader.parseObject(
                """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "%1$s", "namespace": "default", "uid": "%1$s"},
                 "spec": {"nodeName": "node", "restartPolicy": "Always",
                  "containers": [{"name": "app", "image": "app",
                   "imagePullPolicy": "IfNotPresent",
                   "readinessProbe": {
                    "httpGet": {"path": "/%1$s", "port": %2$d, "scheme": "HTTP"},
                    "periodSeconds": 1, "timeoutSeconds": 1,
                    "successThreshold": 1, "failureThreshold": 3}}]},
                 "status": {"phase": "Pending"}}
                """
                        .formatted(uid, port));
    }

    /// There is nothing but pods.
    private static final class NothingElse implements Lookup {
        @Override
        public @Nullable JsonObject configMap(ObjectKey key) {
            return null;
        }

        @Override
        public @Nullable JsonObject secret(ObjectKey key) {
            return null;
        }

        @Override
        public List<JsonObject> services(String namespace) {
            return List.of();
        }
    }
}
