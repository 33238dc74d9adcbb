// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What becomes of the dependents of an object that is deleted, written down in its finalizers for
/// the garbage collector.
///
/// <https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion>
enum Propagation {
    /// They stay.
    ORPHAN("Orphan", "orphan"),

    /// They go before it.
    FOREGROUND("Foreground", "foregroundDeletion"),

    /// They go after it, which needs no finalizer.
    BACKGROUND("Background", "");

    /// Kinds that, for old clients' sake, leave their pods behind unless told otherwise.
    private static final Set<String> ORPHANING = Set.of("replicationcontrollers", "jobs.batch");

    private final String text;
    private final String finalizer;

    Propagation(String text, String finalizer) {
        this.text = text;
        this.finalizer = finalizer;
    }

    static boolean isPolicy(String text) {
        return List.of(values()).stream().anyMatch(policy -> policy.text.equals(text));
    }

    /// What holds for `object`: what the request says, else its finalizers, else its kind.
    static Propagation of(ServedKind kind, JsonObject object, DeleteOptions options) {
        var asked = options.propagationPolicy();
        for (var policy : values()) {
            if (policy.text.equals(asked)) {
                return policy;
            }
        }
        var finalizers = finalizers(object);
        if (finalizers.contains(ORPHAN.finalizer)) {
            return ORPHAN;
        }
        if (finalizers.contains(FOREGROUND.finalizer)) {
            return FOREGROUND;
        }
        return ORPHANING.contains(kind.storage().qualified()) ? ORPHAN : BACKGROUND;
    }

    /// `object` with the finalizer of this and of no other policy.
    JsonObject applied(JsonObject object) {
        var before = finalizers(object);
        var after = new ArrayList<>(before);
        after.removeIf(name -> name.equals(ORPHAN.finalizer) || name.equals(FOREGROUND.finalizer));
        if (!finalizer.isEmpty()) {
            after.add(finalizer);
        }
        if (Set.copyOf(after).equals(Set.copyOf(before))) {
            return object;
        }
        return object.with(
                "metadata",
                m ->
                        after.isEmpty()
                                ? m.without("finalizers")
                                : m.with("finalizers", JsonArray.ofStrings(after)));
    }

    private static List<String> finalizers(JsonObject object) {
        return object.object("metadata").array("finalizers").strings();
    }
}
