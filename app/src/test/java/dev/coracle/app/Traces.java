// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.cri.ContainerdConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What a node leaves on the machine while it runs, and must not leave when it is gone.
///
/// Each trace is recognised by a name that only this node has, because others may run beside it.
record Traces(ContainerdConfig containerd) {
    private static final Path INTERFACES = Path.of("/sys/class/net");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    /// In cgroup v1 there is a hierarchy for each controller, in v2 only one.
    private static final int CGROUP_DEPTH = 2;

    /// The machine's ends of the cables to pods.
    Set<String> podInterfaces() throws IOException {
        return names(INTERFACES.resolve(containerd.bridge()).resolve("brif"));
    }

    /// A line for each process, mount, interface, control group and packet rule that is there,
    /// `interfaces` among them.
    List<String> left(Set<String> interfaces) throws IOException, InterruptedException {
        var found = new ArrayList<String>();
        processes(found);
        mounts(found);
        interfaces(interfaces, found);
        controlGroups(found);
        packetRules(found);
        return found;
    }

    private boolean isOurs(String text) {
        return text.contains(containerd.dataDir().getParent() + "/")
                || text.contains(containerd.runDir() + "/");
    }

    private void processes(List<String> found) throws IOException {
        long self = ProcessHandle.current().pid();
        for (var pid : names(Path.of("/proc"))) {
            if (pid.matches("[0-9]+") && Long.parseLong(pid) != self) {
                var line = read(Path.of("/proc", pid, "cmdline")).replace('\0', ' ');
                if (isOurs(line)) {
                    found.add("process " + pid + ": " + line);
                }
            }
        }
    }

    private void mounts(List<String> found) throws IOException {
        read(Path.of("/proc/self/mountinfo"))
                .lines()
                .filter(this::isOurs)
                .forEach(line -> found.add("mount: " + line));
    }

    private void interfaces(Set<String> interfaces, List<String> found) throws IOException {
        for (var name : names(INTERFACES)) {
            if (name.equals(containerd.bridge()) || interfaces.contains(name)) {
                found.add("interface: " + name);
            }
        }
    }

    private void controlGroups(List<String> found) throws IOException {
        var name = containerd.cgroupParent().substring(1);
        try (var directories = Files.walk(CGROUPS, CGROUP_DEPTH)) {
            directories
                    .filter(path -> path.getFileName().toString().equals(name))
                    .forEach(path -> found.add("control group: " + path));
        }
    }

    private void packetRules(List<String> found) throws IOException, InterruptedException {
        var process = new ProcessBuilder("nft", "list", "tables").redirectErrorStream(true).start();
        var tables = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("nft: " + tables);
        }
        var name = containerd.cgroupParent().substring(1);
        tables.lines()
                .filter(line -> line.contains(name))
                .forEach(line -> found.add("packet rules: " + line));
    }

    private static Set<String> names(Path directory) throws IOException {
        var names = new TreeSet<String>();
        if (Files.isDirectory(directory)) {
            try (var files = Files.newDirectoryStream(directory)) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        }
        return names;
    }

    /// Empty when it is gone, as a process may be at any time.
    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException _) {
            return "";
        } catch (IOException e) {
            if (file.startsWith("/proc")) {
                return "";
            }
            throw e;
        }
    }
}
