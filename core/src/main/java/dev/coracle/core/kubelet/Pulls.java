// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which images a pod could not pull, and when each may be tried again.
///
/// <https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff>
final class Pulls {
    record Failure(String message, Instant retryAt) {}

    private final BackOffs backOffs;
    private final Map<String, Failure> failures = new HashMap<>();

    Pulls(KubeletConfig.BackOff backOff) {
        backOffs = new BackOffs(backOff);
    }

    @Nullable Failure lastFailure(String image) {
        return failures.get(image);
    }

    void failed(String image, String message, Instant now) {
        backOffs.count(image, now, now);
        failures.put(image, new Failure(message, now.plus(backOffs.delay(image))));
    }

    void succeeded(String image) {
        backOffs.forget(image);
        failures.remove(image);
    }
}
