// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.manifest;

import dev.coracle.core.json.JsonObject;
import java.util.List;

/// One object of a file. `source` says where it stood (`shop.yaml, document 2`); `duplicates` are
/// the paths of names that were written more than once.
public record Manifest(String source, JsonObject object, List<String> duplicates) {
    public Manifest {
        duplicates = List.copyOf(duplicates);
    }

    public String apiVersion() {
        return object.string("apiVersion");
    }

    public String kind() {
        return object.string("kind");
    }

    public String name() {
        var metadata = object.object("metadata");
        var name = metadata.string("name");
        return name.isEmpty() ? metadata.string("generateName") : name;
    }
}
