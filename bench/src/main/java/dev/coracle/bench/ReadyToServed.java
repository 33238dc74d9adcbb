// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Measures how long it takes from a pod's being Ready, as a watch tells, to the first connection
/// that is accepted at the cluster IP of its service; none where the connection comes first.
///
/// A program of its own, with the launcher as argument; takes a minute.
public final class ReadyToServed {
    private static final String PODS = PodWatch.PODS;
    private static final String SERVICES = "/api/v1/namespaces/default/services";
    private static final int PODS_TO_SERVE = 100;
    private static final int PATIENCE_SECONDS = 60;
    private static final int PORT = 80;

    private final ApiClient api;
    private final Map<String, CompletableFuture<Long>> ready = new ConcurrentHashMap<>();

    private ReadyToServed(ApiClient api) {
        this.api = api;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        var scratch = Files.createTempDirectory("coracle-bench-");
        try (var node = NodeProcess.start(Bench.launcher(args), scratch.resolve("served"));
                var api = node.awaitReady()) {
            Bench.awaitNodeReady(node, api);
            var samples = new ReadyToServed(api).run();
            System.out.printf(
                    "pod Ready to first connection at its cluster IP: %s%n", samples.tenths());
        }
    }

    private Samples run() throws IOException, InterruptedException {
        var samples = new Samples();
        try (var _ = PodWatch.open(api, this::note)) {
            once("warm");
            for (int i = 0; i < PODS_TO_SERVE; i++) {
                samples.add(once("served-" + i));
            }
        }
        return samples;
    }

    private Duration once(String name) throws IOException, InterruptedException {
        var told = new CompletableFuture<Long>();
        ready.put(name, told);
        var ip = create(SERVICES, service(name)).object("spec").string("clusterIP");
        awaitRefusal(ip);
        create(PODS, pod(name));
        long served = firstConnection(ip);
        long readyAt;
        try {
            readyAt = told.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("pod " + name + " is never ready", e);
        }
        api.delete(PODS + "/" + name + "?gracePeriodSeconds=0");
        api.delete(SERVICES + "/" + name);
        return Duration.ofNanos(Math.max(0, served - readyAt));
    }

    private JsonObject create(String path, JsonObject object)
            throws IOException, InterruptedException {
        var answer = api.post(path, object);
        if (answer.code() != 201) {
            throw new IOException(path + " does not accept " + object);
        }
        return answer.body();
    }

    /// Until there are rules, nobody says anything at an address: an attempt would wait for its
    /// repetition.
    private static void awaitRefusal(String ip) throws IOException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < limit) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(ip), PORT), 100);
                throw new IOException("somebody is at " + ip + " already");
            } catch (ConnectException _) {
                return;
            } catch (SocketTimeoutException _) {
                // no rules yet
            }
        }
        throw new IOException("connections to " + ip + " are not refused");
    }

    /// Tries again as soon as it is refused.
    private static long firstConnection(String ip) throws IOException, InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        var address = new InetSocketAddress(InetAddress.ofLiteral(ip), PORT);
        while (System.nanoTime() < limit) {
            try (var socket = new Socket()) {
                socket.connect(address, 1_000);
                return System.nanoTime();
            } catch (IOException _) {
                Thread.sleep(1);
            }
        }
        throw new IOException("nobody answers at " + ip);
    }

    private void note(JsonObject event) {
        long now = System.nanoTime();
        var pod = event.object("object");
        var waiting = ready.get(pod.object("metadata").string("name"));
        boolean isReady =
                pod.object("status").array("conditions").objects().stream()
                        .anyMatch(
                                condition ->
                                        condition.string("type").equals("Ready")
                                                && condition.string("status").equals("True"));
        if (waiting != null && isReady) {
            waiting.complete(now);
        }
    }

    private static JsonObject service(String name) {
        return JsonReader.parseObject(
                """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "%s"},
                 "spec": {"selector": {"app": "%s"},
                          "ports": [{"port": %d, "targetPort": 8080}]}}"""
                        .formatted(name, name, PORT));
    }

    private static JsonObject pod(String name) {
        return JsonReader.parseObject(
                """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "%s", "labels": {"app": "%s"}},
                 "spec": {"terminationGracePeriodSeconds": 0, "containers": [
                  {"name": "app", "image": "%s", "command": ["httpd", "-f", "-p", "8080"],
                   "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1}}]}}"""
                        .formatted(name, name, Bench.IMAGE));
    }
}
