// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// What the scheduler is told.
public sealed interface SchedulerInput {

    /// Objects as they now are, and names of those that are gone. The first input must hold
    /// everything there is, or the first pods would be told that there are no nodes.
    record Changes(
            List<JsonObject> pods,
            List<ObjectKey> gonePods,
            List<JsonObject> nodes,
            List<String> goneNodes)
            implements SchedulerInput {
        public Changes {
            pods = List.copyOf(pods);
            gonePods = List.copyOf(gonePods);
            nodes = List.copyOf(nodes);
            goneNodes = List.copyOf(goneNodes);
        }
    }

    /// A [SchedulerOutput.Bind] was refused or failed.
    record BindFailed(ObjectKey key, String podUid, String message) implements SchedulerInput {}

    /// A time asked for with [SchedulerOutput.WakeAt] has come.
    record Tick() implements SchedulerInput {}
}
