// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Tells of every change of a pod of the namespace `default`, from now until it is closed, by a
/// thread of its own.
final class PodWatch implements AutoCloseable {
    static final String PODS = "/api/v1/namespaces/default/pods";

    private final Stream<JsonObject> changes;
    private volatile boolean closed;

    private PodWatch(Stream<JsonObject> changes) {
        this.changes = changes;
    }

    /// `heard` is given each watch event.
    static PodWatch open(ApiClient api, Consumer<JsonObject> heard)
            throws IOException, InterruptedException {
        var from = api.get(PODS).body().object("metadata").string("resourceVersion");
        var watch = new PodWatch(api.watch(PODS + "?watch=1&resourceVersion=" + from));
        Thread.ofVirtual().start(() -> watch.follow(heard));
        return watch;
    }

    private void follow(Consumer<JsonObject> heard) {
        try {
            changes.forEach(heard);
        } catch (UncheckedIOException e) {
            if (!closed) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        changes.close();
    }
}
