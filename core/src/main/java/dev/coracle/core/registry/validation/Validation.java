// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// Says what is wrong with an object that has its defaults already, in upstream v1.36's words.
///
/// Kinds without rules of their own here have their `metadata` checked only.
public final class Validation {

    private Validation() {}

    /// What keeps `object` from being created; empty when nothing does.
    public static List<Status.Cause> create(ResourceType type, JsonObject object) {
        var causes = new Causes();
        Metadata.create(type, object.object("metadata"), causes);
        Rules.of(type).create(object, causes);
        return causes.list();
    }

    /// What keeps `updated` from replacing `old`, or a part of it: `subresource` is empty,
    /// `status`, or another the type has.
    public static List<Status.Cause> update(
            ResourceType type, JsonObject old, JsonObject updated, String subresource) {
        var causes = new Causes();
        Metadata.update(old.object("metadata"), updated.object("metadata"), causes);
        if (subresource.isEmpty()) {
            Rules.of(type).update(old, updated, causes);
        } else if (subresource.equals("ephemeralcontainers")) {
            PodRules.ephemeralContainers(old, updated, causes);
        } else if (subresource.equals("status") && type.qualified().equals("services")) {
            ServiceAddresses.status(updated, causes);
        }
        return causes.list();
    }

    /// What is wrong with the addresses of `service` and their families, which must be known before
    /// it can be given any.
    public static List<Status.Cause> serviceAddresses(JsonObject service) {
        var causes = new Causes();
        ServiceAddresses.check(service.object("spec"), causes);
        return causes.list();
    }
}
