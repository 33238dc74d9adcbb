// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonBoolean;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// Reads one YAML document as the JSON it stands for, with the paths of names written twice.
final class YamlReader {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_NODES = 1_000_000;
    private static final Set<String> TRUE = Set.of("true", "yes", "on", "y");

    private final List<String> duplicates = new ArrayList<>();
    private int nodes;

    private YamlReader() {}

    static JsonReader.Document read(byte[] text) {
        try {
            var options = new LoaderOptions();
            options.setAllowDuplicateKeys(true);
            options.setNestingDepthLimit(MAX_DEPTH);
            options.setCodePointLimit(Integer.MAX_VALUE);
            var decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            var root = new Yaml(options).compose(new StringReader(decoded.toString()));
            if (root == null) {
                throw new JsonFormatException("an empty document");
            }
            var reader = new YamlReader();
            var value = reader.value(root, "", 0);
            return new JsonReader.Document(value, reader.duplicates);
        } catch (CharacterCodingException e) {
            throw new JsonFormatException("not UTF-8", e);
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            var place =
                    mark == null
                            ? ""
                            : " at line %d, column %d"
                                    .formatted(mark.getLine() + 1, mark.getColumn() + 1);
            throw new JsonFormatException("yaml: " + e.getProblem() + place, e);
        } catch (YAMLException e) {
            throw new JsonFormatException("yaml: " + e.getMessage(), e);
        }
    }

    private Json value(Node node, String path, int depth) {
        if (depth > MAX_DEPTH || ++nodes > MAX_NODES) { // aliases can multiply without end
            throw new JsonFormatException("yaml: the document is too large once expanded");
        }
        return switch (node) {
            case MappingNode mapping -> object(mapping, path, depth);
            case SequenceNode sequence -> {
                var elements = new ArrayList<Json>();
                for (var element : sequence.getValue()) {
                    elements.add(value(element, path + "[" + elements.size() + "]", depth + 1));
                }
                yield JsonArray.of(elements);
            }
            case ScalarNode scalar -> scalar(scalar);
            default -> throw new JsonFormatException("yaml: unexpected " + node.getNodeId());
        };
    }

    private JsonObject object(MappingNode mapping, String path, int depth) {
        var builder = JsonObject.builder();
        var seen = new HashSet<String>();
        for (var tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                throw new JsonFormatException(
                        "yaml: a name that is not a scalar at line "
                                + (tuple.getKeyNode().getStartMark().getLine() + 1));
            }
            if (name.getTag().equals(Tag.MERGE)) {
                if (value(tuple.getValueNode(), path, depth + 1) instanceof JsonObject merged) {
                    merged.forEach(
                            (key, value) -> {
                                if (!seen.contains(key)) {
                                    builder.put(key, value);
                                }
                            });
                }
                continue;
            }
            var child = path.isEmpty() ? name.getValue() : path + "." + name.getValue();
            if (!seen.add(name.getValue())) {
                duplicates.add(child);
            }
            builder.put(name.getValue(), value(tuple.getValueNode(), child, depth + 1));
        }
        return builder.build();
    }

    private static Json scalar(ScalarNode node) {
        var text = node.getValue();
        var tag = node.getTag();
        if (tag.equals(Tag.NULL)) {
            return JsonNull.NULL;
        }
        if (tag.equals(Tag.BOOL)) {
            return JsonBoolean.of(TRUE.contains(text.toLowerCase(Locale.ROOT)));
        }
        if (tag.equals(Tag.INT)) {
            return integer(text);
        }
        if (tag.equals(Tag.FLOAT)) {
            return real(text);
        }
        return Json.of(text);
    }

    private static Json integer(String text) {
        var digits = text.replace("_", "");
        boolean negative = digits.startsWith("-");
        var unsigned = negative || digits.startsWith("+") ? digits.substring(1) : digits;
        if (unsigned.contains(":")) {
            return Json.of(text); // a sexagesimal of YAML 1.1 is a string to everybody else
        }
        var value =
                switch (unsigned) {
                    case String hex when hex.startsWith("0x") ->
                            new BigInteger(hex.substring(2), 16);
                    case String binary when binary.startsWith("0b") ->
                            new BigInteger(binary.substring(2), 2);
                    case String octal when octal.length() > 1 && octal.startsWith("0") ->
                            new BigInteger(octal.substring(1), 8);
                    default -> new BigInteger(unsigned);
                };
        return new JsonNumber((negative ? value.negate() : value).toString());
    }

    private static Json real(String text) {
        try {
            var number = new java.math.BigDecimal(text.replace("_", ""));
            return new JsonNumber(number.toString());
        } catch (NumberFormatException e) {
            throw new JsonFormatException(
                    "yaml: \"%s\" is a number that JSON cannot say".formatted(text), e);
        }
    }
}
