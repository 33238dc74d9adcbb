// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Pods: a spec that is whole from the start and of which little may change later.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement>
final class PodRules implements Rules {
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String CHANGEABLE =
            String.join(
                    ",",
                    "`spec.containers[*].image`",
                    "`spec.initContainers[*].image`",
                    "`spec.activeDeadlineSeconds`",
                    "`spec.tolerations` (only additions to existing tolerations)",
                    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");

    @Override
    public void create(JsonObject pod, Causes causes) {
        whole(pod, causes);
        var spec = pod.object("spec");
        if (!spec.array("ephemeralContainers").isEmpty()) {
            causes.forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
        if (!spec.string("nodeName").isEmpty() && !spec.array("schedulingGates").isEmpty()) {
            causes.forbidden(
                    "spec.nodeName", "cannot be set until all schedulingGates have been cleared");
        }
    }

    private static void whole(JsonObject pod, Causes causes) {
        var spec = pod.object("spec");
        var mirror = pod.object("metadata").object("annotations").stringOrNull(MIRROR);
        if (mirror != null && spec.string("nodeName").isEmpty()) {
            causes.invalid(
                    "metadata.annotations[" + MIRROR + "]",
                    mirror,
                    "must set spec.nodeName if mirror pod annotation is set");
        }
        PodSpecRules.check(spec, "spec", true, causes);
        if (!spec.string("serviceAccountName").isEmpty()) {
            return;
        }
        Items.each(
                spec,
                "spec",
                "volumes",
                (at, volume) ->
                        Items.each(
                                volume.object("projected"),
                                at + ".projected",
                                "sources",
                                (p, source) -> {
                                    if (source.has("serviceAccountToken")) {
                                        causes.forbidden(
                                                p + ".serviceAccountToken",
                                                "must not be specified when serviceAccountName is not set");
                                    }
                                }));
    }

    @Override
    public void update(JsonObject oldPod, JsonObject updatedPod, Causes causes) {
        whole(updatedPod, causes);
        mirror(oldPod, updatedPod, causes);
        var old = oldPod.object("spec");
        var updated = updatedPod.object("spec");
        for (var list : List.of("containers", "initContainers")) {
            if (updated.array(list).size() != old.array(list).size()) {
                causes.forbidden("spec." + list, "pod updates may not add or remove containers");
                return;
            }
        }
        if (!deadline(old, updated, causes)) {
            return;
        }
        TolerationRules.onlyAdded(old, updated, causes);
        schedulingGates(old, updated, causes);
        rest(old, updated, causes);
    }

    /// Ephemeral containers are added, and never changed or removed.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/>
    static void ephemeralContainers(JsonObject old, JsonObject updated, Causes causes) {
        whole(updated, causes);
        if (old.object("metadata").object("annotations").has(MIRROR)) {
            causes.forbidden("", "static pods do not support ephemeral containers");
            return;
        }
        var now = updated.object("spec").array("ephemeralContainers").objects();
        for (var container : old.object("spec").array("ephemeralContainers").objects()) {
            var name = container.string("name");
            boolean named = now.stream().anyMatch(c -> c.string("name").equals(name));
            if (!named || !now.contains(container)) {
                causes.forbidden(
                        "spec.ephemeralContainers",
                        "existing ephemeral containers %s may not be %s\n"
                                .formatted(Causes.quoted(name), named ? "changed" : "removed"));
            }
        }
    }

    private static void mirror(JsonObject old, JsonObject updated, Causes causes) {
        var before = old.object("metadata").object("annotations").stringOrNull(MIRROR);
        var now = updated.object("metadata").object("annotations").stringOrNull(MIRROR);
        var at = "metadata.annotations[" + MIRROR + "]";
        if (before != null && !before.equals(now)) {
            causes.forbidden(at, "may not remove or update mirror pod annotation");
        } else if (before == null && now != null) {
            causes.forbidden(at, "may not add mirror pod annotation");
        }
    }

    /// Whether it is worth going on.
    private static boolean deadline(JsonObject old, JsonObject updated, Causes causes) {
        var name = "activeDeadlineSeconds";
        var at = "spec." + name;
        boolean had = Numbers.has(old, name);
        if (!Numbers.has(updated, name)) {
            if (had) {
                causes.invalid(
                        at, JsonNull.NULL, "must not update from a positive integer to nil value");
            }
            return true;
        }
        long now = updated.number(name, 0);
        if (now < 0 || now > Integer.MAX_VALUE) {
            causes.invalid(at, now, Names.range(0, Integer.MAX_VALUE));
            return false;
        }
        if (had && old.number(name, 0) < now) {
            causes.invalid(at, now, "must be less than or equal to previous value");
            return false;
        }
        return true;
    }

    private static void schedulingGates(JsonObject old, JsonObject updated, Causes causes) {
        var before =
                old.array("schedulingGates").objects().stream()
                        .map(gate -> gate.string("name"))
                        .collect(Collectors.toSet());
        Items.each(
                updated,
                "spec",
                "schedulingGates",
                (at, gate) -> {
                    var name = gate.string("name");
                    if (!before.contains(name)) {
                        causes.forbidden(
                                at + ".name",
                                "only deletion is allowed, but found new scheduling gate '%s'"
                                        .formatted(name));
                    }
                });
    }

    /// Whatever has no rule of its own must stay.
    ///
    /// Differs from upstream: the message ends with the names of the changed fields, not with a
    /// difference of Go structures.
    private static void rest(JsonObject old, JsonObject updated, Causes causes) {
        var restored = updated;
        for (var list : List.of("containers", "initContainers")) {
            restored =
                    restored.has(list) ? restored.with(list, images(old, updated, list)) : restored;
        }
        for (var field : List.of("activeDeadlineSeconds", "schedulingGates", "tolerations")) {
            restored = restored(restored, old, field);
        }
        long grace = restored.number("terminationGracePeriodSeconds", 0);
        if (old.number("terminationGracePeriodSeconds", 0) < 0 && grace == 1) {
            restored = restored(restored, old, "terminationGracePeriodSeconds");
        }
        if (!old.array("schedulingGates").isEmpty()) {
            restored = gated(old, restored, causes);
        }
        var changed = new TreeSet<String>();
        for (var spec : List.of(old, restored)) {
            for (var field : spec.names()) {
                if (!Metadata.same(restored.get(field), old.get(field))) {
                    changed.add("spec." + field);
                }
            }
        }
        if (!changed.isEmpty()) {
            causes.forbidden(
                    "spec",
                    "pod updates may not change fields other than %s\nchanged: %s"
                            .formatted(CHANGEABLE, String.join(", ", changed)));
        }
    }

    /// While a gate holds a pod back, its node selector may become narrower.
    ///
    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/>
    private static JsonObject gated(JsonObject old, JsonObject updated, Causes causes) {
        var now = updated.object("nodeSelector");
        boolean narrower =
                old.object("nodeSelector").strings().entrySet().stream()
                        .allMatch(entry -> entry.getValue().equals(now.string(entry.getKey())));
        if (!narrower) {
            causes.invalid(
                    "spec.nodeSelector",
                    now,
                    "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        }
        return restored(updated, old, "nodeSelector");
    }

    private static JsonArray images(JsonObject old, JsonObject updated, String list) {
        var before = old.array(list).objects();
        var now = updated.array(list).objects();
        var result = new ArrayList<Json>();
        for (int i = 0; i < now.size() && i < before.size(); i++) {
            result.add(now.get(i).with("image", before.get(i).string("image")));
        }
        return JsonArray.of(result);
    }

    private static JsonObject restored(JsonObject updated, JsonObject old, String field) {
        var value = old.get(field);
        return value == null ? updated.without(field) : updated.with(field, value);
    }
}
