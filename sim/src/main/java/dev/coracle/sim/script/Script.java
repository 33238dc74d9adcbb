// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What happens in a simulation that the manifests do not say: what containers do, how images are
/// pulled, and what is done from outside.
///
/// `until` is when it ends; null: when nothing more would happen.
public record Script(
        Map<String, ImageScript> images,
        List<Part> containers,
        List<Step> steps,
        @Nullable Duration until) {

    public Script {
        images = Map.copyOf(images);
        containers = List.copyOf(containers);
        steps = List.copyOf(steps);
    }

    /// Whose runs these are: `pod` is the name of pods, where `*` stands for any letters, and
    /// `container` that of their containers.
    public record Part(String pod, String container, ContainerScript.Runs runs) {

        /// Whether this is about that container.
        public boolean covers(String podName, String containerName) {
            return container.equals(containerName) && matches(pod, podName);
        }

        private static boolean matches(String pattern, String name) {
            int star = pattern.indexOf('*');
            if (star < 0) {
                return pattern.equals(name);
            }
            var before = pattern.substring(0, star);
            if (!name.startsWith(before)) {
                return false;
            }
            var rest = pattern.substring(star + 1);
            for (int from = before.length(); from <= name.length(); from++) {
                if (matches(rest, name.substring(from))) {
                    return true;
                }
            }
            return false;
        }
    }
}
