// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// When a client that watches the endpoint slices of a namespace saw that an endpoint is not ready.
final class EndpointSightings implements AutoCloseable {
    private static final InstantSource CLOCK = InstantSource.system();

    private final Map<String, Instant> notReady = new ConcurrentHashMap<>();
    private final InputStream changes;

    private EndpointSightings(InputStream changes) {
        this.changes = changes;
    }

    /// Follows what changes from now on.
    static EndpointSightings follow(NodeClient client, String namespace)
            throws IOException, InterruptedException {
        var slices = "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices";
        var from = client.get(slices).ok().object("metadata").string("resourceVersion");
        var stream = client.follow(slices + "?watch=true&resourceVersion=" + from);
        var sightings = new EndpointSightings(stream);
        Thread.ofVirtual().name("endpoint sightings").start(sightings::read);
        return sightings;
    }

    private void read() {
        try (var lines =
                new BufferedReader(new InputStreamReader(changes, StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var now = CLOCK.instant();
                var slice = JsonReader.parseObject(line).object("object");
                slice.array("endpoints").objects().forEach(endpoint -> see(endpoint, now));
            }
        } catch (IOException _) {
            // closed
        }
    }

    private void see(JsonObject endpoint, Instant now) {
        if (!endpoint.object("conditions").bool("ready", true)) {
            notReady.putIfAbsent(endpoint.object("targetRef").string("name"), now);
        }
    }

    /// When the endpoint of this pod was first seen not to be ready.
    Instant awaitNotReady(String pod) {
        Kubectl.await(pod + " is no endpoint", () -> notReady.containsKey(pod), seen -> seen);
        return notReady.get(pod);
    }

    /// Ends the reading: the reader itself cannot be closed while it reads.
    @Override
    public void close() throws IOException {
        changes.close();
    }
}
