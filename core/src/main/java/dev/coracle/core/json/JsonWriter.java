// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// Writes trees as JSON: compact, names in their order, numbers as they were read.
public final class JsonWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonWriter() {}

    /// UTF-8.
    public static byte[] bytes(Json value) {
        var out = new ByteArrayOutputStream(512);
        try (var generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            write(generator, value);
        }
        return out.toByteArray();
    }

    public static String text(Json value) {
        var out = new StringWriter();
        try (var generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            write(generator, value);
        }
        return out.toString();
    }

    /// Indented by two spaces a level, for people.
    public static String pretty(Json value) {
        var out = new StringWriter();
        var context =
                new ObjectWriteContext.Base() {
                    @Override
                    public tools.jackson.core.PrettyPrinter getPrettyPrinter() {
                        return new DefaultPrettyPrinter();
                    }

                    @Override
                    public boolean hasPrettyPrinter() {
                        return true;
                    }
                };
        try (var generator = FACTORY.createGenerator(context, out)) {
            write(generator, value);
        }
        return out.toString();
    }

    private static void write(JsonGenerator generator, Json value) {
        switch (value) {
            case JsonObject object -> {
                generator.writeStartObject();
                object.forEach(
                        (name, child) -> {
                            generator.writeName(name);
                            write(generator, child);
                        });
                generator.writeEndObject();
            }
            case JsonArray(var elements) -> {
                generator.writeStartArray();
                for (var element : elements) {
                    write(generator, element);
                }
                generator.writeEndArray();
            }
            case JsonString(var text) -> generator.writeString(text);
            case JsonNumber(var literal) -> generator.writeNumber(literal);
            case JsonBoolean bool -> generator.writeBoolean(bool.value());
            case JsonNull _ -> generator.writeNull();
        }
    }
}
