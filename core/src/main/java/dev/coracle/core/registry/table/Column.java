// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// One column of a table. `priority` 0 is always shown, 1 only in the wide form.
record Column(
        String name,
        String type,
        String format,
        int priority,
        String description,
        Function<Row, Json> cell) {

    static final Column NAME =
            new Column(
                    "Name", "string", "name", 0, "The object's name.", row -> Json.of(row.name()));
    static final Column AGE = text("Age", "How long ago the object was created.", Row::age);
    static final Column CREATED_AT =
            new Column(
                    "Created At",
                    "date",
                    "",
                    0,
                    "When the object was created.",
                    row -> Json.of(row.metadata().string("creationTimestamp")));

    static Column text(String name, String description, Function<Row, String> cell) {
        return new Column(name, "string", "", 0, description, row -> Json.of(cell.apply(row)));
    }

    static Column number(String name, String description, ToLongFunction<Row> cell) {
        return new Column(
                name, "integer", "", 0, description, row -> Json.of(cell.applyAsLong(row)));
    }

    Column wide() {
        return new Column(name, type, format, 1, description, cell);
    }

    /// This column with other texts.
    Column named(Function<Row, String> text) {
        return new Column(
                name, type, format, priority, description, row -> Json.of(text.apply(row)));
    }

    /// The `TableColumnDefinition`.
    JsonObject definition() {
        return JsonObject.builder()
                .put("name", name)
                .put("type", type)
                .put("format", format)
                .put("description", description)
                .put("priority", priority)
                .build();
    }
}
