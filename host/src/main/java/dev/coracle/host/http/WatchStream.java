// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonWriter;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.store.CompactedException;
import dev.coracle.core.store.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// One watch: writes what happens, as it happens, until the client goes, its time is up, or the
/// server stops.
///
/// Whatever has piled up is written at once (drain, one write, one flush): that is what lets a
/// change reach thousands of watches quickly. A client that does not read is left by the time-out
/// of the blocked write; one that falls behind what the store retains gets an ERROR of 410.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
final class WatchStream {
    private static final Duration BOOKMARK_EVERY = Duration.ofMinutes(1);
    private static final int WRITE_BYTES = 256 * 1024;
    private static final byte[] OBJECT = ",\"object\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "}\n".getBytes(StandardCharsets.US_ASCII);
    private static final JsonObject INITIAL_EVENTS_END =
            JsonObject.of("k8s.io/initial-events-end", Json.of("true"));

    private final Exchange exchange;
    private final Registry registry;
    private final ResourceType type;
    private final Rendering rendering;
    private final InstantSource clock;
    private final boolean bookmarks;
    private final Instant end;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(8 * 1024);
    private long seen;

    /// `lifetime` is how long the watch lasts at most.
    WatchStream(
            Exchange exchange,
            Registry registry,
            ResourceType type,
            Rendering rendering,
            InstantSource clock,
            Duration lifetime) {
        this.exchange = exchange;
        this.registry = registry;
        this.type = type;
        this.rendering = rendering;
        this.clock = clock;
        this.bookmarks = exchange.query().flag("allowWatchBookmarks");
        this.end = clock.instant().plus(lifetime);
    }

    /// Runs until the end of the watch; `open` knows every watch, to close them all.
    void run(Api.ListOptions options, OpenWatches open) throws IOException {
        checkOptions(options);
        exchange.request().addIdleTimeoutListener(_ -> false); // a watch may be silent for long
        open.enter();
        try {
            serve(options, open);
        } finally {
            open.leave();
        }
    }

    private void serve(Api.ListOptions options, OpenWatches open) throws IOException {
        ObjectWatch watch;
        try {
            watch = start(options);
        } catch (ApiException e) {
            refuse(e);
            return;
        }
        try (watch) {
            exchange.request().addFailureListener(_ -> watch.close()); // the client is gone
            if (open.add(watch)) {
                stream(watch);
            }
            exchange.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server is stopping
        } finally {
            open.remove(watch);
        }
    }

    private void checkOptions(Api.ListOptions options) {
        if (!exchange.query().has("sendInitialEvents")) {
            if (!options.resourceVersionMatch().isEmpty()) {
                throw forbidden(
                        "resourceVersionMatch is forbidden for watch unless"
                                + " sendInitialEvents is provided");
            }
            return;
        }
        if (!options.resourceVersionMatch().equals("NotOlderThan")) {
            throw forbidden(
                    "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        if (!bookmarks) {
            throw Errors.invalidOptions(
                    "ListOptions",
                    List.of(
                            new Status.Cause(
                                    "FieldValueForbidden",
                                    "Forbidden: sendInitialEvents requires allowWatchBookmarks",
                                    "sendInitialEvents")));
        }
    }

    private static ApiException forbidden(String why) {
        return Errors.invalidOptions(
                "ListOptions",
                List.of(
                        new Status.Cause(
                                "FieldValueForbidden",
                                "Forbidden: " + why,
                                "resourceVersionMatch")));
    }

    private ObjectWatch start(Api.ListOptions options) throws IOException {
        if (!exchange.query().has("sendInitialEvents")) {
            var watch = registry.watch(type, options);
            exchange.stream(200, Accept.Encoding.JSON.mediaType());
            return watch;
        }
        boolean initial = exchange.query().flag("sendInitialEvents");
        var listing = registry.list(type, from(options, "", initial ? 0 : 1));
        var watch = registry.watch(type, from(options, Long.toString(listing.revision()), 0));
        exchange.stream(200, Accept.Encoding.JSON.mediaType());
        seen = listing.revision();
        if (initial) {
            for (var entry : listing.entries()) {
                add(new ObjectWatch.Event(ObjectWatch.Type.ADDED, entry));
            }
            addBookmark(INITIAL_EVENTS_END);
            flush();
        }
        return watch;
    }

    private static Api.ListOptions from(Api.ListOptions options, String revision, long limit) {
        return new Api.ListOptions(
                options.namespace(),
                options.labelSelector(),
                options.fieldSelector(),
                limit,
                "",
                revision,
                "");
    }

    /// As upstream's watch cache does, says in the stream that a revision is too old.
    private void refuse(ApiException e) throws IOException {
        if (e.status().code() != Status.Reason.GONE.code() || exchange.isCommitted()) {
            throw e;
        }
        exchange.stream(200, Accept.Encoding.JSON.mediaType());
        addError(e.status());
        flush();
        exchange.end();
    }

    private void stream(ObjectWatch watch) throws IOException, InterruptedException {
        try {
            var bookmarkAt = clock.instant().plus(BOOKMARK_EVERY);
            while (!watch.closed()) {
                var now = clock.instant();
                var until = bookmarkAt.isBefore(end) ? bookmarkAt : end;
                if (now.isBefore(until)) {
                    add(watch.await(Duration.between(now, until)));
                    flush();
                    continue;
                }
                if (!now.isBefore(end)) {
                    break;
                }
                bookmark();
                bookmarkAt = now.plus(BOOKMARK_EVERY);
            }
            bookmark(); // so that the client can go on from here
        } catch (CompactedException e) {
            addError(
                    Status.of(
                            Status.Reason.EXPIRED,
                            "too old resource version: %d (%d)"
                                    .formatted(e.revision(), e.oldest())));
            flush();
        } catch (ApiException e) {
            addError(e.status());
            flush();
        }
    }

    private void add(ObjectWatch.Batch batch) throws IOException {
        for (var event : batch.events()) {
            add(event);
        }
        seen = Math.max(seen, batch.upTo());
    }

    private void add(ObjectWatch.Event event) throws IOException {
        begin(event.type().name());
        rendering.event(event.entry(), pending);
        pending.writeBytes(END);
        if (pending.size() >= WRITE_BYTES) {
            flush();
        }
    }

    private void addError(Status status) {
        begin("ERROR");
        pending.writeBytes(JsonWriter.bytes(status.json()));
        pending.writeBytes(END);
    }

    private void bookmark() throws IOException {
        if (bookmarks && seen > 0) {
            addBookmark(JsonObject.EMPTY);
            flush();
        }
    }

    private void addBookmark(JsonObject annotations) {
        var metadata =
                JsonObject.builder()
                        .put("resourceVersion", Long.toString(seen))
                        .putUnlessEmpty("annotations", (Json) annotations)
                        .build();
        var object =
                JsonObject.builder()
                        .put("kind", type.kind())
                        .put("apiVersion", type.apiVersion())
                        .put("metadata", metadata)
                        .build();
        begin("BOOKMARK");
        rendering.event(new Entry("", object, 0, seen, JsonWriter.bytes(object)), pending);
        pending.writeBytes(END);
    }

    private void begin(String eventType) {
        pending.writeBytes(("{\"type\":\"" + eventType + "\"").getBytes(StandardCharsets.US_ASCII));
        pending.writeBytes(OBJECT);
    }

    private void flush() throws IOException {
        if (pending.size() > 0) {
            exchange.write(ByteBuffer.wrap(pending.toByteArray()));
            pending.reset();
        }
    }

    /// Every watch that is being served, so that the server can end them when it stops.
    static final class OpenWatches {
        private final Set<ObjectWatch> watches = Collections.newSetFromMap(new IdentityHashMap<>());
        private final int limit;
        private int entered;
        private boolean stopped;

        OpenWatches(int limit) {
            this.limit = limit;
        }

        /// Takes one of the places, before anything is answered.
        ///
        /// @throws ApiException 429 if there are as many watches as there may be
        synchronized void enter() {
            if (entered >= limit) {
                throw new ApiException(
                        Status.of(
                                Status.Reason.TOO_MANY_REQUESTS,
                                "there are %d watches already".formatted(limit)));
            }
            entered++;
        }

        synchronized void leave() {
            entered--;
        }

        /// False when the server is stopping.
        synchronized boolean add(ObjectWatch watch) {
            watches.add(watch);
            return !stopped;
        }

        synchronized void remove(ObjectWatch watch) {
            watches.remove(watch);
        }

        synchronized void stop() {
            stopped = true;
            watches.forEach(ObjectWatch::close);
        }
    }
}
