// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.volume.Volume;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.host.certs.ServiceAccountTokens;
import dev.coracle.host.certs.ServiceAccountTokens.Bound;
import dev.coracle.host.kubelet.PodFiles;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Tokens for pods, bound to the pod, its service account and its node. Each is given out until a
/// fifth of its life is left, as upstream's kubelet does.
///
/// <https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken>
final class PodTokens implements PodFiles.Tokens {
    private final Registry registry;
    private final ServiceAccountTokens tokens;
    private final InstantSource clock;
    private final Map<Wanted, Held> held = new ConcurrentHashMap<>();

    private record Wanted(String podUid, Volume.Content.Token token) {}

    private record Held(String token, Instant renewAt) {}

    PodTokens(Registry registry, ServiceAccountTokens tokens, InstantSource clock) {
        this.registry = registry;
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public String token(JsonObject pod, Volume.Content.Token wanted) {
        var now = clock.instant();
        return held.compute(
                        new Wanted(uid(pod), wanted),
                        (_, before) ->
                                before != null && now.isBefore(before.renewAt())
                                        ? before
                                        : issue(pod, wanted, now))
                .token();
    }

    private Held issue(JsonObject pod, Volume.Content.Token wanted, Instant now) {
        var key = ObjectKey.of(pod);
        var account = pod.object("spec").string("serviceAccountName");
        var found =
                registry.get(
                        ResourceTypes.SERVICE_ACCOUNTS, new ObjectKey(key.namespace(), account));
        var audiences =
                wanted.audience().isEmpty() ? List.<String>of() : List.of(wanted.audience());
        var issued =
                tokens.issue(
                        new ServiceAccountTokens.Request(
                                key.namespace(),
                                new Bound(account, uid(found)),
                                new Bound(key.name(), uid(pod)),
                                pod.object("spec").string("nodeName"),
                                audiences,
                                Duration.ofSeconds(wanted.expirationSeconds())));
        var life = Duration.between(now, issued.expiration());
        return new Held(issued.token(), now.plus(life.multipliedBy(4).dividedBy(5)));
    }

    @Override
    public void forget(String podUid) {
        held.keySet().removeIf(wanted -> wanted.podUid().equals(podUid));
    }

    private static String uid(JsonObject object) {
        return object.object("metadata").string("uid");
    }
}
