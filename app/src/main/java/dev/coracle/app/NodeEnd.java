// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Why a node ended without being asked to.
final class NodeEnd {

    private NodeEnd() {}

    /// What to throw for `cause`: a sentence when the disk is to blame, which whoever reads it can
    /// do something about; else where it happened. `containers` says what becomes of them.
    static Exception because(Throwable cause, String containers) {
        var journal = journalFailure(cause);
        return journal == null
                ? new IllegalStateException(
                        "the node stopped because it was wrong about something; " + containers,
                        cause)
                : new IOException(
                        "the node stopped: %s; %s".formatted(journal.getMessage(), containers),
                        cause);
    }

    /// Tells `onCrash` if and when `node` ends by itself; returns at once.
    static void watch(RunningNode node, Consumer<Throwable> onCrash) {
        Thread.ofVirtual()
                .name("crash-watch")
                .start(
                        () -> {
                            try {
                                onCrash.accept(node.awaitCrash());
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    /// The first failure of the journal that led to `cause`, null when another thing did.
    static @Nullable JournalException journalFailure(Throwable cause) {
        JournalException found = null;
        for (Throwable next = cause; next != null; next = next.getCause()) {
            if (next instanceof JournalException journal) {
                found = journal;
            }
        }
        return found;
    }
}
