// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;

/// Knows the columns in which people are shown the objects of a type.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>
public interface Tables {

    /// `TableColumnDefinition`s.
    JsonArray columns(ResourceType type);

    /// One cell for each column.
    JsonArray cells(ResourceType type, JsonObject object);
}
