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
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Ends all pods of a node through its API, as a drain would: no others come to the node, so that
/// what controllers make anew waits for its next start.
final class PodStop {
    /// Upstream's default grace period.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
    private static final long DEFAULT_GRACE_SECONDS = 30;

    /// Beyond the grace periods themselves: removing sandboxes and volumes takes time too.
    private static final Duration SLACK = Duration.ofSeconds(30);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final RunningNode node;
    private final InstantSource clock;
    private final Consumer<String> say;
    private final Registry registry;
    private final ResourceType pods;

    /// What else happens while pods end.
    interface Meanwhile {
        /// Attends to the next thing that happens, or to none within `patience`. Returns whether
        /// the pods shall end at once from now on.
        boolean attend(Duration patience) throws Exception;
    }

    PodStop(RunningNode node, InstantSource clock, Consumer<String> say) {
        this.node = node;
        this.clock = clock;
        this.say = say;
        this.registry = node.registry();
        this.pods =
                registry.types().stream()
                        .filter(type -> type.group().isEmpty() && type.plural().equals("pods"))
                        .findFirst()
                        .orElseThrow();
    }

    /// Asks every pod to end within its own grace period. Returns when none is left on the node and
    /// `seen` agrees, or some time after the longest of these periods; what is left then is said.
    void run(BooleanSupplier seen, Meanwhile meanwhile) throws Exception {
        var deadline = clock.instant().plus(longestGrace()).plus(SLACK);
        node.stopScheduling();
        delete(DeleteOptions.NONE);
        while (!(remaining().isEmpty() && seen.getAsBoolean())) {
            if (clock.instant().isAfter(deadline)) {
                sayWhatIsLeft();
                return;
            }
            if (meanwhile.attend(BETWEEN_LOOKS)) {
                delete(DeleteOptions.withGrace(1));
            }
        }
    }

    private void sayWhatIsLeft() {
        int left = remaining().size();
        if (left > 0) {
            say.accept("%d pods did not end in time".formatted(left));
        }
    }

    private Duration longestGrace() {
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

    /// The pods that are on the node still.
    private List<JsonObject> remaining() {
        return all().stream()
                .filter(pod -> !pod.object("spec").string("nodeName").isEmpty())
                .toList();
    }

    private List<JsonObject> all() {
        return registry.list(pods, ListOptions.all()).entries().stream()
                .map(entry -> entry.object())
                .toList();
    }

    private void delete(DeleteOptions options) {
        for (var pod : all()) {
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
