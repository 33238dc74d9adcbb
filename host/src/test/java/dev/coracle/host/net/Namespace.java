// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.host.libc.NetworkNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// A network namespace that is gone when closed. What a thread of [#in] opens is in it.
final class Namespace {
    private final String name;

    private Namespace(String name) {
        this.name = name;
    }

    /// Skips the test where there can be no namespaces.
    static void assumePossible() throws IOException {
        assumeTrue(
                Files.getOwner(Path.of("/proc/self")).getName().equals("root"),
                "skipped: network namespaces need root");
        for (var program : List.of("/usr/sbin/nft", "/usr/sbin/ip")) {
            assumeTrue(Files.isExecutable(Path.of(program)), "skipped: there is no " + program);
        }
    }

    static Namespace open(String purpose) throws Exception {
        var name = "coracle-test-%d-%s".formatted(ProcessHandle.current().pid(), purpose);
        command("ip", "netns", "add", name);
        var namespace = new Namespace(name);
        namespace.run("ip", "link", "set", "lo", "up");
        return namespace;
    }

    String name() {
        return name;
    }

    /// The words before a command that is to run here.
    List<String> prefix() {
        return List.of("ip", "netns", "exec", name);
    }

    Path path() {
        return Path.of("/run/netns", name);
    }

    String run(String... words) throws Exception {
        var all = new ArrayList<>(prefix());
        all.addAll(List.of(words));
        return command(all.toArray(String[]::new));
    }

    private static String command(String... words) throws Exception {
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", words) + ": " + output);
        }
        return output;
    }

    /// A thread of its own, since which namespace one is in is a property of threads.
    <T> T in(Callable<T> work) throws Exception {
        var task =
                new FutureTask<>(
                        () -> {
                            NetworkNamespace.enter(path());
                            return work.call();
                        });
        Thread.ofPlatform().daemon().name(name).start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    void close() throws Exception {
        command("ip", "netns", "delete", name);
    }
}
