// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import java.util.Set;
import java.util.stream.Collectors;

/// One of a container's `restartPolicyRules`: what follows when it ends with certain exit codes.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restart-rules>
public record RestartRule(Action action, boolean in, Set<Long> exitCodes) {
    public RestartRule {
        exitCodes = Set.copyOf(exitCodes);
    }

    public enum Action {
        /// This container is started again.
        RESTART,
        /// Every container of the pod is, init containers included.
        ///
        /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>,
        /// "Restart all containers"
        RESTART_ALL_CONTAINERS
    }

    static RestartRule of(JsonObject rule) {
        var action = rule.string("action");
        var condition = rule.object("exitCodes");
        return new RestartRule(
                switch (action) {
                    case "Restart" -> Action.RESTART;
                    case "RestartAllContainers" -> Action.RESTART_ALL_CONTAINERS;
                    default ->
                            throw new IllegalArgumentException(
                                    "restartPolicyRules: action \""
                                            + action
                                            + "\" is not one of Restart, RestartAllContainers");
                },
                condition.string("operator").equals("In"),
                condition.array("values").stream()
                        .filter(JsonNumber.class::isInstance)
                        .map(code -> ((JsonNumber) code).longValue())
                        .collect(Collectors.toSet()));
    }

    boolean matches(int exitCode) {
        return in == exitCodes.contains((long) exitCode);
    }
}
