// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import dev.coracle.core.view.Container.Role;
import dev.coracle.core.view.RestartPolicy;
import java.time.Duration;
import java.util.Locale;

/// Why a running container is to be replaced, and how long it may take to end.
record Kill(Duration grace, String message) {

    /// It has failed a liveness or startup probe, whose grace goes before the pod's.
    ///
    /// Upstream's page: that of [ProbeSpec], "Probe-level terminationGracePeriodSeconds".
    static Kill failed(ProbeSpec probe, Container container, Duration podGrace) {
        var own = probe.terminationGrace();
        return new Kill(
                own == null ? podGrace : own,
                message(
                        container,
                        "failed " + probe.kind().word().toLowerCase(Locale.ROOT) + " probe",
                        container.restartPolicy() != RestartPolicy.NEVER));
    }

    /// Its image in the spec is another one now. Whatever the restart policy, it is replaced.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement>
    static Kill changed(Container container, Duration podGrace) {
        return new Kill(podGrace, message(container, "definition changed", true));
    }

    private static String message(Container container, String why, boolean restarts) {
        return container.role() == Role.APP
                ? "Container "
                        + container.name()
                        + " "
                        + why
                        + (restarts ? ", will be restarted" : "")
                : "Init container " + container.name() + " " + why;
    }
}
