// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.FieldSelector;
import dev.coracle.core.api.LabelSelector;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;

/// Which objects of a kind a listing or a watch is about, as the kind is served.
record Selection(ServedKind kind, String namespace, LabelSelector labels, FieldSelector fields) {

    /// @throws dev.coracle.core.api.ApiException 400 for a selector that is none
    static Selection of(ServedKind kind, ListOptions options) {
        var fields = FieldSelector.parse(options.fieldSelector());
        FieldLabels.check(kind.type(), fields);
        return new Selection(
                kind, options.namespace(), LabelSelector.parse(options.labelSelector()), fields);
    }

    /// What every chosen object's key starts with: as long as the selection allows, so that little
    /// else is looked at.
    String prefix() {
        ResourceType stored = kind.storage();
        var name = fields.required("metadata.name");
        if (!stored.namespaced()) {
            return stored.keyPrefix() + (name == null ? "" : name);
        }
        if (namespace.isEmpty()) {
            return stored.keyPrefix();
        }
        return stored.keyPrefix() + namespace + "/" + (name == null ? "" : name);
    }

    /// `object` in its served form.
    boolean chooses(JsonObject object) {
        return labels.chooses(object) && FieldLabels.chooses(kind.type(), fields, object);
    }

    boolean isEverything() {
        return labels.isEverything() && fields.isEverything();
    }
}
