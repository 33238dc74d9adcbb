// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/// Stands before a registry and hands out the first half of each large blob only, until told to go
/// on.
final class HaltingMirror implements AutoCloseable {
    private static final int LARGE_BYTES = 500_000;

    private final URI registry;
    private final HttpServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    HaltingMirror(URI registry) throws IOException {
        this.registry = registry;
        this.server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void goOn() {
        mayGoOn.countDown();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var request = HttpRequest.newBuilder(registry.resolve(exchange.getRequestURI()));
            request.method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody());
            for (var accept : exchange.getRequestHeaders().getOrDefault("Accept", List.of())) {
                request.header("Accept", accept);
            }
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            copyHeader(response, exchange, "Content-Type");
            copyHeader(response, exchange, "Docker-Content-Digest");
            if (exchange.getRequestMethod().equals("HEAD")) {
                copyHeader(response, exchange, "Content-Length");
                exchange.sendResponseHeaders(response.statusCode(), -1);
                return;
            }
            exchange.sendResponseHeaders(response.statusCode(), response.body().length);
            write(exchange, response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copyHeader(HttpResponse<?> from, HttpExchange to, String name) {
        from.headers()
                .firstValue(name)
                .ifPresent(value -> to.getResponseHeaders().set(name, value));
    }

    private void write(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        var out = exchange.getResponseBody();
        int half = body.length > LARGE_BYTES ? body.length / 2 : 0;
        out.write(body, 0, half);
        if (half > 0) {
            out.flush();
            mayGoOn.await();
        }
        out.write(body, half, body.length - half);
    }

    @Override
    public void close() {
        goOn();
        server.stop(0);
        client.close();
    }
}
