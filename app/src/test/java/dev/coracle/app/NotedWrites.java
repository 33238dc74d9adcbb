// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One writer of ConfigMaps, who remembers what was acknowledged, and what was under way when the
/// other side fell silent.
final class NotedWrites {
    private final String writer;
    private final SplittableRandom random;
    private final Map<String, Kept> kept = new LinkedHashMap<>();
    private @Nullable Pending pending;
    private int created;
    private long version;
    private long newestRevision;
    private int acknowledged;

    /// A ConfigMap as it was acknowledged.
    private record Kept(long version, long revision) {}

    /// What was asked and not answered: null is a deletion.
    private record Pending(String name, @Nullable Long version) {}

    NotedWrites(String writer, SplittableRandom random) {
        this.writer = writer;
        this.random = random;
    }

    /// Writes until there is no answer any more.
    void writeUntilSilence(NodeClient client) {
        try {
            while (true) {
                write(client);
            }
        } catch (IOException _) {
            // the node is dead; what was under way stays pending
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void write(NodeClient client) throws IOException, InterruptedException {
        double dice = random.nextDouble();
        if (kept.isEmpty() || dice < 0.4) {
            var name = "%s-%d".formatted(writer, created++);
            put(client, "POST", "", name);
        } else if (dice < 0.8) {
            var name = any();
            put(client, "PUT", "/" + name, name);
        } else {
            delete(client, any());
        }
    }

    private String any() {
        return kept.keySet().stream().skip(random.nextInt(kept.size())).findFirst().orElseThrow();
    }

    private void put(NodeClient client, String method, String path, String name)
            throws IOException, InterruptedException {
        long next = ++version;
        pending = new Pending(name, next);
        var answer = client.send(method, KilledNodeTest.CONFIG_MAPS + path, configMap(name, next));
        note(name, new Kept(next, revision(answer.ok())));
    }

    private void delete(NodeClient client, String name) throws IOException, InterruptedException {
        pending = new Pending(name, null);
        client.send("DELETE", KilledNodeTest.CONFIG_MAPS + "/" + name, null).ok();
        note(name, null);
    }

    private void note(String name, @Nullable Kept now) {
        if (now == null) {
            kept.remove(name);
        } else {
            assertThat(now.revision()).as("revision of %s", name).isGreaterThan(newestRevision);
            newestRevision = now.revision();
            kept.put(name, now);
        }
        pending = null;
        acknowledged++;
    }

    private static String configMap(String name, long version) {
        return """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},
                 "data":{"version":"%d","padding":"%s"}}
                """
                .formatted(name, version, "x".repeat(200));
    }

    private static long revision(JsonObject object) {
        return Long.parseLong(object.object("metadata").string("resourceVersion"));
    }

    /// Requires that `list`, read after a restart, holds exactly what was acknowledged; only what
    /// was under way may be there or not.
    void requireAllIn(JsonObject list, String when) {
        assertThat(revision(list))
                .as("the newest revision %s", when)
                .isGreaterThanOrEqualTo(newestRevision);
        var found = new HashMap<String, Kept>();
        for (var item : list.array("items").objects()) {
            var name = item.object("metadata").string("name");
            if (name.startsWith(writer + "-")) {
                long itsVersion = Long.parseLong(item.object("data").string("version"));
                found.put(name, new Kept(itsVersion, revision(item)));
            }
        }
        settlePending(found);
        assertThat(found).as("what %s wrote, %s", writer, when).isEqualTo(kept);
    }

    /// Takes for done what was under way and is there now.
    private void settlePending(Map<String, Kept> found) {
        var open = pending;
        pending = null;
        if (open == null) {
            return;
        }
        var now = found.get(open.name());
        if (now == null && open.version() == null) {
            kept.remove(open.name());
        } else if (now != null && Objects.equals(now.version(), open.version())) {
            assertThat(now.revision())
                    .as("revision of %s", open.name())
                    .isGreaterThan(newestRevision);
            newestRevision = now.revision();
            kept.put(open.name(), now);
        }
    }

    int acknowledged() {
        return acknowledged;
    }

    int live() {
        return kept.size();
    }
}
