// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// An image registry on a port of its own, with the distribution's program; with a user `tester`
/// whose password is `secret` when it is asked to be private.
final class Registry implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
    private static final String USERS =
            "tester:$2y$05$qQRY5JdBFXTiAuhiVlgTm.4bBYDt51mO4J76o2Pi.KBac.1NkneHi\n";

    private final Process process;
    private final int port;

    private Registry(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Registry start(Path directory, boolean isPrivate) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "docker-registry is not installed");
        Files.createDirectories(directory);
        int port = freePort();
        var config = directory.resolve("config.yml");
        Files.writeString(config, config(directory, port, isPrivate));
        Files.writeString(directory.resolve("users"), USERS);
        var process =
                new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("registry.log").toFile())
                        .start();
        Bench.await("the registry", () -> accepts(port));
        return new Registry(process, port);
    }

    private static String config(Path directory, int port, boolean isPrivate) {
        var auth =
                isPrivate ? "auth: {htpasswd: {realm: test, path: " + directory + "/users}}\n" : "";
        return """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s/images}}
                http: {addr: 127.0.0.1:%d}
                """
                        .formatted(directory, port)
                + auth;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /// `127.0.0.1:5000`, the beginning of the names of its images.
    String host() {
        return "127.0.0.1:" + port;
    }

    URI address() {
        return URI.create("http://" + host());
    }

    @Override
    public void close() {
        process.destroy();
    }
}
