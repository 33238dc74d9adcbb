// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.disk.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Takes away what containers leave on a machine: processes, mounts, control groups, files.
final class Leftovers {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Leftovers() {}

    /// Unmounts everything below `directory`, the deepest first.
    static void unmountBelow(Path directory) throws IOException, InterruptedException {
        for (var mount : Trees.mountsIn(directory)) {
            if (Command.run("umount", mount.toString()).failed()) {
                Command.run("umount", "--lazy", mount.toString()).orThrow();
            }
        }
    }

    /// Ends every shim whose work is below `state`, and with it its containers: that of a sandbox
    /// which containerd could not be asked to remove.
    static void killShims(String socket) {
        var shims =
                ProcessHandle.allProcesses().filter(process -> isShimOf(process, socket)).toList();
        shims.forEach(
                shim -> {
                    shim.children().forEach(ProcessHandle::destroyForcibly);
                    shim.destroyForcibly();
                });
        shims.forEach(Leftovers::await);
    }

    private static boolean isShimOf(ProcessHandle process, String socket) {
        var line = commandLine(process.pid());
        return line != null
                && line.getFirst().endsWith("containerd-shim-runc-v2")
                && line.contains(socket);
    }

    /// The words with which a process was started; null when it is gone.
    static @Nullable List<String> commandLine(long pid) {
        try {
            var text = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
            return text.isEmpty() ? null : List.of(text.split("\0", -1));
        } catch (IOException e) {
            return null;
        }
    }

    /// Waits until a process is gone, at most some seconds. Returns whether it is.
    static boolean await(ProcessHandle process) {
        try {
            process.onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return !process.isAlive();
        }
    }

    /// Removes the control group `name` (`/coracle-x`) and those below it from every hierarchy.
    /// They hold no process any more.
    static void removeCgroups(String name) throws IOException {
        var relative = name.substring(1);
        var roots = new ArrayList<Path>();
        roots.add(CGROUPS.resolve(relative));
        try (var hierarchies = Files.newDirectoryStream(CGROUPS)) {
            hierarchies.forEach(hierarchy -> roots.add(hierarchy.resolve(relative)));
        }
        for (var root : roots) {
            if (Files.isDirectory(root)) {
                removeCgroupTree(root);
            }
        }
    }

    /// A control group is removed as a directory, though its files cannot be.
    private static void removeCgroupTree(Path root) throws IOException {
        try (var groups = Files.walk(root)) {
            for (var group :
                    groups.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(group);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
