// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Where a node answers load balancers.
final class HealthPort {
    private static final int FIRST = 30_000;

    /// Services that name no port are given others, as long as there are any:
    /// <https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions>
    private static final int COUNT = 86;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private HealthPort() {}

    /// Takes a port that a service may ask for, for itself until it is closed.
    static ServerSocket taken() throws IOException {
        int start = ThreadLocalRandom.current().nextInt(COUNT);
        for (int i = 0; i < COUNT; i++) {
            try {
                return new ServerSocket(FIRST + (start + i) % COUNT);
            } catch (IOException _) {
                // somebody else's
            }
        }
        throw new IOException("all ports for node ports are taken");
    }

    /// One that nobody has.
    static int free() throws IOException {
        try (var socket = taken()) {
            return socket.getLocalPort();
        }
    }

    /// What is said there now; nothing if nobody listens.
    static Optional<HttpResponse<String>> ask(String ip, int port)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create("http://%s:%d/healthz".formatted(ip, port)))
                        .timeout(PATIENCE)
                        .build();
        try (var client = HttpClient.newHttpClient()) {
            return Optional.of(client.send(request, BodyHandlers.ofString()));
        } catch (ConnectException _) {
            return Optional.empty();
        }
    }

    /// The status of HTTP that is said there now, 0 if nobody listens.
    static int status(String ip, int port) {
        try {
            return ask(ip, port).map(HttpResponse::statusCode).orElse(0);
        } catch (IOException _) {
            return 0; // closed meanwhile
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void await(String ip, int port, int status) {
        Kubectl.await(
                "%s:%d answers with %d".formatted(ip, port, status),
                () -> status(ip, port),
                seen -> seen == status);
    }
}
