// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.libc;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Which network a thread is in: what it opens from then on is there, too.
///
/// <https://man7.org/linux/man-pages/man2/setns.2.html>
public final class NetworkNamespace {
    private static final int READ_ONLY = 0;
    private static final int CLONE_NEWNET = 0x40000000;

    private static final MethodHandle OPEN =
            Libc.function(
                    "open",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle SETNS =
            Libc.function(
                    "setns",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private NetworkNamespace() {}

    /// Moves the calling thread, which must be one of the platform's and nobody else's, into
    /// `namespace`, such as `/run/netns/NAME`.
    ///
    /// @throws IOException with errno if the kernel refuses
    public static void enter(Path namespace) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = Libc.state(arena);
            int file =
                    (int)
                            OPEN.invokeExact(
                                    state, arena.allocateFrom(namespace.toString()), READ_ONLY);
            int entered = file < 0 ? file : (int) SETNS.invokeExact(state, file, CLONE_NEWNET);
            if (file >= 0) {
                Libc.close(file);
            }
            if (entered < 0) {
                throw new IOException(
                        "cannot enter %s: errno %d".formatted(namespace, Libc.errno(state)));
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("setns(2) could not be called", e);
        }
    }
}
