// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import dev.coracle.core.json.JsonObject;

/// Names one object of a known type. `namespace` is empty for cluster-scoped kinds.
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {

    /// The key in `object`'s metadata.
    public static ObjectKey of(JsonObject object) {
        var metadata = object.object("metadata");
        return new ObjectKey(metadata.string("namespace"), metadata.string("name"));
    }

    @Override
    public int compareTo(ObjectKey other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    /// `default/web`, or `yard` for a cluster-scoped object.
    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
