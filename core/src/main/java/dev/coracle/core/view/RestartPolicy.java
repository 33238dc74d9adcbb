// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

/// Whether a container that has ended is started again.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
public enum RestartPolicy {
    ALWAYS,
    ON_FAILURE,
    NEVER;

    static RestartPolicy of(String text) {
        return switch (text) {
            case "", "Always" -> ALWAYS;
            case "OnFailure" -> ON_FAILURE;
            case "Never" -> NEVER;
            default ->
                    throw new IllegalArgumentException(
                            "restartPolicy \""
                                    + text
                                    + "\" is not one of Always, OnFailure, Never");
        };
    }

    /// Whether a container that ended with `exitCode` is to run again.
    public boolean restarts(int exitCode) {
        return switch (this) {
            case ALWAYS -> true;
            case ON_FAILURE -> exitCode != 0;
            case NEVER -> false;
        };
    }

    /// What the policy of a pod means for its init containers: they run until they succeed, so
    /// Always is OnFailure.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#detailed-behavior>
    public RestartPolicy forInitContainers() {
        return this == ALWAYS ? ON_FAILURE : this;
    }
}
