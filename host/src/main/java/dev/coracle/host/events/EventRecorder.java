// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.events;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.event.EventCorrelator;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.event.EventWrite;
import dev.coracle.core.json.JsonObject;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records what one component reports: counted, combined and limited by [EventCorrelator], then
/// written. An event that cannot be written is lost with a line in the log, as upstream's are.
public final class EventRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

    private final EventCorrelator correlator = new EventCorrelator();
    private final Api api;
    private final ResourceType events;
    private final InstantSource clock;

    public EventRecorder(Api api, ResourceType events, InstantSource clock) {
        this.api = api;
        this.events = events;
        this.clock = clock;
    }

    /// Returns when the event is written. One at a time, so that counts are written in order.
    public synchronized void record(EventRequest request) {
        var write = correlator.record(request, clock.instant());
        if (write.isEmpty()) {
            return;
        }
        var options = WriteOptions.by(request.component());
        try {
            switch (write.get()) {
                case EventWrite.Create(var event) -> create(event, options);
                case EventWrite.Update(var key, var change, var whole) -> {
                    try {
                        api.patch(
                                events,
                                key,
                                "",
                                new Api.Patch(Api.Patch.Format.MERGE, change),
                                options);
                    } catch (ApiException e) {
                        if (!e.is(Status.Reason.NOT_FOUND)) {
                            throw e;
                        }
                        create(whole, options); // it was deleted: events do not live for ever
                    }
                }
            }
        } catch (ApiException e) {
            LOG.info("event {} is lost: {}", request, e.getMessage());
        }
    }

    private void create(JsonObject event, WriteOptions options) {
        api.create(events, event.object("metadata").string("namespace"), event, options);
    }
}
