// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store.Outcome;
import java.util.List;

/// Deletes objects, or begins to.
final class Remover {
    private final Parts parts;

    Remover(Parts parts) {
        this.parts = parts;
    }

    /// What became of a deletion: the last known state, and whether it is still there.
    record Removal(JsonObject object, boolean remains) {}

    Removal delete(ServedKind kind, ObjectKey key, DeleteOptions options) {
        check(options);
        if (kind.storage().equals(ResourceTypes.NAMESPACES)) {
            NamespaceRules.checkDelete(key.name());
        }
        while (true) {
            var entry = parts.present(kind, key);
            var current = entry.object();
            Parts.checkPreconditions(
                    kind,
                    current,
                    options.preconditionUid(),
                    options.preconditionResourceVersion());
            var next = propagated(kind, current, options);
            var decision = Deletion.decide(kind, next, options, parts.now());
            if (options.dryRun()) {
                return preview(decision, next);
            }
            switch (decision) {
                case Deletion.Pending() -> {
                    if (next.equals(current)) {
                        return new Removal(current, true);
                    }
                    if (parts.store().update(entry.key(), entry.revision(), next)
                            instanceof Outcome.Written(Entry written)) {
                        return new Removal(written.object(), true);
                    }
                }
                case Deletion.Mark(JsonObject marked) -> {
                    if (parts.store().update(entry.key(), entry.revision(), marked)
                            instanceof Outcome.Written(Entry written)) {
                        return new Removal(written.object(), true);
                    }
                }
                case Deletion.MarkAndRemove(JsonObject marked) -> {
                    if (parts.store().update(entry.key(), entry.revision(), marked)
                                    instanceof Outcome.Written(Entry written)
                            && parts.store().delete(entry.key(), written.revision())
                                    instanceof Outcome.Written(Entry last)) {
                        return new Removal(last.object(), false);
                    }
                }
                case Deletion.Remove() -> {
                    if (parts.store().delete(entry.key(), entry.revision())
                            instanceof Outcome.Written(Entry last)) {
                        return new Removal(last.object(), false);
                    }
                }
            }
        }
    }

    private static Removal preview(Deletion decision, JsonObject current) {
        return switch (decision) {
            case Deletion.Mark(JsonObject marked) -> new Removal(marked, true);
            case Deletion.Pending() -> new Removal(current, true);
            case Deletion.MarkAndRemove _, Deletion.Remove _ -> new Removal(current, false);
        };
    }

    /// Nothing belongs to an event; what is in a namespace goes with it in any case.
    private static JsonObject propagated(
            ServedKind kind, JsonObject object, DeleteOptions options) {
        return kind.storage().equals(ResourceTypes.NAMESPACES)
                        || kind.storage().equals(ResourceTypes.EVENTS)
                ? object
                : Propagation.of(kind, object, options).applied(object);
    }

    private static void check(DeleteOptions options) {
        var policy = options.propagationPolicy();
        if (policy != null && !policy.isEmpty() && !Propagation.isPolicy(policy)) {
            throw ApiException.badRequest(
                    "propagationPolicy: Invalid value: \"%s\": must be \"Orphan\", \"Background\" or \"Foreground\""
                            .formatted(policy));
        }
    }

    /// Deletes the listed objects one by one; what is gone by then is passed over.
    List<JsonObject> deleteAll(ServedKind kind, List<Entry> entries, DeleteOptions options) {
        return entries.stream()
                .<JsonObject>mapMulti(
                        (entry, deleted) -> {
                            try {
                                var key = ObjectKey.of(entry.object());
                                deleted.accept(
                                        Rendition.served(
                                                kind, delete(kind, key, options).object()));
                            } catch (ApiException e) {
                                if (!e.is(Status.Reason.NOT_FOUND)) {
                                    throw e;
                                }
                            }
                        })
                .toList();
    }
}
