// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.api.Timestamps;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// The rules of `metadata`: what the server sets, what a client may change, and when the
/// generation counts up.
///
/// Differs from upstream: `managedFields` are not recorded.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>
final class ObjectMetadata {
    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int SUFFIX_LENGTH = 5;
    private static final int MAX_GENERATED_LENGTH = 63;
    private static final List<String> CLIENTS =
            List.of("labels", "annotations", "ownerReferences", "finalizers");
    private static final List<String> SERVERS =
            List.of(
                    "name",
                    "generateName",
                    "namespace",
                    "uid",
                    "resourceVersion",
                    "generation",
                    "creationTimestamp",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds");

    private ObjectMetadata() {}

    /// The metadata of a new object: `sent` with a name, a uid and a time of its own.
    static JsonObject created(
            ServedKind kind,
            String namespace,
            JsonObject sent,
            Instant now,
            RandomGenerator random) {
        var metadata =
                JsonObject.builder()
                        .put("name", name(kind.type(), sent, random))
                        .putUnlessEmpty("generateName", sent.string("generateName"))
                        .putUnlessEmpty("namespace", namespace)
                        .put("uid", new UUID(version4(random), variant2(random)).toString());
        if (kind.has(Trait.GENERATION)) {
            metadata.put("generation", 1);
        }
        metadata.put("creationTimestamp", Timestamps.seconds(now));
        CLIENTS.forEach(name -> metadata.putUnlessEmpty(name, sent.get(name)));
        return metadata.build();
    }

    private static String name(ResourceType type, JsonObject sent, RandomGenerator random) {
        var name = sent.string("name");
        if (!name.isEmpty()) {
            return name;
        }
        var base = sent.string("generateName");
        if (base.isEmpty()) {
            throw new ApiException(
                    Status.invalid(
                            type,
                            "",
                            List.of(
                                    new Status.Cause(
                                            "FieldValueRequired",
                                            "Required value: name or generateName is required",
                                            "metadata.name"))));
        }
        int most = MAX_GENERATED_LENGTH - SUFFIX_LENGTH;
        var generated = new StringBuilder(base.length() > most ? base.substring(0, most) : base);
        for (int i = 0; i < SUFFIX_LENGTH; i++) {
            generated.append(SUFFIX_LETTERS.charAt(random.nextInt(SUFFIX_LETTERS.length())));
        }
        return generated.toString();
    }

    private static long version4(RandomGenerator random) {
        return (random.nextLong() & ~0xF000L) | 0x4000L;
    }

    private static long variant2(RandomGenerator random) {
        return (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    }

    /// The metadata after a client replaced `current` by `sent`: what is the server's stays.
    static JsonObject updated(JsonObject current, JsonObject sent) {
        var metadata = JsonObject.builder();
        SERVERS.forEach(name -> metadata.putUnlessEmpty(name, current.get(name)));
        CLIENTS.forEach(name -> metadata.putUnlessEmpty(name, sent.get(name)));
        return metadata.build();
    }

    /// `next` with its generation one higher if it wants something else than `current` did.
    static JsonObject counted(ServedKind kind, JsonObject current, JsonObject next) {
        return kind.has(Trait.GENERATION) && !desired(kind, current).equals(desired(kind, next))
                ? counted(next)
                : next;
    }

    /// `object` with its generation, if it has one, one higher.
    static JsonObject counted(JsonObject object) {
        long generation = object.object("metadata").number("generation", 0);
        return generation == 0
                ? object
                : object.with("metadata", m -> m.with("generation", generation + 1));
    }

    /// What the generation counts the changes of; for Deployments, annotations too. A null means
    /// what its absence means.
    private static JsonObject desired(ServedKind kind, JsonObject object) {
        var given = JsonObject.builder();
        object.forEach(
                (name, value) -> {
                    if (!(value instanceof JsonNull)) {
                        given.put(name, value);
                    }
                });
        var desired = given.build().without("metadata").without("status");
        return kind.storage().equals(ResourceTypes.DEPLOYMENTS)
                ? desired.with("metadata", object.object("metadata").object("annotations"))
                : desired;
    }
}
