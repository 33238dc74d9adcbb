// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import dev.coracle.core.store.Watch;
import java.util.function.Consumer;

/// Tells of every pod and event that is committed.
final class Observation {
    private final World world;
    private final Watch watch;
    private final Consumer<Happening> observer;

    Observation(World world, Store store, Consumer<Happening> observer) {
        this.world = world;
        this.watch = store.watch("", store.revision());
        this.observer = observer;
    }

    void look() {
        watch.poll().changes().forEach(this::seen);
    }

    private void seen(Watch.Change change) {
        var current = change.current();
        var entry = current == null ? change.previous() : current;
        if (entry == null) {
            return;
        }
        if (isOf("pods", entry)) {
            observer.accept(
                    new Happening.PodSeen(
                            world.instant(),
                            current == null
                                    ? Happening.Change.DELETED
                                    : change.previous() == null
                                            ? Happening.Change.ADDED
                                            : Happening.Change.MODIFIED,
                            entry.object()));
        } else if (isOf("events", entry) && current != null) {
            observer.accept(new Happening.EventSeen(world.instant(), entry.object()));
        }
    }

    private static boolean isOf(String plural, Entry entry) {
        return entry.key().startsWith("/core/" + plural + "/");
    }
}
