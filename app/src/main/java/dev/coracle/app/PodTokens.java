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
import java.util.List;

/// Tokens for pods, bound to the pod, its service account and its node.
///
/// <https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken>
record PodTokens(Registry registry, ServiceAccountTokens tokens) implements PodFiles.Tokens {

    @Override
    public String token(JsonObject pod, Volume.Content.Token wanted) {
        var key = ObjectKey.of(pod);
        var account = pod.object("spec").string("serviceAccountName");
        var found =
                registry.get(
                        ResourceTypes.SERVICE_ACCOUNTS, new ObjectKey(key.namespace(), account));
        return tokens.issue(
                        new ServiceAccountTokens.Request(
                                key.namespace(),
                                new Bound(account, uid(found)),
                                new Bound(key.name(), uid(pod)),
                                pod.object("spec").string("nodeName"),
                                wanted.audience().isEmpty()
                                        ? List.of()
                                        : List.of(wanted.audience()),
                                Duration.ofSeconds(wanted.expirationSeconds())))
                .token();
    }

    private static String uid(JsonObject object) {
        return object.object("metadata").string("uid");
    }
}
