// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.isMissing;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What upstream's default admission plug-ins add to a new pod, besides its service account:
/// a priority, and how long it stays on a node that is lost.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>
public final class PodAdmission {
    private static final String NOT_READY = "node.kubernetes.io/not-ready";
    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    private static final long TOLERATION_SECONDS = 300;

    private PodAdmission() {}

    /// Adds priority and tolerations. `priorityClass` is the class that `priorityClassName` names,
    /// or without a name the cluster's default class, null where there is none.
    ///
    /// @throws ApiException 403 if the named class does not exist, or the pod claims a priority
    ///     that is not its class's
    public static JsonObject admit(JsonObject pod, @Nullable JsonObject priorityClass) {
        return tolerations(priority(pod, priorityClass));
    }

    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>
    private static JsonObject priority(JsonObject pod, @Nullable JsonObject priorityClass) {
        var spec = pod.object("spec");
        var name = spec.string("priorityClassName");
        if (!name.isEmpty() && priorityClass == null) {
            throw forbidden(pod, "no PriorityClass with name " + name + " was found");
        }
        var chosen = priorityClass == null ? JsonObject.EMPTY : priorityClass;
        long value = chosen.number("value", 0);
        if (!isMissing(spec, "priority") && spec.number("priority", value) != value) {
            throw forbidden(
                    pod,
                    "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name"
                            .formatted(spec.number("priority", value), value));
        }
        var policy =
                chosen.string("preemptionPolicy").isEmpty()
                        ? "PreemptLowerPriority"
                        : chosen.string("preemptionPolicy");
        if (!isMissing(spec, "preemptionPolicy")
                && !spec.string("preemptionPolicy").equals(policy)) {
            throw forbidden(
                    pod,
                    "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name"
                            .formatted(spec.string("preemptionPolicy"), policy));
        }
        var result = spec.with("priority", value).with("preemptionPolicy", policy);
        var chosenName = chosen.object("metadata").string("name");
        if (name.isEmpty() && !chosenName.isEmpty()) {
            result = result.with("priorityClassName", chosenName);
        }
        return pod.with("spec", result);
    }

    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    private static JsonObject tolerations(JsonObject pod) {
        var present = pod.object("spec").array("tolerations");
        var all = new ArrayList<Json>(present.elements());
        for (var taint : List.of(NOT_READY, UNREACHABLE)) {
            if (present.objects().stream().noneMatch(t -> concerns(t, taint))) {
                all.add(
                        JsonObject.builder()
                                .put("key", taint)
                                .put("operator", "Exists")
                                .put("effect", "NoExecute")
                                .put("tolerationSeconds", TOLERATION_SECONDS)
                                .build());
            }
        }
        return all.size() == present.size()
                ? pod
                : pod.with("spec", spec -> spec.with("tolerations", JsonArray.of(all)));
    }

    private static boolean concerns(JsonObject toleration, String taint) {
        var key = toleration.string("key");
        var effect = toleration.string("effect");
        return (key.isEmpty() || key.equals(taint))
                && (effect.isEmpty() || effect.equals("NoExecute"));
    }

    /// `pods "web" is forbidden: …`.
    static ApiException forbidden(JsonObject pod, String why) {
        var key = ObjectKey.of(pod);
        var name =
                key.name().isEmpty() ? pod.object("metadata").string("generateName") : key.name();
        return new ApiException(
                new Status(
                        Status.Reason.FORBIDDEN,
                        Status.Reason.FORBIDDEN.code(),
                        "pods \"%s\" is forbidden: %s".formatted(name, why),
                        missing(JsonObject.of("name", Json.of(name)), "kind", Json.of("pods"))));
    }
}
