// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.inside;
import static dev.coracle.core.registry.defaults.Unset.missing;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;

/// Resource requirements: quantities in whole thousandths, and requests that follow limits.
///
/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
final class ResourceDefaults {

    private ResourceDefaults() {}

    static JsonObject requirements(JsonObject requirements) {
        return list(list(requirements, "limits"), "requests");
    }

    /// The quantities in the object under `name`, in whole thousandths.
    static JsonObject list(JsonObject object, String name) {
        return inside(
                object,
                name,
                list -> {
                    var result = list;
                    for (var resource : list.names()) {
                        result = quantity(result, resource);
                    }
                    return result;
                });
    }

    /// The quantity under `name` in whole thousandths.
    static JsonObject quantity(JsonObject object, String name) {
        var value = object.get(name);
        return value == null
                ? object
                : Quantity.of(value)
                        .map(q -> object.with(name, q.milli().toString()))
                        .orElse(object);
    }

    static JsonObject requestsFromLimits(JsonObject container) {
        var limits = container.object("resources").object("limits");
        if (limits.isEmpty()) {
            return container;
        }
        return container.with(
                "resources",
                resources -> {
                    var requests = resources.object("requests");
                    for (var resource : limits.names()) {
                        Json limit = limits.get(resource);
                        requests = limit == null ? requests : missing(requests, resource, limit);
                    }
                    return resources.with("requests", requests);
                });
    }
}
