// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.volumes;

import dev.coracle.host.libc.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Mounts and unmounts through libc, because a process for each (`mount`, `umount`) costs
/// milliseconds that every pod would pay.
final class Mounts {
    /// `umount2`: detach now, clean up when no longer busy.
    private static final int MNT_DETACH = 2;

    private static final int MS_NOSUID = 2;
    private static final int MS_NODEV = 4;

    private static final MethodHandle MOUNT =
            Libc.function(
                    "mount",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.ADDRESS));
    private static final MethodHandle UMOUNT2 =
            Libc.function(
                    "umount2",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private Mounts() {}

    /// Mounts a tmpfs on `directory`; `options` as for mount(8), for instance `size=1048576`.
    ///
    /// @throws IOException with errno if the kernel refuses
    static void tmpfs(Path directory, String options) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = Libc.state(arena);
            int result =
                    (int)
                            MOUNT.invokeExact(
                                    state,
                                    arena.allocateFrom("tmpfs"),
                                    arena.allocateFrom(directory.toString()),
                                    arena.allocateFrom("tmpfs"),
                                    (long) (MS_NOSUID | MS_NODEV),
                                    arena.allocateFrom(options));
            check(result, state, "mount a tmpfs on " + directory);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mount(2) could not be called", e);
        }
    }

    /// Unmounts whatever is mounted on `directory`, even if busy.
    static void detach(Path directory) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = Libc.state(arena);
            int result =
                    (int)
                            UMOUNT2.invokeExact(
                                    state, arena.allocateFrom(directory.toString()), MNT_DETACH);
            check(result, state, "unmount " + directory);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("umount2(2) could not be called", e);
        }
    }

    private static void check(int result, MemorySegment state, String what) throws IOException {
        if (result != 0) {
            throw new IOException("cannot %s: errno %d".formatted(what, Libc.errno(state)));
        }
    }
}
