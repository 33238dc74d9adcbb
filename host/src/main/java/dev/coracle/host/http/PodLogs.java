// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import dev.coracle.host.logs.ContainerLog;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Answers `pods/NAME/log`.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>
final class PodLogs {
    private final Registry registry;
    private final PodAccess pods;
    private final InstantSource clock;
    private final BooleanSupplier stopping;

    PodLogs(Registry registry, PodAccess pods, InstantSource clock, BooleanSupplier stopping) {
        this.registry = registry;
        this.pods = pods;
        this.clock = clock;
        this.stopping = stopping;
    }

    void serve(Exchange exchange, ResourceType type, ObjectKey key) throws IOException {
        var options = options(exchange.query());
        boolean previous = exchange.query().flag("previous");
        var pod = registry.get(type, key);
        var containers = new PodContainers(pod);
        var container = containers.choose(exchange.query().text("container"));
        if (pod.object("spec").string("nodeName").isEmpty()) {
            throw ApiException.badRequest(
                    "pod %s does not have a host assigned".formatted(key.name()));
        }
        var instance = containers.instance(container, previous);
        var file = logFile(pod, container, instance);

        var gone = new AtomicBoolean();
        exchange.request().addFailureListener(_ -> gone.set(true));
        exchange.request().addIdleTimeoutListener(_ -> false); // a followed log may be silent
        exchange.stream(200, "text/plain");
        try {
            new ContainerLog(
                            file,
                            options,
                            () ->
                                    !gone.get()
                                            && !stopping.getAsBoolean()
                                            && isRunning(type, key, container, instance),
                            exchange::write)
                    .copy();
            exchange.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server is stopping
        }
    }

    private boolean isRunning(ResourceType type, ObjectKey key, String container, String instance) {
        try {
            return new PodContainers(registry.get(type, key)).isRunning(container, instance);
        } catch (ApiException e) {
            if (e.is(Status.Reason.NOT_FOUND)) {
                return false;
            }
            throw e;
        }
    }

    private Path logFile(JsonObject pod, String container, String instance) throws IOException {
        var file = pods.logFile(pod, container, instance);
        if (file == null || !java.nio.file.Files.exists(file)) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.INTERNAL_ERROR,
                            "the log of container \"%s\" (%s) is no longer there"
                                    .formatted(container, instance)));
        }
        try {
            return file.toRealPath(); // rotation renames the file, not what points to it
        } catch (NoSuchFileException e) {
            return file;
        }
    }

    private ContainerLog.Options options(Query query) {
        var causes = new ArrayList<Status.Cause>();
        var tail = query.number("tailLines");
        var limit = query.number("limitBytes");
        var seconds = query.number("sinceSeconds");
        if (tail != null && tail < 0) {
            causes.add(invalid("tailLines", tail, "must be greater than or equal to 0"));
        }
        if (limit != null && limit < 1) {
            causes.add(invalid("limitBytes", limit, "must be greater than 0"));
        }
        if (seconds != null && seconds < 1) {
            causes.add(invalid("sinceSeconds", seconds, "must be greater than 0"));
        }
        if (seconds != null && query.has("sinceTime")) {
            causes.add(
                    new Status.Cause(
                            "FieldValueForbidden",
                            "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be"
                                    + " specified",
                            ""));
        }
        if (!causes.isEmpty()) {
            throw Errors.invalidOptions("PodLogOptions", causes);
        }
        return new ContainerLog.Options(
                query.flag("follow"), tail, since(query, seconds), limit, query.flag("timestamps"));
    }

    private static Status.Cause invalid(String field, long value, String why) {
        return new Status.Cause(
                "FieldValueInvalid", "Invalid value: %d: %s".formatted(value, why), field);
    }

    private @Nullable Instant since(Query query, @Nullable Long seconds) {
        if (seconds != null) {
            return clock.instant().minusSeconds(seconds);
        }
        var text = query.text("sinceTime");
        if (text.isEmpty()) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw ApiException.badRequest(
                    "query parameter sinceTime: \"%s\" is not a time as in %s"
                            .formatted(text, List.of("2026-01-31T23:59:59Z")));
        }
    }
}
