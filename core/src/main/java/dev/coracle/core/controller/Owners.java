// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who an object belongs to.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/>
public final class Owners {
    private static final String REFERENCES = "ownerReferences";

    private Owners() {}

    public static List<JsonObject> of(JsonObject object) {
        return object.object("metadata").array(REFERENCES).objects();
    }

    /// The reference to the owner that looks after `object`, null when there is none.
    public static @Nullable JsonObject controller(JsonObject object) {
        return of(object).stream()
                .filter(owner -> owner.bool("controller", false))
                .findFirst()
                .orElse(null);
    }

    /// Whether `owner` itself, not a namesake, looks after `object`.
    public static boolean controls(JsonObject owner, JsonObject object) {
        var controller = controller(object);
        return controller != null && controller.string("uid").equals(uid(owner));
    }

    public static String uid(JsonObject object) {
        return object.object("metadata").string("uid");
    }

    /// A reference that makes `owner` the controller of what carries it.
    public static JsonObject reference(JsonObject owner) {
        return JsonObject.builder()
                .put("apiVersion", owner.string("apiVersion"))
                .put("kind", owner.string("kind"))
                .put("name", owner.object("metadata").string("name"))
                .put("uid", uid(owner))
                .put("controller", true)
                .put("blockOwnerDeletion", true)
                .build();
    }

    /// `object` with one more owner.
    public static JsonObject with(JsonObject object, JsonObject reference) {
        return object.with(
                "metadata",
                m -> {
                    var all = new ArrayList<>(m.array(REFERENCES).elements());
                    all.add(reference);
                    return m.with(REFERENCES, JsonArray.of(all));
                });
    }

    /// `object` without the owners of these uids.
    public static JsonObject without(JsonObject object, Collection<String> uids) {
        var left =
                of(object).stream().filter(owner -> !uids.contains(owner.string("uid"))).toList();
        return object.with(
                "metadata",
                m ->
                        left.isEmpty()
                                ? m.without(REFERENCES)
                                : m.with(REFERENCES, JsonArray.of(left)));
    }
}
