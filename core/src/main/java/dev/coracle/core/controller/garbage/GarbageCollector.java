// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.garbage;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Owners;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Dependents;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Deletes objects all of whose owners are gone, lets the dependents of an owner that is to leave
/// them behind go free, and holds an owner back for as long as dependents that block it remain.
///
/// A key names an object of any type: `default`, `pods/web`.
///
/// <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>
public final class GarbageCollector implements Controller {
    private static final String ORPHAN = "orphan";
    private static final String FOREGROUND = "foregroundDeletion";

    private final Map<String, ResourceType> types = new LinkedHashMap<>();
    private final Dependents dependents;

    /// `types` are those whose objects own others or are owned.
    public GarbageCollector(List<ResourceType> types, Dependents dependents) {
        types.forEach(type -> this.types.put(type.qualified(), type));
        this.dependents = dependents;
    }

    @Override
    public String name() {
        return "generic-garbage-collector";
    }

    @Override
    public List<Trigger> reads() {
        return types.values().stream()
                .map(type -> new Trigger(type, (view, object) -> keys(view, type, object)))
                .toList();
    }

    /// The object itself, and those of its owners that may be waiting for it.
    private List<ObjectKey> keys(View view, ResourceType type, JsonObject object) {
        var keys = new ArrayList<ObjectKey>();
        keys.add(key(type, ObjectKey.of(object)));
        for (var reference : Owners.of(object)) {
            var ownerType = typeOf(reference);
            var owner = ownerType == null ? null : owner(view, ownerType, object, reference);
            if (ownerType != null && owner != null && PodState.isDeleting(owner)) {
                keys.add(key(ownerType, ObjectKey.of(owner)));
            }
        }
        return keys;
    }

    private static ObjectKey key(ResourceType type, ObjectKey object) {
        return new ObjectKey(object.namespace(), type.qualified() + "/" + object.name());
    }

    private @Nullable ResourceType typeOf(JsonObject reference) {
        var group = ResourceType.groupOf(reference.string("apiVersion"));
        return types.values().stream()
                .filter(type -> type.kind().equals(reference.string("kind")))
                .filter(type -> type.group().equals(group))
                .findFirst()
                .orElse(null);
    }

    /// Whatever has the name in `reference`.
    private static @Nullable JsonObject owner(
            View view, ResourceType type, JsonObject dependent, JsonObject reference) {
        var namespace = type.namespaced() ? ObjectKey.of(dependent).namespace() : "";
        return view.get(type, new ObjectKey(namespace, reference.string("name")));
    }

