// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.Store;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/// The registry over a [Store]: decode, default, admit, validate, commit.
///
/// May be used by many threads at once; what two of them do to one object is settled by the
/// store's expected revisions.
public final class StoreRegistry implements Registry {
    private final Creator creator;
    private final Updater updater;
    private final Remover remover;
    private final Eviction eviction;
    private final Reader reader;
    private final Parts parts;

    /// `admissions` have their say in this order, after the built-in ones. `random` need not be
    /// safe for many threads.
    public StoreRegistry(
            Store store,
            Schemas schemas,
            InstantSource clock,
            RandomGenerator random,
            List<Admission> admissions) {
        this(store, schemas, clock, random, ServiceRanges.UPSTREAM, admissions);
    }

    /// As the other, with addresses and node ports of services from `ranges`.
    public StoreRegistry(
            Store store,
            Schemas schemas,
            InstantSource clock,
            RandomGenerator random,
            ServiceRanges ranges,
            List<Admission> admissions) {
        var shared = oneAtATime(random);
        parts =
                new Parts(
                        store,
                        new Decoding(schemas),
                        clock,
                        shared,
                        new ServiceAllocation(store, ranges, shared),
                        admissions);
        creator = new Creator(parts);
        updater = new Updater(parts, creator);
        remover = new Remover(parts);
        eviction = new Eviction(parts, updater, remover);
        reader = new Reader(store);
    }

    private static RandomGenerator oneAtATime(RandomGenerator random) {
        var lock = new Object();
        return () -> {
            synchronized (lock) {
                return random.nextLong();
            }
        };
    }

    @Override
    public List<ResourceType> types() {
        return ResourceTypes.all();
    }

    @Override
    public JsonObject create(
            ResourceType type, String namespace, JsonObject object, WriteOptions options) {
        return creator.create(ResourceTypes.served(type), namespace, object, options);
    }

    @Override
    public JsonObject get(ResourceType type, ObjectKey key) {
        var kind = ResourceTypes.served(type);
        return Rendition.served(kind, parts.present(kind, key).object());
    }

    @Override
    public JsonObject get(ResourceType type, ObjectKey key, String subresource) {
        checkPart(type, subresource);
        return switch (subresource) {
            case "", "status" -> get(type, key);
            case "scale" -> Scale.of(type, get(type, key));
            default -> throw notSupported(type, subresource, "get");
        };
    }

    @Override
    public JsonObject update(
            ResourceType type,
            ObjectKey key,
            String subresource,
            JsonObject object,
            WriteOptions options) {
        checkPart(type, subresource);
        return switch (subresource) {
            case "", "status", "finalize", "scale" ->
                    updater.update(ResourceTypes.served(type), key, subresource, object, options);
            case "binding" -> updater.bind(key, object, options);
            case "eviction" -> eviction.evict(key, object, options);
            default -> throw notSupported(type, subresource, "update");
        };
    }

    @Override
    public JsonObject patch(
            ResourceType type,
            ObjectKey key,
            String subresource,
            Patch patch,
            WriteOptions options) {
        checkPart(type, subresource);
        return switch (subresource) {
            case "", "status", "scale" ->
                    updater.patch(ResourceTypes.served(type), key, subresource, patch, options);
            default -> throw notSupported(type, subresource, "patch");
        };
    }

    @Override
    public JsonObject delete(ResourceType type, ObjectKey key, DeleteOptions options) {
        var kind = ResourceTypes.served(type);
        var removal = remover.delete(kind, key, options);
        return removal.remains()
                ? Rendition.served(kind, removal.object())
                : Status.success(
                        type, key.name(), removal.object().object("metadata").string("uid"));
    }

    @Override
    public List<JsonObject> deleteCollection(
            ResourceType type, ListOptions selection, DeleteOptions options) {
        var kind = ResourceTypes.served(type);
        return remover.deleteAll(kind, reader.list(kind, selection).entries(), options);
    }

    @Override
    public Listing list(ResourceType type, ListOptions options) {
        return reader.list(ResourceTypes.served(type), options);
    }

    @Override
    public ObjectWatch watch(ResourceType type, ListOptions options) {
        return reader.watch(ResourceTypes.served(type), options);
    }

    private static void checkPart(ResourceType type, String subresource) {
        if (!subresource.isEmpty() && !type.hasSubresource(subresource)) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.NOT_FOUND,
                            "the server could not find the requested resource"));
        }
    }

    private static ApiException notSupported(ResourceType type, String subresource, String verb) {
        return new ApiException(
                Status.of(
                        Status.Reason.METHOD_NOT_ALLOWED,
                        "%s is not supported on %s/%s"
                                .formatted(verb, type.qualified(), subresource)));
    }
}
