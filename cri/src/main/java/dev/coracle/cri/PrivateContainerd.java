// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.disk.Trees;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A containerd of our own: its root, state, socket and pod network are nobody else's.
///
/// It outlives us. Ending without [#tearDown] leaves it and its containers running, and the next
/// [#start] with the same configuration takes it over. Should it die, it is started again on the
/// same root; containers have parents of their own (shims) and go on meanwhile.
public final class PrivateContainerd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateContainerd.class);
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(5);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(10);

    /// A process that ran this long has not failed at once: the next back-off is short again.
    private static final Duration STABLE = Duration.ofMinutes(1);

    private final ContainerdConfig config;
    private final Installation installation;
    private final Surroundings surroundings;
    private final PodNetwork network;
    private final CriRuntime runtime;
    private final Thread supervisor;
    private volatile ProcessHandle process;
    private volatile boolean closed;

    private PrivateContainerd(
            ContainerdConfig config,
            Installation installation,
            Surroundings surroundings,
            CriRuntime runtime,
            ProcessHandle process) {
        this.config = config;
        this.installation = installation;
        this.surroundings = surroundings;
        this.network = new PodNetwork(config, installation);
        this.runtime = runtime;
        this.process = process;
        this.supervisor = Thread.ofVirtual().name("containerd").unstarted(this::supervise);
    }

    /// Starts containerd, or takes over the one that still runs, and returns once it answers.
    ///
    /// @throws IOException if it cannot be started or does not answer; the message holds the last
    ///     lines of its log
    public static PrivateContainerd start(ContainerdConfig config, Installation installation)
            throws IOException, InterruptedException {
        return start(config, installation, true);
    }

    /// Does the same for who only has to do with images: the network of pods is left as it is.
    ///
    /// @throws IOException if it cannot be started or does not answer; the message holds the last
    ///     lines of its log
    public static PrivateContainerd startForImages(
            ContainerdConfig config, Installation installation)
            throws IOException, InterruptedException {
        return start(config, installation, false);
    }

    private static PrivateContainerd start(
            ContainerdConfig config, Installation installation, boolean forPods)
            throws IOException, InterruptedException {
        Files.createDirectories(config.root());
        Files.createDirectories(config.runDir());
        var running = running(config);
        var surroundings = Surroundings.detect(config.root());
        if (running == null) {
            write(config, installation, surroundings);
        }
        if (running == null || forPods) {
            writeNetwork(config);
        }
        var process = running == null ? launch(config, installation) : running;
        var runtime = CriRuntime.ofPrivate(config.socket(), config.cgroupParent());
        var containerd =
                new PrivateContainerd(config, installation, surroundings, runtime, process);
        try {
            if (forPods) {
                containerd.network.open();
            }
            containerd.awaitReady();
        } catch (IOException | InterruptedException | RuntimeException e) {
            runtime.close();
            process.destroy();
            throw e;
        }
        containerd.supervisor.start();
        return containerd;
    }

    private static void write(
            ContainerdConfig config, Installation installation, Surroundings surroundings)
            throws IOException {
        Files.createDirectories(config.registryDirectory());
        Files.writeString(config.configFile(), config.toml(installation, surroundings));
        var hosts = config.defaultHosts();
        var defaultRegistry = config.registryDirectory().resolve("_default");
        if (hosts == null) {
            Trees.delete(defaultRegistry);
        } else {
            Files.createDirectories(defaultRegistry);
            Files.writeString(defaultRegistry.resolve("hosts.toml"), hosts);
        }
    }

    /// A containerd that runs reads this again when it changes.
    private static void writeNetwork(ContainerdConfig config) throws IOException {
        Files.createDirectories(config.cniConfigDirectory());
        Files.writeString(
                config.cniConfigDirectory().resolve("10-coracle.conflist"), config.cniConfigList());
    }

    /// The containerd that an earlier run of ours left, null when there is none.
    private static @Nullable ProcessHandle running(ContainerdConfig config) throws IOException {
        if (Files.exists(config.pidFile())) {
            var text = Files.readString(config.pidFile()).strip();
            if (text.matches("[0-9]{1,10}")) {
                var noted = ProcessHandle.of(Long.parseLong(text)).filter(it -> isOurs(it, config));
                if (noted.isPresent()) {
                    return noted.get();
                }
            }
        }
        // We may have been killed after starting it and before noting it.
        return ProcessHandle.allProcesses().filter(it -> isOurs(it, config)).findAny().orElse(null);
    }

    /// Process ids are used again: only a process that was given our file is ours.
    private static boolean isOurs(ProcessHandle process, ContainerdConfig config) {
        var line = Leftovers.commandLine(process.pid());
        return line != null
                && line.containsAll(List.of("--config", config.configFile().toString()));
    }

    private static ProcessHandle launch(ContainerdConfig config, Installation installation)
            throws IOException {
        Files.deleteIfExists(config.socket());
        // A session of its own, so that Ctrl-C at our terminal is not its end.
        var process =
                new ProcessBuilder(
                                "setsid",
                                installation.containerd().toString(),
                                "--config",
                                config.configFile().toString())
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(config.logFile().toFile()))
                        .start();
        Files.writeString(config.pidFile(), Long.toString(process.pid()));
        return process.toHandle();
    }

    private void awaitReady() throws IOException, InterruptedException {
        for (long waited = 0; waited < READY_WITHIN.toMillis(); waited += POLL.toMillis()) {
            if (Files.exists(config.socket()) && answers()) {
                return;
            }
            if (!process.isAlive()) {
                throw new IOException("containerd ended at once: " + lastOfLog());
            }
            Thread.sleep(POLL);
        }
        throw new IOException("containerd does not answer: " + lastOfLog());
    }

    private boolean answers() {
        try {
            runtime.version(Duration.ofSeconds(5));
            return true;
        } catch (StatusRuntimeException e) {
            runtime.reconnect();
            return false;
        }
    }

    private String lastOfLog() throws IOException {
        var lines = Files.readAllLines(config.logFile());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }

    private void supervise() {
        var backOff = FIRST_BACK_OFF;
        try {
            while (!closed) {
                boolean stable = !endsWithin(process, STABLE);
                if (stable) {
                    backOff = FIRST_BACK_OFF;
                    process.onExit().get();
                }
                if (closed) {
                    return;
                }
                LOG.warn(
                        "containerd ended (see {}); starting it again in {} ms",
                        config.logFile(),
                        backOff.toMillis());
                Thread.sleep(backOff);
                backOff = min(backOff.multipliedBy(2), LONGEST_BACK_OFF);
                startAgain();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for containerd's end", e);
        }
    }

    private void startAgain() throws InterruptedException {
        try {
            process = launch(config, installation);
            awaitReady();
        } catch (IOException e) {
            LOG.error("containerd cannot be started again: {}", e.getMessage());
        }
    }

    private static boolean endsWithin(ProcessHandle process, Duration duration)
            throws InterruptedException, ExecutionException {
        try {
            process.onExit().get(duration.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /// The client of this containerd; closed with it.
    public CriRuntime runtime() {
        return runtime;
    }

    /// Reads image archives into this containerd.
    public ImageImport imageImport() {
        return new ImageImport(
                installation.ctr(), config.socket(), surroundings.snapshotter(), runtime.images());
    }

    /// Assembles and imports the sandbox image and the toolbox, this under each of `toolboxNames`,
    /// as far as they are not there yet.
    ///
    /// @throws IOException naming the package that is not installed
    public void provideStandIns(List<String> toolboxNames)
            throws IOException, InterruptedException {
        var images = runtime.images();
        var archive = Files.createTempFile(config.runDir(), "stand-in-", ".tar");
        try {
            if (!images.present(config.sandboxImage())) {
                StandInImages.writeSandbox(archive, List.of(config.sandboxImage()));
                imageImport().load(archive);
            }
            if (!toolboxNames.stream().allMatch(images::present)) {
                StandInImages.writeToolbox(archive, toolboxNames);
                imageImport().load(archive);
            }
        } finally {
            Files.delete(archive);
        }
    }

    public ContainerdConfig config() {
        return config;
    }

    public Surroundings surroundings() {
        return surroundings;
    }

    /// The id of containerd's process, a new one after it was started again.
    public long pid() {
        return process.pid();
    }

    /// Ends every pod and containerd itself, and takes away what they made on this machine:
    /// processes, mounts, control groups, the bridge, packet rules and everything in the run
    /// directory. Images stay in the data directory.
    ///
    /// @throws IOException naming what could not be taken away
    public void tearDown() throws IOException, InterruptedException {
        removePods();
        stopSupervising();
        supervisor.join();
        runtime.close();
        process.destroy();
        if (!Leftovers.await(process)) {
            process.destroyForcibly();
            Leftovers.await(process);
        }
        sweep(config, network);
    }

    /// Does the same for a node whose containerd may be dead, after a reboot for instance.
    public static void sweep(ContainerdConfig config, Installation installation)
            throws IOException, InterruptedException {
        var process = running(config);
        if (process != null) {
            start(config, installation, false).tearDown();
            return;
        }
        sweep(config, new PodNetwork(config, installation));
    }

    private static void sweep(ContainerdConfig config, PodNetwork network)
            throws IOException, InterruptedException {
        Leftovers.killShims(config.socket().toString());
        Leftovers.unmountBelow(config.runDir());
        Leftovers.unmountBelow(config.root());
        Leftovers.removeCgroups(config.cgroupParent());
        network.close();
        Trees.delete(config.runDir());
    }

    private void removePods() throws InterruptedException {
        var removals = new ArrayList<Thread>();
        for (var sandboxId : runtime.sandboxIds()) {
            removals.add(Thread.startVirtualThread(() -> runtime.removePod(sandboxId)));
        }
        for (var removal : removals) {
            removal.join();
        }
    }

    private void stopSupervising() {
        closed = true;
        supervisor.interrupt();
    }

    /// Ends containerd if no pod is in it; else lets go of it, as [#close] does.
    ///
    /// @throws IOException naming what could not be taken away
    public void closeUnlessUsed() throws IOException, InterruptedException {
        if (runtime.sandboxIds().isEmpty()) {
            tearDown();
        } else {
            close();
        }
    }

    /// Lets go of containerd, which goes on running with its containers.
    @Override
    public void close() {
        stopSupervising();
        runtime.close();
    }
}
