// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The columns in which people are shown the objects of each kind, as upstream v1.36 prints them;
/// kinds without columns of their own show their name and when they were created.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>
public final class Tables {
    private static final List<Column> OTHERS = List.of(Column.NAME, Column.CREATED_AT);
    private static final Map<String, List<Column>> BY_TYPE = byType();

    private final InstantSource clock;

    /// Ages are as of `clock`.
    public Tables(InstantSource clock) {
        this.clock = clock;
    }

    /// `TableColumnDefinition`s.
    public JsonArray columns(ResourceType type) {
        return columnsOf(type).stream().<Json>map(Column::definition).collect(Json.toArray());
    }

    /// One cell of `object` for each column.
    public JsonArray cells(ResourceType type, JsonObject object) {
        var row = new Row(object, clock.instant());
        return columnsOf(type).stream()
                .map(column -> column.cell().apply(row))
                .collect(Json.toArray());
    }

    private static List<Column> columnsOf(ResourceType type) {
        return BY_TYPE.getOrDefault(type.qualified(), OTHERS);
    }

    private static Map<String, List<Column>> byType() {
        var columns = new HashMap<String, List<Column>>();
        columns.putAll(WorkloadColumns.all());
        columns.putAll(ClusterColumns.all());
        columns.putAll(NetworkColumns.all());
        return Map.copyOf(columns);
    }
}
