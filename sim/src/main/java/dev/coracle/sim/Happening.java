// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.time.Instant;

/// One line of a simulation's timeline: something that happened at a virtual instant.
///
/// [TimelineText] and [TimelineJson] show it.
public sealed interface Happening {
    Instant at();

    /// Which run of which container.
    record Run(ObjectKey pod, String container, int attempt) {
        /// Such as `web/app`, with the namespace in front unless it is `default`.
        @Override
        public String toString() {
            return name(pod) + "/" + container;
        }
    }

    /// A pod as a watch shows it.
    record PodSeen(Instant at, Change change, JsonObject pod) implements Happening {}

    enum Change {
        ADDED,
        MODIFIED,
        DELETED
    }

    /// An event was recorded, or counted once more.
    record EventSeen(Instant at, JsonObject event) implements Happening {}

    record Started(Instant at, Run run) implements Happening {}

    record Ended(Instant at, Run run, int exitCode, String reason) implements Happening {}

    /// A file came (`there`) or went in a container.
    record FileChanged(Instant at, Run run, String path, boolean there) implements Happening {}

    /// A probe or hook was answered. `purpose` is the field of the container that asked it, such as
    /// `livenessProbe`, several with `|` between them when each would ask the same.
    record Answered(
            Instant at,
            ObjectKey pod,
            String container,
            String purpose,
            String question,
            String answer)
            implements Happening {}

    /// Something was done from outside; `outcome` is empty when there is nothing to say about it.
    record StepDone(Instant at, String step, String outcome) implements Happening {}

    static String name(ObjectKey key) {
        return key.namespace().equals("default") ? key.name() : key.namespace() + "/" + key.name();
    }
}
