// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One container of a pod's spec, an init container included; `tree` is all of it.
///
/// `restartPolicy` is its own where it has one, else what the pod's means for it; `restartRules`
/// go before it.
public record Container(
        JsonObject tree,
        String name,
        Role role,
        String image,
        PullPolicy pullPolicy,
        RestartPolicy restartPolicy,
        List<RestartRule> restartRules) {
    public Container {
        restartRules = List.copyOf(restartRules);
    }

    public enum Role {
        /// Runs to its end before the next one starts.
        INIT,
        /// An init container with `restartPolicy: Always`: started in order, then kept running.
        ///
        /// <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>
        SIDECAR,
        APP
    }

    /// <https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy>
    public enum PullPolicy {
        ALWAYS,
        IF_NOT_PRESENT,
        NEVER
    }

    static Container app(JsonObject tree, RestartPolicy podPolicy) {
        return of(tree, Role.APP, podPolicy);
    }

    static Container init(JsonObject tree, RestartPolicy podPolicy) {
        return tree.string("restartPolicy").equals("Always")
                ? of(tree, Role.SIDECAR, RestartPolicy.ALWAYS)
                : of(tree, Role.INIT, podPolicy.forInitContainers());
    }

    /// Whether the container is started again after it ended with `exitCode`: the first rule that
    /// matches says so, or the policy.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restart-rules>
    public boolean restarts(int exitCode) {
        return rule(exitCode) != null || restartPolicy.restarts(exitCode);
    }

    /// Whether every container of the pod is started again after this one ended with `exitCode`.
    public boolean restartsAll(int exitCode) {
        var rule = rule(exitCode);
        return rule != null && rule.action() == RestartRule.Action.RESTART_ALL_CONTAINERS;
    }

    private @Nullable RestartRule rule(int exitCode) {
        return restartRules.stream()
                .filter(rule -> rule.matches(exitCode))
                .findFirst()
                .orElse(null);
    }

    private static Container of(JsonObject tree, Role role, RestartPolicy inherited) {
        var image = tree.string("image");
        return new Container(
                tree,
                tree.string("name"),
                role,
                image,
                pullPolicy(tree.string("imagePullPolicy"), image),
                tree.has("restartPolicy")
                        ? RestartPolicy.of(tree.string("restartPolicy"))
                        : inherited,
                tree.array("restartPolicyRules").objects().stream().map(RestartRule::of).toList());
    }

    private static PullPolicy pullPolicy(String text, String image) {
        return switch (text) {
            case "Always" -> PullPolicy.ALWAYS;
            case "IfNotPresent" -> PullPolicy.IF_NOT_PRESENT;
            case "Never" -> PullPolicy.NEVER;
            default -> saysLatest(image) ? PullPolicy.ALWAYS : PullPolicy.IF_NOT_PRESENT;
        };
    }

    private static boolean saysLatest(String image) {
        if (image.contains("@")) {
            return false;
        }
        var last = image.substring(image.lastIndexOf('/') + 1);
        return !last.contains(":") || last.endsWith(":latest");
    }

    /// `spec.containers{app}` or `spec.initContainers{init1}`, as events point to it.
    public String fieldPath() {
        return (role == Role.APP ? "spec.containers{" : "spec.initContainers{") + name + "}";
    }

    /// What it is asked to end with, SIGINT for instance; empty when the image decides.
    public String stopSignal() {
        return tree.object("lifecycle").string("stopSignal");
    }
}
