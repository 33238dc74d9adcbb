// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.replication;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Owners;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Which pods are an owner's: those that it selects, unless they are somebody else's. One that has
/// nobody is taken in, one that is selected no longer let go.
///
/// `pods` are its own after `writes`.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/>,
/// "Isolating pods from a ReplicationController"
record Claims(List<JsonObject> pods, List<Write> writes) {
    Claims {
        pods = List.copyOf(pods);
        writes = List.copyOf(writes);
    }

    /// `active` are the pods of its namespace that neither have ended nor are on their way out.
    static Claims of(JsonObject owner, List<JsonObject> active, ResourceType type) {
        var selector = owner.object("spec").object("selector");
        boolean staying = !PodState.isDeleting(owner);
        var pods = new ArrayList<JsonObject>();
        var writes = new ArrayList<Write>();
        for (var pod : active) {
            boolean selected = View.has(PodState.labels(pod), selector);
            if (Owners.controls(owner, pod)) {
                if (selected) {
                    pods.add(pod);
                } else if (staying) {
                    writes.add(update(type, Owners.without(pod, Set.of(Owners.uid(owner)))));
                }
            } else if (selected && staying && Owners.controller(pod) == null) {
                pods.add(pod);
                writes.add(update(type, Owners.with(pod, Owners.reference(owner))));
            }
        }
        return new Claims(pods, writes);
    }

    private static Write update(ResourceType type, JsonObject pod) {
        return new Write.Update(type, ObjectKey.of(pod), "", pod);
    }
}
