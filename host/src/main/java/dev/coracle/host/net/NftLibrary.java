// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.net.PacketRulesException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// The library that `nft` is a thin cover of: understands the same words and makes the same
/// transactions. For one thread at a time.
///
/// A process of `nft` for each change costs 30 ms where there are a thousand services, most of them
/// after the kernel has the change: as it closes its socket it waits until nobody uses what was
/// taken away. The library keeps its socket, and needs 4 ms.
///
/// <https://manpages.debian.org/libnftables.3>
final class NftLibrary {
    private static final String NAME = "libnftables.so.1";
    private static final int JSON = 1 << 4;
    private static final int PLAIN = 0;
    private static final FunctionDescriptor NUMBER_OF_CONTEXT =
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    private static final FunctionDescriptor TEXT_OF_CONTEXT =
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS);

    private final MethodHandle run;
    private final MethodHandle setFlags;
    private final MethodHandle takeOutput;
    private final MethodHandle takeError;
    private final MemorySegment context;

    /// What came of some commands: what they printed, or what is wrong with them.
    record Result(boolean succeeded, String output) {

        /// The rest repeats the input, however long.
        String firstLine() {
            return output.lines().findFirst().orElse("it does not say why");
        }

        Result orThrow() {
            if (!succeeded) {
                throw new PacketRulesException("nft: " + firstLine());
            }
            return this;
        }
    }

    private NftLibrary(SymbolLookup library) throws Throwable {
        run =
                function(
                        library,
                        "nft_run_cmd_from_buffer",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        setFlags =
                function(
                        library,
                        "nft_ctx_output_set_flags",
                        FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        takeOutput = function(library, "nft_ctx_get_output_buffer", TEXT_OF_CONTEXT);
        takeError = function(library, "nft_ctx_get_error_buffer", TEXT_OF_CONTEXT);
        var begin =
                function(
                        library,
                        "nft_ctx_new",
                        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        var free =
                function(library, "nft_ctx_free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        context = freedWhenUnused((MemorySegment) begin.invokeExact(PLAIN), free);
        for (var name : List.of("nft_ctx_buffer_output", "nft_ctx_buffer_error")) {
            if ((int) function(library, name, NUMBER_OF_CONTEXT).invokeExact(context) != 0) {
                throw new PacketRulesException(NAME + " has no memory");
            }
        }
    }

    /// Opens its socket in the network that the thread is in, for whichever thread then uses it.
    ///
    /// @throws PacketRulesException if there is no library, or no netlink in this kernel
    static NftLibrary open() {
        try {
            Flows.requireNetlink(); // the library would end the process
            return new NftLibrary(library());
        } catch (IOException e) {
            throw new PacketRulesException("this kernel has no packet rules", e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @SuppressWarnings("restricted") // the program runs with native access
    private static SymbolLookup library() {
        try {
            return SymbolLookup.libraryLookup(NAME, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new PacketRulesException(NAME + " cannot be loaded", e);
        }
    }

    @SuppressWarnings("restricted") // the program runs with native access
    private static MethodHandle function(
            SymbolLookup library, String name, FunctionDescriptor shape) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), shape);
    }

    @SuppressWarnings("restricted") // the program runs with native access
    private static MemorySegment freedWhenUnused(MemorySegment context, MethodHandle free) {
        return context.reinterpret(
                Arena.ofAuto(),
                unused -> {
                    try {
                        free.invokeExact(unused);
                    } catch (Throwable e) {
                        throw failed(e);
                    }
                });
    }

    private static IllegalStateException failed(Throwable cause) {
        return new IllegalStateException(NAME + " could not be called", cause);
    }

    /// Runs `commands` as one transaction.
    Result run(String commands) {
        return run(commands, PLAIN);
    }

    /// Runs commands that print, which they do in JSON.
    Result print(String commands) {
        return run(commands, JSON);
    }

    private Result run(String commands, int flags) {
        try (var arena = Arena.ofConfined()) {
            setFlags.invokeExact(context, flags);
            int code = (int) run.invokeExact(context, arena.allocateFrom(commands));
            // both are read each time, which empties them
            var output = text((MemorySegment) takeOutput.invokeExact(context));
            var error = text((MemorySegment) takeError.invokeExact(context));
            return new Result(code == 0, code == 0 ? output : error);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @SuppressWarnings("restricted") // the program runs with native access
    private static String text(MemorySegment bytes) {
        return bytes.address() == 0 ? "" : bytes.reinterpret(Long.MAX_VALUE).getString(0);
    }
}
