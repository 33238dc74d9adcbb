// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.volumes;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Mounts and unmounts through libc, because a process for each (`mount`, `umount`) costs
/// milliseconds that every pod would pay.
final class Mounts {
    /// `umount2`: detach now, clean up when no longer busy.
    private static final int MNT_DETACH = 2;

    private static final int MS_NOSUID = 2;
    private static final int MS_NODEV = 4;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle MOUNT =
            function(
                    "mount",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.ADDRESS));
    private static final MethodHandle UMOUNT2 =
            function(
                    "umount2",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private Mounts() {}

    @SuppressWarnings("restricted") // the program runs with native access for exactly this
    private static MethodHandle function(String name, FunctionDescriptor shape) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                shape,
                Linker.Option.captureCallState("errno"));
    }

    /// Mounts a tmpfs on `directory`; `options` as for mount(8), for instance `size=1048576`.
    ///
    /// @throws IOException with errno if the kernel refuses
    static void tmpfs(Path directory, String options) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(CAPTURED);
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
            var state = arena.allocate(CAPTURED);
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
            throw new IOException(
                    "cannot %s: errno %d".formatted(what, (int) ERRNO.get(state, 0L)));
        }
    }

    /// The mount points at or below `root`, the deepest first.
    static List<Path> under(Path root) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.map(line -> Path.of(line.split(" ")[4].replace("\\040", " ")))
                    .filter(point -> point.startsWith(root))
                    .sorted((a, b) -> b.getNameCount() - a.getNameCount())
                    .toList();
        }
    }
}
