// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Carries out what a controller decided, through whichever API and recorder of events it is given.
public final class Writer {
    private final Api api;
    private final String manager;
    private final Consumer<EventRequest> events;

    /// `manager` is who the fields will have been written by.
    public Writer(Api api, String manager, Consumer<EventRequest> events) {
        this.api = api;
        this.manager = manager;
        this.events = events;
    }

    /// How far a list of writes was carried out.
    public sealed interface Outcome {
        /// All of it, or up to one whose namespace is ending: what would have been in there is not
        /// wanted any more.
        record Done() implements Outcome {}

        /// Up to one that was made from an old state: look again at once.
        record Conflict() implements Outcome {}

        /// Up to one that was refused: look again later.
        record Refused(Status status) implements Outcome {}
    }

    /// Carries out `writes` in order, up to the first that fails.
    public Outcome write(List<Write> writes) {
        for (var write : writes) {
            try {
                carryOut(write);
            } catch (ApiException e) {
                return outcome(e);
            }
        }
        return new Outcome.Done();
    }

    private static Outcome outcome(ApiException refusal) {
        if (refusal.is(Status.Reason.CONFLICT)) {
            return new Outcome.Conflict();
        }
        return refusal.status().isOfEndingNamespace()
                ? new Outcome.Done()
                : new Outcome.Refused(refusal.status());
    }

    private JsonObject carryOut(Write write) {
        var options = WriteOptions.by(manager);
        return switch (write) {
            case Write.Create(var type, var namespace, var object) ->
                    tolerating(
                            Status.Reason.ALREADY_EXISTS,
                            () -> api.create(type, namespace, object, options));
            case Write.Update(var type, var key, var subresource, var object) ->
                    api.update(type, key, subresource, object, options);
            case Write.Delete(var type, var key, var deletion) ->
                    tolerating(Status.Reason.NOT_FOUND, () -> api.delete(type, key, deletion));
            case Write.Announce(var event) -> {
                events.accept(event);
                yield JsonObject.EMPTY;
            }
            case Write.Reported reported -> report(reported);
        };
    }

    private JsonObject report(Write.Reported reported) {
        JsonObject result;
        try {
            result = carryOut(reported.attempt());
        } catch (ApiException e) {
            if (!e.is(Status.Reason.CONFLICT)) {
                reported.refused().apply(e.status()).forEach(this::carryOut);
            }
            throw e;
        }
        reported.written().apply(result).forEach(this::carryOut);
        return result;
    }

    private static JsonObject tolerating(Status.Reason reason, Supplier<JsonObject> write) {
        try {
            return write.get();
        } catch (ApiException e) {
            if (!e.is(reason)) {
                throw e;
            }
            return JsonObject.EMPTY;
        }
    }
}
