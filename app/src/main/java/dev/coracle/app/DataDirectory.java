// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// The directory that is one node: who names it, names the node. Only the files by which processes
/// find one another are known here.
record DataDirectory(Path root) {

    /// Client configuration with the keys to everything; mode 0600.
    Path kubeconfig() {
        return root.resolve("kubeconfig");
    }

    /// What a detached node says.
    Path log() {
        return root.resolve("coracle.log");
    }

    /// Holds the process id of the node; locked as long as that process lives.
    private Path pidFile() {
        return root.resolve("coracle.pid");
    }

    /// There once the node answers; holds the address of its API.
    private Path readyFile() {
        return root.resolve("ready");
    }

    /// Left by `coracle down` to have pods stopped as well.
    private Path downRequest() {
        return root.resolve("down-requested");
    }

    boolean exists() {
        return Files.isDirectory(root);
    }

    /// For root only: everything about the node is in it.
    void create() throws IOException {
        Files.createDirectories(
                root,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /// Makes this process the node's, until the returned lock is closed.
    ///
    /// @throws IOException if another process is the node, or the directory cannot be written
    Closeable occupy() throws IOException {
        create();
        var channel =
                FileChannel.open(pidFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!lock(channel)) {
            channel.close();
            throw new IOException(
                    "%s is in use by process %s"
                            .formatted(root, Files.readString(pidFile()).strip()));
        }
        try {
            channel.truncate(0);
            channel.write(StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + "\n"));
        } catch (IOException e) {
            channel.close();
            throw new IOException("cannot write %s: %s".formatted(pidFile(), e.getMessage()), e);
        }
        Files.deleteIfExists(readyFile());
        Files.deleteIfExists(downRequest());
        return () -> {
            Files.deleteIfExists(readyFile());
            channel.truncate(0);
            channel.close();
        };
    }

    /// The process that is this node now.
    Optional<ProcessHandle> process() throws IOException {
        if (!isOccupied()) {
            return Optional.empty();
        }
        var pid = Files.readString(pidFile()).strip();
        return pid.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(pid));
    }

    private boolean isOccupied() throws IOException {
        try (var channel = FileChannel.open(pidFile(), StandardOpenOption.WRITE)) {
            return !lock(channel);
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /// Until `channel` is closed. False when somebody, this process included, has the lock.
    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    void markReady(String address) throws IOException {
        write(readyFile(), address);
    }

    /// What the operating system says of a full disk does not name the file.
    private static void write(Path file, String text) throws IOException {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IOException("cannot write %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// Whether the node answers.
    boolean isReady() {
        return Files.exists(readyFile());
    }

    void requestDown() throws IOException {
        write(downRequest(), "");
    }

    /// Whether pods are to be stopped too; asking forgets it.
    boolean takeDownRequest() throws IOException {
        return Files.deleteIfExists(downRequest());
    }
}
