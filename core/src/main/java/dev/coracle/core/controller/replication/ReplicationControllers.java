// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.replication;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.Owners;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Keeps as many pods as a ReplicationController asks for: takes in those that match and have no
/// owner, makes what is missing, deletes what is too much.
///
/// Because writes are seen at once, nothing need be expected or remembered between two looks. Pods
/// are made one after the other, and no more after the first that is refused.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/>
public final class ReplicationControllers implements Controller {
    /// How many pods are made or deleted in one go.
    private static final int BURST = 500;

    private static final String NAME = "replication-controller";
    private static final String KIND = "ReplicationController";

    private final ResourceType controllers;
    private final ResourceType pods;

    public ReplicationControllers(ResourceType controllers, ResourceType pods) {
        this.controllers = controllers;
        this.pods = pods;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Trigger> reads() {
        return List.of(
                new Trigger(controllers, controller -> List.of(ObjectKey.of(controller))),
                new Trigger(pods, this::interested));
    }

    /// The one that the pod belongs to, or those that it might.
    private List<ObjectKey> interested(View view, JsonObject pod) {
        var namespace = ObjectKey.of(pod).namespace();
        var owner = Owners.controller(pod);
        if (owner != null) {
            return owner.string("kind").equals(KIND)
                    ? List.of(new ObjectKey(namespace, owner.string("name")))
                    : List.of();
        }
        return view.selecting(controllers, namespace, PodState.labels(pod)).stream()
                .map(ObjectKey::of)
                .toList();
    }

    @Override
    public List<ResourceType> writes() {
        return List.of(controllers, pods);
    }

    /// `key` is a ReplicationController's.
    @Override
    public Decision reconcile(View view, ObjectKey key, Instant now) {
        var controller = view.get(controllers, key);
        if (controller == null) {
            return Decision.NOTHING;
        }
        var active =
                view.list(pods, key.namespace()).stream()
                        .filter(pod -> !PodState.isFinished(pod) && !PodState.isDeleting(pod))
                        .toList();
        var claims = Claims.of(controller, active, pods);
        var status = ReplicaStatus.of(controller, claims.pods(), now);
        var writes = new ArrayList<>(claims.writes());
        if (!PodState.isDeleting(controller)) {
            writes.addAll(changes(controller, claims.pods(), status, now));
        }
        if (!status.equals(controller.object("status"))) {
            writes.add(report(controller, status));
        }
        return new Decision(writes, ReplicaStatus.nextAvailable(controller, claims.pods(), now));
    }

    private Write report(JsonObject controller, JsonObject status) {
        return new Write.Update(
                controllers, ObjectKey.of(controller), "status", controller.with("status", status));
    }

    private List<Write> changes(
            JsonObject controller, List<JsonObject> present, JsonObject status, Instant now) {
        long wanted = controller.object("spec").number("replicas", 1);
        var writes = new ArrayList<Write>();
        for (long i = present.size(); i < Math.min(wanted, present.size() + BURST); i++) {
            writes.add(creation(controller, status, now));
        }
        present.stream()
                .sorted(DeletionOrder.at(now))
                .limit(Math.clamp(present.size() - wanted, 0, BURST))
                .map(pod -> deletion(controller, pod, status, now))
                .forEach(writes::add);
        return writes;
    }

    private Write creation(JsonObject controller, JsonObject status, Instant now) {
        return new Write.Reported(
                new Write.Create(pods, ObjectKey.of(controller).namespace(), pod(controller)),
                created ->
                        List.of(
                                said(
                                        controller,
                                        "Normal",
                                        "SuccessfulCreate",
                                        "Created pod: " + ObjectKey.of(created).name())),
                refusal -> refused(controller, status, "Create", "Error creating: ", refusal, now));
    }

    private JsonObject pod(JsonObject controller) {
        var template = controller.object("spec").object("template");
        var metadata = template.object("metadata");
        var key = ObjectKey.of(controller);
        return JsonObject.builder()
                .put("apiVersion", pods.apiVersion())
                .put("kind", pods.kind())
                .put(
                        "metadata",
                        JsonObject.builder()
                                .put("generateName", key.name() + "-")
                                .put("namespace", key.namespace())
                                .putUnlessEmpty("labels", metadata.get("labels"))
                                .putUnlessEmpty("annotations", metadata.get("annotations"))
                                .putUnlessEmpty("finalizers", metadata.get("finalizers"))
                                .put("ownerReferences", JsonArray.of(Owners.reference(controller)))
                                .build())
                .put("spec", template.object("spec"))
                .build();
    }

    private Write deletion(JsonObject controller, JsonObject pod, JsonObject status, Instant now) {
        var key = ObjectKey.of(pod);
        var options = new DeleteOptions(null, null, Owners.uid(pod), null, false);
        return new Write.Reported(
                new Write.Delete(pods, key, options),
                _ ->
                        List.of(
                                said(
                                        controller,
                                        "Normal",
                                        "SuccessfulDelete",
                                        "Deleted pod: " + key.name())),
                refusal -> refused(controller, status, "Delete", "Error deleting: ", refusal, now));
    }

    /// A failure that is known already is not told again in the status, and none where everything
    /// is on its way out.
    private List<Write> refused(
            JsonObject controller,
            JsonObject status,
            String verb,
            String prefix,
            Status refusal,
            Instant now) {
        if (refusal.isOfEndingNamespace()) {
            return List.of();
        }
        var writes = new ArrayList<Write>();
        writes.add(said(controller, "Warning", "Failed" + verb, prefix + refusal.message()));
        var known = ReplicaStatus.failure(controller);
        var failed =
                known == null
                        ? ReplicaStatus.failed(status, "Failed" + verb, refusal.message(), now)
                        : status.with("conditions", JsonArray.of((Json) known));
        if (!failed.equals(controller.object("status"))) {
            writes.add(report(controller, failed));
        }
        return writes;
    }

    private static Write said(JsonObject controller, String type, String reason, String message) {
        return new Write.Announce(
                new EventRequest(
                        EventRequest.Reference.to(controller), type, reason, message, NAME, ""));
    }
}
