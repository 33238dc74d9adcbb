// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// Reads JSON into trees, keeping numbers as written and reporting every duplicate name.
public final class JsonReader {
    private static final int MAX_DEPTH = 200;
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private JsonReader() {}

    /// A tree, and the paths (`spec.containers[0].image`) of names that were written more than
    /// once, in order. The last value won, as in Go's decoder.
    public record Document(Json value, List<String> duplicates) {
        public Document {
            duplicates = List.copyOf(duplicates);
        }
    }

    /// Reads exactly one value.
    ///
    /// @throws JsonFormatException if `bytes` is not one well-formed JSON value in UTF-8, or nests
    ///     deeper than 200 levels; the message gives line and column
    public static Document read(byte[] bytes) {
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            var duplicates = new ArrayList<String>();
            var token = parser.nextToken();
            if (token == null) {
                throw new JsonFormatException("unexpected end of JSON input");
            }
            var value = value(parser, token, "", duplicates);
            if (parser.nextToken() != null) {
                throw new JsonFormatException(
                        "there is more after the JSON value at " + place(parser));
            }
            return new Document(value, duplicates);
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw new JsonFormatException(
                    e.getOriginalMessage()
                            + (at == null
                                    ? ""
                                    : " at line %d, column %d"
                                            .formatted(at.getLineNr(), at.getColumnNr())),
                    e);
        }
    }

    /// As [#read(byte[])], for text whose duplicates do not matter.
    public static Json parse(String text) {
        return read(text.getBytes(StandardCharsets.UTF_8)).value();
    }

    /// As [#parse(String)], for text that must be an object.
    ///
    /// @throws JsonFormatException also if it is another kind of value
    public static JsonObject parseObject(String text) {
        if (parse(text) instanceof JsonObject object) {
            return object;
        }
        throw new JsonFormatException("not a JSON object");
    }

    private static Json value(
            JsonParser parser, JsonToken token, String path, List<String> duplicates) {
        return switch (token) {
            case START_OBJECT -> object(parser, path, duplicates);
            case START_ARRAY -> array(parser, path, duplicates);
            case VALUE_STRING -> new JsonString(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getString());
            case VALUE_TRUE -> JsonBoolean.TRUE;
            case VALUE_FALSE -> JsonBoolean.FALSE;
            case VALUE_NULL -> JsonNull.NULL;
            case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                    throw new JsonFormatException("unexpected " + token + " at " + place(parser));
        };
    }

    private static JsonObject object(JsonParser parser, String path, List<String> duplicates) {
        var builder = JsonObject.builder();
        var seen = new java.util.HashSet<String>();
        for (var name = parser.nextName(); name != null; name = parser.nextName()) {
            var child = path.isEmpty() ? name : path + "." + name;
            if (!seen.add(name)) {
                duplicates.add(child);
            }
            builder.put(name, value(parser, parser.nextToken(), child, duplicates));
        }
        return builder.build();
    }

    private static JsonArray array(JsonParser parser, String path, List<String> duplicates) {
        var elements = new ArrayList<Json>();
        for (var token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            elements.add(value(parser, token, path + "[" + elements.size() + "]", duplicates));
        }
        return JsonArray.of(elements);
    }

    private static String place(JsonParser parser) {
        var at = parser.currentTokenLocation();
        return "line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
    }
}
