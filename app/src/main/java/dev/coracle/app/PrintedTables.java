// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.host.http.Tables;

/// Tables as core prints them, for the API server.
record PrintedTables(dev.coracle.core.registry.table.Tables tables) implements Tables {

    @Override
    public JsonArray columns(ResourceType type) {
        return tables.columns(type);
    }

    @Override
    public JsonArray cells(ResourceType type, JsonObject object) {
        return tables.cells(type, object);
    }
}
