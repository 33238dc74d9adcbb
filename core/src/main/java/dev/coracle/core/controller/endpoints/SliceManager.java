// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.PodState;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.View;
import java.util.List;

/// Who keeps a slice, which a label of it says; others leave it alone.
///
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#management>
record SliceManager(String name) {
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

    /// `labels` with those of a slice that is kept for a service.
    JsonObject mark(JsonObject labels, String service) {
        return labels.with(EndpointSlice.SERVICE_NAME, service).with(MANAGED_BY, name);
    }

    /// The slices that are kept for a service.
    List<JsonObject> slices(View view, ResourceType endpointSlices, ObjectKey service) {
        return view.labeled(
                endpointSlices, service.namespace(), mark(JsonObject.EMPTY, service.name()));
    }

    /// The service that `slice` is kept for: none if somebody else keeps it or it names none.
    List<ObjectKey> serviceOf(JsonObject slice) {
        var labels = PodState.labels(slice);
        var service = labels.string(EndpointSlice.SERVICE_NAME);
        return labels.string(MANAGED_BY).equals(name) && !service.isEmpty()
                ? List.of(new ObjectKey(ObjectKey.of(slice).namespace(), service))
                : List.of();
    }
}
