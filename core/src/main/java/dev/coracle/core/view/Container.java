// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.json.JsonObject;
import java.util.List;

/// One container of a pod's spec, an init container included; `tree` is all of it.
public record Container(
        JsonObject tree,
        String name,
        Role role,
        String image,
        PullPolicy pullPolicy,
        RestartPolicy restartPolicy) {

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

    private static Container of(JsonObject tree, Role role, RestartPolicy restartPolicy) {
        var image = tree.string("image");
        return new Container(
                tree,
                tree.string("name"),
                role,
                image,
                pullPolicy(tree.string("imagePullPolicy"), image),
                restartPolicy);
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

    /// Of `livenessProbe`, `readinessProbe`, `startupProbe`: those that the container has.
    public List<String> probes() {
        return List.of("livenessProbe", "readinessProbe", "startupProbe").stream()
                .filter(tree::has)
                .toList();
    }
}
