// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cri.ContainerdConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What a node is to this machine: processes, mounts, network interfaces and namespaces, control
/// groups, packet rules, files outside its data directory.
final class NodeTraces {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path NETWORK_NAMESPACES = Path.of("/run/netns");
    private static final Path CNI_RESULTS = Path.of("/var/lib/cni/results");

    private final Path directory;
    private final ContainerdConfig config;
    private final Set<Path> networkNamespaces = new TreeSet<>();

    NodeTraces(Path directory) {
        this.directory = directory;
        this.config = LocalNodes.containerdConfig(directory);
    }

    /// Remembers the names of the network namespaces that pods are in now: nothing else of them
    /// tells whose they are.
    void noteNetworkNamespaces() throws IOException {
        var inodes = new HashSet<Object>();
        for (var group : cgroups()) {
            for (var process : processesBelow(group)) {
                inode(Path.of("/proc", process, "ns/net")).forEach(inodes::add);
            }
        }
        inode(Path.of("/proc/self/ns/net")).forEach(inodes::remove);
        for (var namespace : list(NETWORK_NAMESPACES)) {
            if (inode(namespace).anyMatch(inodes::contains)) {
                networkNamespaces.add(namespace);
            }
        }
    }

    Set<Path> networkNamespaces() {
        return Set.copyOf(networkNamespaces);
    }

    private static Stream<Object> inode(Path file) {
        try {
            return Stream.of(Files.getAttribute(file, "unix:ino"));
        } catch (IOException _) {
            return Stream.empty(); // gone meanwhile
        }
    }

    private static List<String> processesBelow(Path group) throws IOException {
        var processes = new ArrayList<String>();
        try (var files = Files.walk(group)) {
            for (var file : files.filter(file -> file.endsWith("cgroup.procs")).toList()) {
                processes.addAll(Files.readAllLines(file));
            }
        } catch (NoSuchFileException | java.io.UncheckedIOException _) {
            // a group that ended meanwhile
        }
        return processes;
    }

    /// In every hierarchy, and in the only one.
    private List<Path> cgroups() throws IOException {
        var name = config.cgroupParent().substring(1);
        var groups = new ArrayList<Path>();
        for (var hierarchy : list(CGROUPS)) {
            groups.add(hierarchy.resolve(name));
        }
        groups.add(CGROUPS.resolve(name));
        groups.removeIf(group -> !Files.isDirectory(group));
        return groups;
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    /// All there is of the node now, one line each.
    List<String> all() throws IOException, InterruptedException {
        var found = new ArrayList<String>();
        for (var line : processes()) {
            found.add("process " + line);
        }
        for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            if (isOurs(line)) {
                found.add("mount " + line);
            }
        }
        cgroups().forEach(group -> found.add("control group " + group));
        var bridge = Path.of("/sys/class/net", config.bridge());
        if (Files.exists(bridge)) {
            found.add("interface " + bridge);
        }
        networkNamespaces.stream()
                .filter(Files::exists)
                .forEach(namespace -> found.add("network namespace " + namespace));
        packetRules().forEach(table -> found.add("packet rules " + table));
        for (var result : list(CNI_RESULTS)) {
            if (result.getFileName().toString().startsWith(network())) {
                found.add("network plug-in result " + result);
            }
        }
        if (Files.exists(config.runDir())) {
            found.add("directory " + config.runDir());
        }
        return found;
    }

    private List<String> processes() {
        return ProcessHandle.allProcesses()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                .map(NodeTraces::words)
                .filter(this::isOurs)
                .toList();
    }

    private static String words(Path cmdline) {
        try {
            return Files.readString(cmdline).replace('\0', ' ');
        } catch (IOException _) {
            return ""; // gone meanwhile
        }
    }

    private boolean isOurs(String line) {
        return line.contains(directory.toString()) || line.contains(config.runDir().toString());
    }

    /// Also the name of its table of packet rules.
    private String network() {
        return config.cgroupParent().substring(1);
    }

    /// `table ip NAME` for each of its tables.
    List<String> packetRules() throws IOException, InterruptedException {
        var process = new ProcessBuilder("nft", "list", "tables").start();
        try (var lines = process.inputReader()) {
            var ours = lines.lines().filter(line -> line.contains(network())).toList();
            process.waitFor();
            return ours;
        }
    }

    /// Kills everything in one container.
    void killProcessesOf(String containerId) throws IOException {
        var killed = 0;
        for (var process : processesIn(containerId)) {
            ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
            killed++;
        }
        assertThat(killed).as("processes in container %s", containerId).isPositive();
    }

    /// Kills the sandbox around one container, and the container with it.
    void killSandboxOf(String containerId) throws IOException {
        var process = ProcessHandle.of(processesIn(containerId).getFirst()).orElseThrow();
        var shim = process.parent().orElseThrow();
        assertThat(words(Path.of("/proc", Long.toString(shim.pid()), "cmdline")))
                .contains("containerd-shim");
        shim.children().forEach(ProcessHandle::destroyForcibly);
    }

    /// The first process of a container before those that it started.
    private List<Long> processesIn(String containerId) throws IOException {
        for (var group : cgroups()) {
            try (var below = Files.walk(group)) {
                var its = below.filter(directory -> directory.endsWith(containerId)).findFirst();
                if (its.isPresent()) {
                    return Files.readAllLines(its.get().resolve("cgroup.procs")).stream()
                            .map(Long::valueOf)
                            .sorted()
                            .toList();
                }
            }
        }
        return List.of();
    }

    /// How many pods the runtime has: each has one shim.
    long pods() {
        return processes().stream()
                .filter(line -> line.contains("containerd-shim-runc-v2 "))
                .count();
    }

    /// The process ids of this node's containerd.
    List<ProcessHandle> containerds() {
        return ProcessHandle.allProcesses()
                .filter(
                        process ->
                                words(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                                        .contains(
                                                "containerd --config "
                                                        + config.runDir()
                                                                .resolve("containerd.toml")))
                .toList();
    }
}
