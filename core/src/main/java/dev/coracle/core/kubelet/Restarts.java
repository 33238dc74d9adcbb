// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.kubelet.RuntimeReply.ContainerStatus;
import dev.coracle.core.view.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// When the containers of one pod may be started again.
///
/// An instance that ended by itself is followed after the back-off. One that was stopped to be
/// replaced is followed at once, as long as the end before that is longer ago than the delay that
/// has been reached; from then on its end counts as any other. So a container that keeps failing
/// its liveness probe is restarted without a pause a few times, and less and less often then.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
final class Restarts {
    private final BackOffs backOffs;
    private final Map<String, String> replaced = new HashMap<>();
    private final Map<String, String> counted = new HashMap<>();

    Restarts(KubeletConfig.BackOff backOff) {
        this.backOffs = new BackOffs(backOff);
    }

    /// This instance is being stopped to be replaced.
    void replacing(String container, String instanceId) {
        replaced.put(container, instanceId);
    }

    /// Until when the restart is put off, null if it is not: `ended` is the newest instance,
    /// `before` the one before that.
    @Nullable Instant notBefore(
            Container container,
            ContainerStatus ended,
            @Nullable ContainerStatus before,
            Instant now) {
        var key = key(container);
        if (isReplaced(container, ended)) {
            var since = before == null ? null : backOffs.notBefore(key, endOf(before));
            if (since == null || !now.isBefore(since)) {
                return null;
            }
            replaced.remove(container.name());
        }
        return backOffs.notBefore(key, endOf(ended));
    }

    /// The container is started once more: the delay grows, once for each instance that ended.
    void count(
            Container container,
            ContainerStatus ended,
            @Nullable ContainerStatus before,
            Instant now) {
        if (ended.id().equals(counted.put(container.name(), ended.id()))) {
            return;
        }
        var answered = isReplaced(container, ended) ? before : ended;
        if (answered != null) {
            backOffs.count(key(container), endOf(answered), now);
        }
    }

    /// The delay that has been reached.
    Duration delay(Container container) {
        return backOffs.delay(key(container));
    }

    private boolean isReplaced(Container container, ContainerStatus instance) {
        return instance.id().equals(replaced.get(container.name()));
    }

    /// Another image begins with another back-off.
    private static String key(Container container) {
        return container.name() + " " + container.image();
    }

    private static Instant endOf(ContainerStatus instance) {
        var finished = instance.finishedAt();
        return finished == null ? instance.createdAt() : finished;
    }
}
