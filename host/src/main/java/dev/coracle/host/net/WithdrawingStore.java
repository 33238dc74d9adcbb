// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.net.Withdrawal;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import dev.coracle.core.store.Watch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A store that writes an endpoint slice only after the packet rules lost what the change takes
/// away: from the moment a slice says that an endpoint is not ready, no new connection reaches it.
/// Everything else is as in the store behind it.
///
/// Upstream the rules follow the slices, on each node a little later.
public final class WithdrawingStore implements Store {
    private final Store store;
    private final String slices;
    private volatile @Nullable RulesLoop rules;

    /// `slices` is how the keys of endpoint slices begin.
    public WithdrawingStore(Store store, String slices) {
        this.store = store;
        this.slices = slices;
    }

    /// From now on `rules` are changed first.
    public void changeFirst(RulesLoop rules) {
        this.rules = rules;
    }

    @Override
    public Outcome update(String key, long expectedRevision, JsonObject object) {
        return afterRules(
                key, expectedRevision, object, () -> store.update(key, expectedRevision, object));
    }

    @Override
    public Outcome delete(String key, long expectedRevision) {
        return afterRules(key, expectedRevision, null, () -> store.delete(key, expectedRevision));
    }

    private Outcome afterRules(
            String key, long expectedRevision, @Nullable JsonObject next, Supplier<Outcome> write) {
        var loop = rules;
        var withdrawal =
                loop != null && key.startsWith(slices)
                        ? withdrawal(store.get(key), expectedRevision, next)
                        : null;
        if (loop == null || withdrawal == null) {
            return write.get();
        }
        loop.withdraw(withdrawal);
        Outcome outcome = null;
        try {
            outcome = write.get();
            return outcome;
        } finally {
            if (!(outcome instanceof Outcome.Written)) {
                loop.restore(withdrawal);
            }
        }
    }

    /// Null when nothing is taken away, or nothing will be written.
    private static @Nullable Withdrawal withdrawal(
            @Nullable Entry current, long expectedRevision, @Nullable JsonObject next) {
        return current == null || current.revision() != expectedRevision
                ? null
                : Withdrawal.of(current.object(), current.revision(), next);
    }

    @Override
    public long revision() {
        return store.revision();
    }

    @Override
    public Outcome create(String key, JsonObject object) {
        return store.create(key, object);
    }

    @Override
    public @Nullable Entry get(String key) {
        return store.get(key);
    }

    @Override
    public Page range(String prefix, String after, int limit, long revision) {
        return store.range(prefix, after, limit, revision);
    }

    @Override
    public Watch watch(String prefix, long afterRevision) {
        return store.watch(prefix, afterRevision);
    }

    @Override
    public AutoCloseable onCommit(Runnable listener) {
        return store.onCommit(listener);
    }

    @Override
    public void compact(long revision) {
        store.compact(revision);
    }

    @Override
    public void close() {
        store.close();
    }
}
