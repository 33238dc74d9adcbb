// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;

/// Builds the tree of one document from the parser's events.
final class YamlDocument {
    private static final int MAX_DEPTH = 200;
    private static final long MOST_VALUES = 1_000_000;
    private static final String MERGE = "<<";

    /// A tree and how many values it holds, itself included.
    private record Anchored(Json value, long size) {}

    private final Iterator<Event> events;
    private final Map<String, Anchored> anchors = new HashMap<>();
    private final Set<String> open = new HashSet<>();
    private final List<String> duplicates = new ArrayList<>();
    private long values;
    private long aliased;
    private int depth;

    YamlDocument(Iterator<Event> events) {
        this.events = events;
    }

    /// Reads up to the end of the document.
    JsonReader.Document read() {
        var value = value(events.next(), "");
        events.next(); // its end
        return new JsonReader.Document(value, duplicates);
    }

    private Json value(Event event, String path) {
        if (event instanceof AliasEvent alias) {
            return alias(alias);
        }
        if (!(event instanceof NodeEvent node)) {
            throw new JsonFormatException(at(event.getStartMark()) + "unexpected " + event);
        }
        var anchor = node.getAnchor();
        long before = values;
        values++;
        if (anchor != null) {
            open.add(anchor);
        }
        var value =
                switch (node) {
                    case ScalarEvent scalar -> scalar(scalar);
                    case SequenceStartEvent sequence -> nested(sequence, path, this::sequence);
                    case MappingStartEvent mapping -> nested(mapping, path, this::mapping);
                    default ->
                            throw new JsonFormatException(
                                    at(event.getStartMark()) + "unexpected " + event);
                };
        if (anchor != null) {
            open.remove(anchor);
            anchors.put(anchor, new Anchored(value, values - before));
        }
        return value;
    }

    private interface Reading<E> {
        Json read(E event, String path);
    }

    private <E extends Event> Json nested(E event, String path, Reading<E> reading) {
        depth++;
        if (depth > MAX_DEPTH) {
            throw new JsonFormatException(
                    at(event.getStartMark()) + "nested deeper than %d levels".formatted(MAX_DEPTH));
        }
        var value = reading.read(event, path);
        depth--;
        return value;
    }

    /// The tree is shared, but whoever writes or walks it meets every copy: so those are counted.
    private Json alias(AliasEvent alias) {
        var name = alias.getAnchor();
        var anchored = anchors.get(name);
        if (anchored == null || open.contains(name)) {
            throw new JsonFormatException(
                    at(alias.getStartMark())
                            + (open.contains(name)
                                    ? "anchor '%s' value contains itself".formatted(name)
                                    : "unknown anchor '%s' referenced".formatted(name)));
        }
        values += anchored.size();
        aliased += anchored.size();
        if (aliased > MOST_VALUES) {
            throw new JsonFormatException(
                    at(alias.getStartMark()) + "document contains excessive aliasing");
        }
        return anchored.value();
    }

    private Json scalar(ScalarEvent scalar) {
        try {
            boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
            return YamlScalars.resolve(scalar.getTag(), plain, scalar.getValue());
        } catch (JsonFormatException e) {
            throw new JsonFormatException(at(scalar.getStartMark()) + e.getMessage(), e);
        }
    }

    private Json sequence(SequenceStartEvent start, String path) {
        var elements = new ArrayList<Json>();
        for (var event = events.next(); !event.is(Event.ID.SequenceEnd); event = events.next()) {
            elements.add(value(event, path + "[" + elements.size() + "]"));
        }
        return JsonArray.of(elements);
    }

    private Json mapping(MappingStartEvent start, String path) {
        var own = new LinkedHashMap<String, Json>();
        var merged = new LinkedHashMap<String, Json>();
        for (var event = events.next(); !event.is(Event.ID.MappingEnd); event = events.next()) {
            if (isMerge(event)) {
                merge(value(events.next(), path), event.getStartMark(), merged);
                continue;
            }
            var name = name(event, path);
            var child = path.isEmpty() ? name : path + "." + name;
            if (own.containsKey(name)) {
                duplicates.add(child);
            }
            own.put(name, value(events.next(), child));
        }
        merged.keySet().removeAll(own.keySet());
        var object = JsonObject.builder();
        merged.forEach(object::put);
        own.forEach(object::put);
        return object.build();
    }

    private static boolean isMerge(Event event) {
        return event instanceof ScalarEvent scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && scalar.getValue().equals(MERGE)
                && (scalar.getTag() == null || scalar.getTag().endsWith(":merge"));
    }

    /// What was there first wins: earlier maps of a list over later ones.
    private static void merge(Json source, Mark mark, Map<String, Json> into) {
        switch (source) {
            case JsonObject object -> object.forEach(into::putIfAbsent);
            case JsonArray array when array.objects().size() == array.size() ->
                    array.objects().forEach(object -> object.forEach(into::putIfAbsent));
            default ->
                    throw new JsonFormatException(
                            at(mark) + "map merge requires map or sequence of maps as the value");
        }
    }

    private String name(Event event, String path) {
        var key = value(event, path);
        return switch (key) {
            case JsonString(var text) -> text;
            case JsonNumber(var literal) -> literal;
            case JsonBoolean bool -> bool.toString();
            case JsonNull _, JsonArray _, JsonObject _ ->
                    throw new JsonFormatException(
                            at(event.getStartMark()) + "unsupported map key: " + key.text());
        };
    }

    private static String at(@Nullable Mark mark) {
        return mark == null
                ? "yaml: "
                : "yaml: line %d, column %d: ".formatted(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
