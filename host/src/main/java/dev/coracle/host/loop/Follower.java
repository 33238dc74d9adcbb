// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.store.CompactedException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// List and watch of the objects of one type that a field selector chooses, as a stream that never
/// ends: when the revision it stood at is gone, it lists again and tells the difference.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
public final class Follower {
    private static final Duration WAIT = Duration.ofMinutes(1);

    private final Registry registry;
    private final ResourceType type;
    private final String fieldSelector;

    /// What was last told, by uid.
    private final Map<String, ObjectKey> known = new LinkedHashMap<>();

    private long revision;

    /// An empty `fieldSelector` chooses everything.
    public Follower(Registry registry, ResourceType type, String fieldSelector) {
        this.registry = registry;
        this.type = type;
        this.fieldSelector = fieldSelector;
    }

    /// Tells of changes after [#list].
    public interface Listener {
        void changed(JsonObject object);

        void deleted(ObjectKey key, String uid);
    }

    /// The objects there are now; [#run] goes on from here.
    public List<JsonObject> list() {
        var listing = registry.list(type, selection(""));
        var objects = listing.entries().stream().map(entry -> entry.object()).toList();
        revision = listing.revision();
        known.clear();
        objects.forEach(object -> known.put(uid(object), ObjectKey.of(object)));
        return objects;
    }

    /// Follows the changes for as long as there is a store to follow. For a thread of its own.
    public void run(Listener listener) throws InterruptedException {
        while (true) {
            try (var watch = registry.watch(type, selection(Long.toString(revision)))) {
                follow(watch, listener);
                return;
            } catch (CompactedException e) {
                listAgain(listener);
            } catch (ApiException e) {
                if (!e.is(Status.Reason.EXPIRED) && !e.is(Status.Reason.GONE)) {
                    throw e;
                }
                listAgain(listener);
            }
        }
    }

    private void follow(Registry.ObjectWatch watch, Listener listener) throws InterruptedException {
        while (!watch.closed()) {
            var batch = watch.await(WAIT);
            for (var event : batch.events()) {
                var object = event.entry().object();
                switch (event.type()) {
                    case ADDED, MODIFIED -> {
                        known.put(uid(object), ObjectKey.of(object));
                        listener.changed(object);
                    }
                    case DELETED -> {
                        known.remove(uid(object));
                        listener.deleted(ObjectKey.of(object), uid(object));
                    }
                }
            }
            revision = batch.upTo();
        }
    }

    private void listAgain(Listener listener) {
        var before = Map.copyOf(known);
        var now = list();
        before.forEach(
                (uid, key) -> {
                    if (!known.containsKey(uid)) {
                        listener.deleted(key, uid);
                    }
                });
        now.forEach((Consumer<JsonObject>) listener::changed);
    }

    private ListOptions selection(String resourceVersion) {
        return new ListOptions("", "", fieldSelector, 0, "", resourceVersion, "");
    }

    private static String uid(JsonObject object) {
        return object.object("metadata").string("uid");
    }
}
