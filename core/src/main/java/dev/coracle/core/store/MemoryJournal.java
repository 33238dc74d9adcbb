// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import java.util.List;
import java.util.function.Consumer;

/// A journal that keeps nothing: for tests, simulations and throw-away clusters.
public final class MemoryJournal implements Journal {

    @Override
    public void append(List<Write> writes) {
        // nothing outlives the process, so there is nothing to wait for
    }

    @Override
    public long replay(Consumer<Write> sink) {
        return 0;
    }

    @Override
    public void close() {
        // holds nothing
    }
}
