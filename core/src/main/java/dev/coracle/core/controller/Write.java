// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;

/// One thing that a controller wants written.
public sealed interface Write {

    /// Already there is well.
    record Create(ResourceType type, String namespace, JsonObject object) implements Write {}

    /// `object` carries the resourceVersion that was read, so that nobody's change is undone.
    /// `subresource` is empty for the object itself.
    record Update(ResourceType type, ObjectKey key, String subresource, JsonObject object)
            implements Write {}

    /// Already gone is well.
    record Delete(ResourceType type, ObjectKey key, Api.DeleteOptions options) implements Write {}

    /// An event that people should be able to read.
    record Announce(EventRequest event) implements Write {}

    /// `attempt`, and what is to be said of it: `written` is given what it became (for a deletion
    /// that was carried out at once, a `v1.Status`), `refused` why it was not to be. A conflict is
    /// neither: it only means to look again.
    record Reported(
            Write attempt,
            Function<JsonObject, List<Write>> written,
            Function<Status, List<Write>> refused)
            implements Write {}
}
