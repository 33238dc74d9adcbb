// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Chooses networks that nobody on this machine uses. What is chosen is nobody else's until this is
/// closed or the process ends, although for some seconds nothing of it is to be seen: nodes that
/// are started at the same moment do not choose the same.
///
/// A claim is a lock on as many bytes of one empty file as the network has addresses, at the place
/// of the first.
final class FreeNetworks implements Closeable {
    static final Path CLAIMS = Path.of("/run/coracle.networks");

    private final List<FileLock> locks = new ArrayList<>();

    /// A process loses all its locks on a file when it closes that file for the first time, so it
    /// is kept open.
    private static @Nullable FileChannel claims;

    /// @throws IOException if all are taken
    Ipv4Network forPods() throws IOException {
        return Ipv4Network.freeForPods(LocalMachine.networks(), this::claim);
    }

    /// @throws IOException if all are taken
    Ipv4Network forServices() throws IOException {
        return Ipv4Network.freeForServices(LocalMachine.routes(), this::claim);
    }

    /// Whether `network` is ours now.
    synchronized boolean claim(Ipv4Network network) {
        try {
            var lock = claims().tryLock(network.first(), network.size(), false);
            if (lock != null) {
                locks.add(lock);
            }
            return lock != null;
        } catch (OverlappingFileLockException _) {
            return false; // of another node in this process
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel claims() throws IOException {
        synchronized (FreeNetworks.class) {
            if (claims == null) {
                claims =
                        FileChannel.open(
                                CLAIMS, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            }
            return claims;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        for (var lock : locks) {
            lock.release();
        }
        locks.clear();
    }
}
