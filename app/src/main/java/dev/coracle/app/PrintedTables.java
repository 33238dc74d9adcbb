// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.api.ResourceType;
<<<<<<< HEAD
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
=======
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.host.http.Tables;
import java.time.InstantSource;

record PrintedTables(InstantSource clock) implements Tables {
    @Override
    public JsonArray columns(ResourceType type) {
        return JsonArray.of(JsonObject.builder().put("name","Name").put("type","string").put("format","name").put("description","").put("priority",0).build());
    }
    @Override
    public JsonArray cells(ResourceType type, JsonObject object) {
        return JsonArray.of(Json.of(object.object("metadata").string("name")));
>>>>>>> d516924 (wip-node)
    }
}
