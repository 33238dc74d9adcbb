// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import dev.coracle.core.json.JsonReader.Document;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.reader.UnicodeReader;

/// Reads YAML into JSON trees as kubectl does: `on` and `yes` are booleans, `017` and `0o17`
/// are 15, `~` is null, a date is a string, keys become strings, `<<` merges, aliases are copies.
public final class Yaml {
    private static final int LONGEST = 64 << 20;

    private Yaml() {}

    /// Reads every document of `bytes`, YAML or JSON, that is not empty. Duplicate names
    /// are reported with their paths, as [JsonReader] does; the last one wins.
    ///
    /// @throws JsonFormatException if this is not YAML, not UTF-8 or UTF-16, nests deeper than 200
    ///     levels, or grows too large through its aliases; the message gives line and column
    public static List<Document> read(byte[] bytes) {
        if (startsLikeJson(bytes)) {
            try {
                return List.of(JsonReader.read(bytes));
            } catch (JsonFormatException e) {
                return yaml(bytes); // braces begin maps of YAML too
            }
        }
        return yaml(bytes);
    }

    private static boolean startsLikeJson(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
                return b == '{';
            }
        }
        return false;
    }

    private static List<Document> yaml(byte[] bytes) {
        try {
            var options = new LoaderOptions();
            options.setCodePointLimit(LONGEST);
            var reader = new StreamReader(new UnicodeReader(new ByteArrayInputStream(bytes)));
            var parser = new ParserImpl(reader, options);
            return documents(
                    new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return parser.peekEvent() != null;
                        }

                        @Override
                        public Event next() {
                            return parser.getEvent();
                        }
                    });
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            throw new JsonFormatException(
                    "yaml: "
                            + (mark == null
                                    ? ""
                                    : "line %d, column %d: "
                                            .formatted(mark.getLine() + 1, mark.getColumn() + 1))
                            + (e.getContext() == null ? "" : e.getContext() + ": ")
                            + e.getProblem(),
                    e);
        } catch (YAMLException e) {
            throw new JsonFormatException("yaml: " + e.getMessage(), e);
        }
    }

    /// As [#read], for text that must hold exactly one document; an empty one is null.
    public static Document readOne(byte[] bytes) {
        var documents = read(bytes);
        return switch (documents.size()) {
            case 0 -> new Document(JsonNull.NULL, List.of());
            case 1 -> documents.getFirst();
            default ->
                    throw new JsonFormatException(
                            "yaml: expected one document, found " + documents.size());
        };
    }

    /// As [#readOne], for text whose duplicates do not matter.
    public static Json parse(String text) {
        return readOne(text.getBytes(StandardCharsets.UTF_8)).value();
    }

    private static List<Document> documents(Iterator<Event> events) {
        var documents = new ArrayList<Document>();
        while (events.hasNext()) {
            var event = events.next();
            if (event.is(Event.ID.DocumentStart)) {
                var document = new YamlDocument(events).read();
                if (!(document.value() instanceof JsonNull)) {
                    documents.add(document);
                }
            }
        }
        return List.copyOf(documents);
    }
}
