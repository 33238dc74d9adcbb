// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An index of the owner references in a store, brought up to date whenever it is asked: never
/// behind. For any thread, one at a time.
public final class StoreDependents implements Dependents, AutoCloseable {
    private final Map<String, ResourceType> byPrefix = new HashMap<>();
    private final Map<Owner, Map<String, Set<Dependent>>> index = new HashMap<>();
    private final Followed references;

    /// An owner as references name it. `namespace` is that of its dependents: where the owner has
    /// none, they may be in any.
    private record Owner(String group, String kind, String namespace, String name) {}

    /// `types` are those whose objects count as dependents, and as owners.
    public StoreDependents(Store store, List<ResourceType> types) {
        this.references = new Followed(store, "", new References());
        types.forEach(type -> byPrefix.put(type.keyPrefix(), type));
    }

    @Override
    public synchronized Map<String, List<Dependent>> of(ResourceType type, ObjectKey owner) {
        references.catchUp();
        var found = new LinkedHashMap<String, List<Dependent>>();
        var name = new Owner(type.group(), type.kind(), owner.namespace(), owner.name());
        index.getOrDefault(name, Map.of())
                .forEach((uid, dependents) -> found.put(uid, List.copyOf(dependents)));
        return found;
    }

    private final class References implements Followed.Index {
        @Override
        public void clear() {
            index.clear();
        }

        @Override
        public void comes(Entry entry) {
            change(entry, true);
        }

        @Override
        public void goes(Entry entry) {
            change(entry, false);
        }
    }

    private void change(Entry entry, boolean present) {
        var references = entry.object().object("metadata").array("ownerReferences").objects();
        var type = references.isEmpty() ? null : typeOf(entry.key());
        if (type == null) {
            return;
        }
        var dependent = new Dependent(type, ObjectKey.of(entry.object()));
        for (var reference : references) {
            var uid = reference.string("uid");
            for (var owner : owners(reference, dependent.key().namespace())) {
                if (present) {
                    add(owner, uid, dependent);
                } else {
                    remove(owner, uid, dependent);
                }
            }
        }
    }

    /// In the dependent's namespace or, for an owner without one, in none.
    private static List<Owner> owners(JsonObject reference, String namespace) {
        var group = ResourceType.groupOf(reference.string("apiVersion"));
        var kind = reference.string("kind");
        var name = reference.string("name");
        var outside = new Owner(group, kind, "", name);
        return namespace.isEmpty()
                ? List.of(outside)
                : List.of(new Owner(group, kind, namespace, name), outside);
    }

    private void add(Owner owner, String uid, Dependent dependent) {
        index.computeIfAbsent(owner, _ -> new LinkedHashMap<>())
                .computeIfAbsent(uid, _ -> new LinkedHashSet<>())
                .add(dependent);
    }

    private void remove(Owner owner, String uid, Dependent dependent) {
        var byUid = index.get(owner);
        var dependents = byUid == null ? null : byUid.get(uid);
        if (byUid == null || dependents == null) {
            return;
        }
        dependents.remove(dependent);
        if (dependents.isEmpty()) {
            byUid.remove(uid);
        }
        if (byUid.isEmpty()) {
            index.remove(owner);
        }
    }

    /// `/core/pods/default/web` is of the type with the prefix `/core/pods/`.
    private @Nullable ResourceType typeOf(String key) {
        int group = key.indexOf('/', 1);
        int plural = group < 0 ? -1 : key.indexOf('/', group + 1);
        return plural < 0 ? null : byPrefix.get(key.substring(0, plural + 1));
    }

    @Override
    public synchronized void close() {
        references.close();
    }
}
