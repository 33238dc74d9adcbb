// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.scheduler;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/// What the scheduler wants done, in order.
public sealed interface SchedulerOutput {

    /// Update the pod's subresource `binding` with `binding`. When that is done, record `events`;
    /// when it is not, say so with [SchedulerInput.BindFailed].
    record Bind(ObjectKey key, String podUid, JsonObject binding, List<EventRequest> events)
            implements SchedulerOutput {
        public Bind {
            events = List.copyOf(events);
        }
    }

    /// Apply `patch`, a strategic merge patch of the whole pod, to its subresource `status`. A pod
    /// that is gone or has another uid is well.
    record PatchStatus(ObjectKey key, JsonObject patch) implements SchedulerOutput {}

    record RecordEvent(EventRequest event) implements SchedulerOutput {}

    /// Send [SchedulerInput.Tick] at this instant. A later one does not replace an earlier one.
    record WakeAt(Instant at) implements SchedulerOutput {}
}