    @Override
    public List<ResourceType> writes() {
        return List.copyOf(types.values());
    }

    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        int slash = key.name().indexOf('/');
        var type = types.get(key.name().substring(0, slash));
        if (type == null) {
            throw new IllegalArgumentException("no type of " + key);
        }
        var objectKey = new ObjectKey(key.namespace(), key.name().substring(slash + 1));
        var object = view.get(type, objectKey);
        var uid = object == null ? "" : Owners.uid(object);
        var writes = new ArrayList<Write>();
        dependents
                .of(type, objectKey)
                .forEach(
                        (owner, left) -> {
                            if (!owner.equals(uid)) {
                                left.forEach(one -> writes.addAll(judge(view, one)));
                            }
                        });
        if (object != null) {
            writes.addAll(judge(view, type, object));
        }
        return new Decision(writes, null);
    }

    private List<Write> judge(View view, Dependents.Dependent dependent) {
        var object = view.get(dependent.type(), dependent.key());
        return object == null ? List.of() : judge(view, dependent.type(), object);
    }

    private List<Write> judge(View view, ResourceType type, JsonObject object) {
        if (!PodState.isDeleting(object)) {
            return Owners.of(object).isEmpty() ? List.of() : claimed(view, type, object);
        }
        if (has(object, ORPHAN)) {
            return released(view, type, object);
        }
        return has(object, FOREGROUND) ? held(view, type, object) : List.of();
    }

    private static boolean has(JsonObject object, String finalizer) {
        return object.object("metadata").array("finalizers").strings().contains(finalizer);
    }

    /// How an owner stands to its dependent.
    private enum Claim {
        SOLID,
        WAITING,
        GONE
    }

    /// An object goes when nobody is left who wants it; else it forgets those who do not.
    private List<Write> claimed(View view, ResourceType type, JsonObject object) {
        var byClaim = new LinkedHashMap<Claim, Set<String>>();
        for (var reference : Owners.of(object)) {
            byClaim.computeIfAbsent(claim(view, type, object, reference), _ -> new HashSet<>())
                    .add(reference.string("uid"));
        }
        if (byClaim.containsKey(Claim.SOLID)) {
            var others = new HashSet<String>();
            others.addAll(byClaim.getOrDefault(Claim.WAITING, Set.of()));
            others.addAll(byClaim.getOrDefault(Claim.GONE, Set.of()));
            return others.isEmpty()
                    ? List.of()
                    : List.of(update(type, Owners.without(object, others)));
        }
        boolean inTurn = byClaim.containsKey(Claim.WAITING) && !own(view, type, object).isEmpty();
        return inTurn
                ? foreground(view, type, object)
                : List.of(delete(type, object, policy(object)));
    }

    private Claim claim(View view, ResourceType type, JsonObject object, JsonObject reference) {
        var ownerType = typeOf(reference);
        if (ownerType == null || (ownerType.namespaced() && !type.namespaced())) {
            return Claim.SOLID; // nobody we know of: better to let it be
        }
        var owner = owner(view, ownerType, object, reference);
        if (owner == null || !Owners.uid(owner).equals(reference.string("uid"))) {
            return Claim.GONE;
        }
        return PodState.isDeleting(owner) && has(owner, FOREGROUND) ? Claim.WAITING : Claim.SOLID;
    }

    /// A finalizer that the object was given beforehand says what becomes of its own dependents.
    private static String policy(JsonObject object) {
        return has(object, ORPHAN)
                ? "Orphan"
                : has(object, FOREGROUND) ? "Foreground" : "Background";
    }

    private record Dependent(ResourceType type, JsonObject object) {}

    private List<Dependent> own(View view, ResourceType type, JsonObject owner) {
        return dependents
                .of(type, ObjectKey.of(owner))
                .getOrDefault(Owners.uid(owner), List.of())
                .stream()
                .map(
                        one -> {
                            var object = view.get(one.type(), one.key());
                            return object == null ? null : new Dependent(one.type(), object);
                        })
                .filter(Objects::nonNull)
                .toList();
    }

    /// Its dependents first, then it. Should one of them wait in its turn, for it perhaps, nobody
    /// need wait for it any longer.
    private List<Write> foreground(View view, ResourceType type, JsonObject object) {
        boolean circle =
                own(view, type, object).stream()
                        .anyMatch(
                                one ->
                                        PodState.isDeleting(one.object())
                                                && has(one.object(), FOREGROUND));
        return circle
                ? List.of(
                        update(type, unblocking(object)),
                        new Write.Delete(
                                type,
                                ObjectKey.of(object),
                                new DeleteOptions(
                                        null, "Foreground", Owners.uid(object), null, false)))
                : List.of(delete(type, object, "Foreground"));
    }

    private static JsonObject unblocking(JsonObject object) {
        return object.with(
                "metadata",
                m ->
                        m.with(
                                "ownerReferences",
                                Owners.of(object).stream()
                                        .map(owner -> owner.with("blockOwnerDeletion", false))
                                        .collect(Json.toArray())));
    }

    /// The dependents of an owner that leaves them behind, freed of it; when that has been seen,
    /// the owner freed to go, so that whoever looks after it can still say what became of it.
    private List<Write> released(View view, ResourceType type, JsonObject owner) {
        var left = own(view, type, owner);
        return left.isEmpty()
                ? List.of(update(type, without(owner, ORPHAN)))
                : left.stream()
                        .map(
                                one ->
                                        update(
                                                one.type(),
                                                Owners.without(
                                                        one.object(), Set.of(Owners.uid(owner)))))
                        .toList();
    }

    /// An owner that goes after its dependents: they are deleted, and it when none is left that
    /// blocks it.
    private List<Write> held(View view, ResourceType type, JsonObject owner) {
        var writes = new ArrayList<Write>();
        boolean blocked = false;
        for (var one : own(view, type, owner)) {
            blocked |=
                    Owners.of(one.object()).stream()
                            .filter(r -> r.string("uid").equals(Owners.uid(owner)))
                            .anyMatch(r -> r.bool("blockOwnerDeletion", false));
            if (!PodState.isDeleting(one.object())) {
                writes.addAll(claimed(view, one.type(), one.object()));
            }
        }
        if (!blocked) {
            writes.add(update(type, without(owner, FOREGROUND)));
        }
        return writes;
    }

    private static JsonObject without(JsonObject object, String finalizer) {
        return object.with(
                "metadata",
                m ->
                        m.with(
                                "finalizers",
                                m.array("finalizers").strings().stream()
                                        .filter(other -> !other.equals(finalizer))
                                        .map(Json::of)
                                        .collect(Json.toArray())));
    }

    private static Write update(ResourceType type, JsonObject object) {
        return new Write.Update(type, ObjectKey.of(object), "", object);
    }

    /// Only what was looked at is deleted.
    private static Write delete(ResourceType type, JsonObject object, String policy) {
        var version = object.object("metadata").string("resourceVersion");
        return new Write.Delete(
                type,
                ObjectKey.of(object),
                new DeleteOptions(null, policy, Owners.uid(object), version, false));
    }
}
