// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import java.time.Duration;
import java.util.List;

/// Ends all pods of a node through its API, as a drain would.
final class PodStop {
    /// Upstream's default grace period.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
    private static final long DEFAULT_GRACE_SECONDS = 30;

    private final Registry registry;
    private final ResourceType pods;

    PodStop(Registry registry) {
        this.registry = registry;
        this.pods =
                registry.types().stream()
                        .filter(type -> type.group().isEmpty() && type.plural().equals("pods"))
                        .findFirst()
                        .orElseThrow();
    }

    /// Asks every pod to end within its own grace period.
    void ask() {
        delete(DeleteOptions.NONE);
    }

    /// Asks every pod to end at once.
    void force() {
        delete(DeleteOptions.withGrace(1));
    }

    /// The longest grace period of any pod that is left.
    Duration longestGrace() {
        return remaining().stream()
                .map(
                        pod ->
                                pod.object("spec")
                                        .number(
                                                "terminationGracePeriodSeconds",
                                                DEFAULT_GRACE_SECONDS))
                .max(Long::compare)
                .map(Duration::ofSeconds)
                .orElse(Duration.ZERO);
    }

    List<JsonObject> remaining() {
        return registry.list(pods, ListOptions.all()).entries().stream()
                .map(entry -> entry.object())
                .toList();
    }

    private void delete(DeleteOptions options) {
        for (var pod : remaining()) {
            try {
                registry.delete(pods, ObjectKey.of(pod), options);
            } catch (ApiException e) {
                if (!e.is(Status.Reason.NOT_FOUND)) { // gone by itself meanwhile is as good
                    throw e;
                }
            }
        }
    }
}
