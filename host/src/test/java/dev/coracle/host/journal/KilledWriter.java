// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.core.store.Store.Outcome.Written;
import java.io.PrintStream;
import java.nio.file.Path;

/// A process that writes objects from many threads and says which ones were acknowledged, until it
/// is killed. Arguments: the journal and a prefix for the names of this run.
final class KilledWriter {
    private static final int WRITERS = 16;

    private KilledWriter() {}

    public static void main(String[] arguments) {
        var store = MvccStore.open(SqliteJournal.open(Path.of(arguments[0])), Retention.DEFAULT);
        for (int i = 0; i < WRITERS; i++) {
            var prefix = "/" + arguments[1] + "/" + i + "/";
            Thread.ofPlatform().start(() -> write(store, prefix, System.out));
        }
    }

    private static void write(MvccStore store, String prefix, PrintStream acknowledgements) {
        for (int i = 0; ; i++) {
            if (store.create(prefix + i, JsonObject.EMPTY) instanceof Written(var created)) {
                acknowledgements.println(created + " created");
                var deleted = i % 3 == 0 ? store.delete(created.key(), created.revision()) : null;
                if (deleted instanceof Written(var entry)) {
                    acknowledgements.println(entry + " deleted");
                }
            }
        }
    }
}
