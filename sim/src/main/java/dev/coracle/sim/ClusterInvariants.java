// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import dev.coracle.core.store.Watch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What must hold of everything that is committed, whatever goes wrong around it:
///
/// - a watch sees each revision once, in order, and every object carries the revision that
///   wrote it;
/// - a pod that has succeeded or failed stays so;
/// - the restart counts of a pod's containers never shrink.
///
/// That no two containers of one name run in a pod is checked by the pretended node itself.
final class ClusterInvariants {
    private static final List<String> STATUSES =
            List.of("containerStatuses", "initContainerStatuses");

    private final World world;
    private final Watch watch;
    private long seen;

    ClusterInvariants(World world, Store store) {
        this.world = world;
        this.seen = store.revision();
        this.watch = store.watch("", seen);
    }

    void check() {
        watch.poll().changes().forEach(this::check);
    }

    private void check(Watch.Change change) {
        var current = change.current();
        var previous = change.previous();
        var entry = current == null ? previous : current;
        if (entry == null) {
            throw new BrokenInvariant("revision %d of nothing".formatted(change.revision()));
        }
        require(change.revision() == seen + 1, entry, "follows revision " + seen);
        seen = change.revision();
        var version = entry.object().object("metadata").string("resourceVersion");
        require(version.equals(Long.toString(seen)), entry, "says it is " + version);
        world.note("api " + (current == null ? "deleted " : "wrote ") + describe(entry));
        if (current != null && previous != null && isSamePod(current, previous)) {
            checkPod(current, previous);
        }
    }

    private static String describe(Entry entry) {
        var status = entry.object().object("status");
        var text = new StringBuilder(entry.toString());
        if (isPod(entry)) {
            text.append(' ').append(status.string("phase"));
            restartCounts(status)
                    .forEach((name, count) -> text.append(" %s=%d".formatted(name, count)));
        }
        return text.toString();
    }

    private static boolean isPod(Entry entry) {
        return entry.key().startsWith("/core/pods/");
    }

    private static boolean isSamePod(Entry current, Entry previous) {
        return isPod(current) && current.createRevision() == previous.createRevision();
    }

    private static void checkPod(Entry current, Entry previous) {
        var before = previous.object().object("status");
        var after = current.object().object("status");
        var phase = before.string("phase");
        boolean wasFinal = phase.equals("Succeeded") || phase.equals("Failed");
        require(
                !wasFinal || after.string("phase").equals(phase),
                current,
                "was " + phase + " and is " + after.string("phase"));
        var counts = restartCounts(after);
        restartCounts(before)
                .forEach(
                        (name, count) ->
                                require(
                                        counts.getOrDefault(name, count) >= count,
                                        current,
                                        "restartCount of %s went from %d to %d"
                                                .formatted(name, count, counts.get(name))));
    }

    private static Map<String, Long> restartCounts(JsonObject status) {
        var counts = new LinkedHashMap<String, Long>();
        for (var list : STATUSES) {
            for (var container : status.array(list).objects()) {
                counts.put(container.string("name"), container.number("restartCount", 0));
            }
        }
        return counts;
    }

    private static void require(boolean holds, Entry entry, String otherwise) {
        if (!holds) {
            throw new BrokenInvariant(entry + " " + otherwise);
        }
    }
}
