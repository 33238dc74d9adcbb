// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One `v1.Probe` with its defaults. Thresholds count from 1; `terminationGrace` is null unless
/// the probe has one of its own.
///
/// <https://k8s.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/>
record ProbeSpec(
        Kind kind,
        Handler handler,
        Duration initialDelay,
        Duration timeout,
        Duration period,
        int successThreshold,
        int failureThreshold,
        @Nullable Duration terminationGrace) {

    enum Kind {
        /// Until it has succeeded once, the others wait. Nothing is known before.
        STARTUP("startupProbe", "Startup", ProbeState.Verdict.UNKNOWN),
        /// A container counts as not ready until it has succeeded.
        READINESS("readinessProbe", "Readiness", ProbeState.Verdict.FAILURE),
        /// A container counts as alive until it has failed.
        LIVENESS("livenessProbe", "Liveness", ProbeState.Verdict.SUCCESS);

        private final String field;
        private final String word;
        private final ProbeState.Verdict atFirst;

        Kind(String field, String word, ProbeState.Verdict atFirst) {
            this.field = field;
            this.word = word;
            this.atFirst = atFirst;
        }

        /// As events begin: `Liveness`.
        String word() {
            return word;
        }

        ProbeState.Verdict atFirst() {
            return atFirst;
        }

        /// Whether the container has a probe of this kind.
        boolean isIn(Container container) {
            return container.tree().get(field) instanceof JsonObject;
        }
    }

    /// Null when the container has no probe of this kind.
    static @Nullable ProbeSpec of(Container container, Kind kind) {
        if (!(container.tree().get(kind.field) instanceof JsonObject probe)) {
            return null;
        }
        return new ProbeSpec(
                kind,
                Handler.of(probe),
                Duration.ofSeconds(probe.number("initialDelaySeconds", 0)),
                Duration.ofSeconds(atLeastOne(probe, "timeoutSeconds", 1)),
                Duration.ofSeconds(atLeastOne(probe, "periodSeconds", 10)),
                atLeastOne(probe, "successThreshold", 1),
                atLeastOne(probe, "failureThreshold", 3),
                probe.get("terminationGracePeriodSeconds") instanceof JsonNumber seconds
                        ? Duration.ofSeconds(seconds.longValue())
                        : null);
    }

    private static int atLeastOne(JsonObject probe, String name, int otherwise) {
        return (int) Math.max(1, probe.number(name, otherwise));
    }
}
