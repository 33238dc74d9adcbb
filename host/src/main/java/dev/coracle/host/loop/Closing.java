// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What must be closed, in the opposite order of its opening; each is closed even if another
/// fails.
public final class Closing implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /// Remembers `resource` and returns it.
    public synchronized <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    /// Closes everything, the newest first, once.
    ///
    /// @throws IllegalStateException with the first failure as its cause and the others suppressed
    @Override
    public synchronized void close() {
        @Nullable Exception failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw new IllegalStateException("could not close everything", failure);
        }
    }
}
