// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.LabelSelector;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.api.Timestamps;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Deletes a pod if its disruption budget has room for that.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>
final class Eviction {
    private static final Set<String> UNBUDGETED = Set.of("Pending", "Succeeded", "Failed");
    private static final ResourceType BUDGETS = ResourceTypes.POD_DISRUPTION_BUDGETS;

    private final Parts parts;
    private final Updater updater;
    private final Remover remover;

    Eviction(Parts parts, Updater updater, Remover remover) {
        this.parts = parts;
        this.updater = updater;
        this.remover = remover;
    }

    JsonObject evict(ObjectKey key, JsonObject object, WriteOptions options) {
        var pods = ResourceTypes.served(ResourceTypes.PODS);
        var eviction = parts.decoding().body(pods.type(), "eviction", object, options);
        var delete = deleteOptions(eviction.object("deleteOptions"), options.dryRun());
        var pod = parts.present(pods, key).object();
        Parts.checkPreconditions(
                pods, pod, delete.preconditionUid(), delete.preconditionResourceVersion());
        if (!UNBUDGETED.contains(pod.object("status").string("phase"))
                && !pod.object("metadata").has(Deletion.TIMESTAMP)) {
            takeFromBudget(key, pod, options);
        }
        if (!options.dryRun() && !pod.object("metadata").has(Deletion.TIMESTAMP)) {
            updater.write(pods, key, "status", options, this::disrupted);
        }
        var free =
                new DeleteOptions(
                        delete.gracePeriodSeconds(),
                        delete.propagationPolicy(),
                        pod.object("metadata").string("uid"),
                        null,
                        options.dryRun());
        remover.delete(pods, key, free);
        return Status.success(pods.type(), key.name(), "");
    }

    private static DeleteOptions deleteOptions(JsonObject body, boolean dryRun) {
        var preconditions = body.object("preconditions");
        return new DeleteOptions(
                body.has("gracePeriodSeconds") ? body.number("gracePeriodSeconds", 0) : null,
                body.stringOrNull("propagationPolicy"),
                preconditions.stringOrNull("uid"),
                preconditions.stringOrNull("resourceVersion"),
                dryRun);
    }

    private void takeFromBudget(ObjectKey key, JsonObject pod, WriteOptions options) {
        var budgets =
                parts
                        .store()
                        .range(BUDGETS.keyPrefix() + key.namespace() + "/", "", 0, 0)
                        .entries()
                        .stream()
                        .map(Entry::object)
                        .filter(budget -> covers(budget, pod))
                        .toList();
        if (budgets.isEmpty()) {
            return;
        }
        if (budgets.size() > 1) {
            throw new ApiException(
                    Status.of(
                            Status.Reason.INTERNAL_ERROR,
                            "This pod has more than one PodDisruptionBudget, which the eviction"
                                    + " subresource does not support."));
        }
        updater.write(
                ResourceTypes.served(BUDGETS),
                ObjectKey.of(budgets.getFirst()),
                "status",
                options,
                budget -> taken(budget, key.name()));
    }

    private static boolean covers(JsonObject budget, JsonObject pod) {
        var spec = budget.object("spec");
        return spec.has("selector") && LabelSelector.of(spec.object("selector")).chooses(pod);
    }

    private JsonObject taken(JsonObject budget, String pod) {
        var status = budget.object("status");
        var generation = budget.object("metadata").number("generation", 0);
        var name = budget.object("metadata").string("name");
        if (status.number("observedGeneration", 0) < generation) {
            throw refused(
                    "The disruption budget %s is still being processed by the server."
                            .formatted(name));
        }
        long allowed = status.number("disruptionsAllowed", 0);
        if (allowed <= 0) {
            throw refused(
                    "The disruption budget %s needs %d healthy pods and has %d currently"
                            .formatted(
                                    name,
                                    status.number("desiredHealthy", 0),
                                    status.number("currentHealthy", 0)));
        }
        return budget.with(
                "status",
                s ->
                        s.with("disruptionsAllowed", allowed - 1)
                                .with(
                                        "disruptedPods",
                                        p -> p.with(pod, Timestamps.seconds(parts.now()))));
    }

    private static ApiException refused(String why) {
        var cause = JsonObject.of("reason", Json.of("DisruptionBudget"), "message", Json.of(why));
        var reason = Status.Reason.TOO_MANY_REQUESTS;
        return new ApiException(
                new Status(
                        reason,
                        reason.code(),
                        "Cannot evict pod as it would violate the pod's disruption budget.",
                        JsonObject.of("causes", JsonArray.of(cause))));
    }

    private JsonObject disrupted(JsonObject pod) {
        var conditions = new ArrayList<Json>();
        for (var condition : pod.object("status").array("conditions").objects()) {
            if (!condition.string("type").equals("DisruptionTarget")) {
                conditions.add(condition);
            }
        }
        conditions.add(
                JsonObject.builder()
                        .put("type", "DisruptionTarget")
                        .put("status", "True")
                        .put("lastProbeTime", JsonNull.NULL)
                        .put("lastTransitionTime", Timestamps.seconds(parts.now()))
                        .put("reason", "EvictionByEvictionAPI")
                        .put("message", "Eviction API: evicting")
                        .build());
        return pod.with("status", s -> s.with("conditions", JsonArray.of(List.copyOf(conditions))));
    }
}
