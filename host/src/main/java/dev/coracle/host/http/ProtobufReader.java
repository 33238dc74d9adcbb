// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads objects in Kubernetes' protobuf encoding as the JSON they stand for. Typed Go clients send
/// it by themselves (`kubectl create configmap` since 1.32), and read JSON in return.
///
/// Go writes fields that are not pointers even when they are empty, and its JSON would leave them
/// out: so empty strings and times are left out here, and zeros where nobody can have meant them.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>
final class ProtobufReader {
    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final int MAX_DEPTH = 200;
    private static final String META = "k8s.io.apimachinery.pkg.apis.meta.v1.";
    private static final String EXTENSIONS = "apiextensions.k8s.io";
    private static final DateTimeFormatter MICROS =
            new DateTimeFormatterBuilder().appendInstant(6).toFormatter();

    /// Fields that Go embeds: their fields are the outer object's own.
    private static final Set<String> INLINE =
            Set.of(
                    "deviceConfiguration",
                    "ephemeralContainerCommon",
                    "handler",
                    "ingressRuleValue",
                    "localObjectReference",
                    "persistentVolumeSource",
                    "ruleWithOperations",
                    "volumeSource");

    /// Not pointers in Go: zero and false are what they are when nobody has set them.
    private static final Set<String> NO_ZERO =
            Set.of(
                    "failureThreshold",
                    "generation",
                    "healthCheckNodePort",
                    "hostIPC",
                    "hostNetwork",
                    "hostPID",
                    "hostPort",
                    "initialDelaySeconds",
                    "minReadySeconds",
                    "nodePort",
                    "paused",
                    "periodSeconds",
                    "publishNotReadyAddresses",
                    "readOnly",
                    "stdin",
                    "stdinOnce",
                    "successThreshold",
                    "timeoutSeconds",
                    "tty",
                    "unschedulable");

    /// Pointers in Go: an empty string is a value.
    private static final Set<String> EMPTY_STRING = Set.of("storageClassName");

    private ProtobufReader() {}

    /// One field of a message. `shape` is empty, `[]` or `{}`; `type` as in `protobuf.txt`.
    private record Field(String name, String shape, String type) {}

    /// Where we are in the bytes of a message.
    private static final class Input {
        private final byte[] bytes;
        private final int end;
        private int at;

        Input(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.at = from;
            this.end = to;
        }

        boolean hasMore() {
            return at < end;
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                if (at >= end) {
                    throw new JsonFormatException("protobuf: unexpected end");
                }
                byte next = bytes[at++];
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new JsonFormatException("protobuf: a number of more than 64 bits");
        }

        Input part() {
            long length = varint();
            if (length < 0 || length > end - at) {
                throw new JsonFormatException("protobuf: unexpected end");
            }
            int from = at;
            at += (int) length;
            return new Input(bytes, from, at);
        }

        double fixed64() {
            if (end - at < 8) {
                throw new JsonFormatException("protobuf: unexpected end");
            }
            long bits = 0;
            for (int i = 0; i < 8; i++) {
                bits |= (long) (bytes[at++] & 0xff) << (8 * i);
            }
            return Double.longBitsToDouble(bits);
        }

        void skip(int wireType) {
            switch (wireType) {
                case 0 -> varint();
                case 1 -> at += 8;
                case 2 -> part();
                case 5 -> at += 4;
                default -> throw new JsonFormatException("protobuf: wire type " + wireType);
            }
        }

        String text() {
            return new String(bytes, at, end - at, StandardCharsets.UTF_8);
        }

        byte[] copy() {
            return java.util.Arrays.copyOfRange(bytes, at, end);
        }
    }

    /// The tables are large and seldom needed: read when first used.
    private static final class Messages {
        private static final Map<String, Map<Integer, Field>> BY_NAME = read();

        private static Map<String, Map<Integer, Field>> read() {
            var messages = new LinkedHashMap<String, Map<Integer, Field>>();
            try (var in =
                    Objects.requireNonNull(
                            ProtobufReader.class.getResourceAsStream(
                                    "/dev/coracle/schema/protobuf.txt"))) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .forEach(line -> add(line.split("\t"), messages));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return messages;
        }

        private static void add(String[] parts, Map<String, Map<Integer, Field>> messages) {
            var fields = new LinkedHashMap<Integer, Field>();
            for (int i = 1; i < parts.length; i++) {
                var field = parts[i].split(":", 3);
                boolean shaped = field[2].startsWith("[]") || field[2].startsWith("{}");
                fields.put(
                        Integer.valueOf(field[0]),
                        new Field(
                                jsonName(field[1]),
                                shaped ? field[2].substring(0, 2) : "",
                                shaped ? field[2].substring(2) : field[2]));
            }
            messages.put(parts[0], fields);
        }

        private static String jsonName(String name) {
            return switch (name) {
                case "uID" -> "uid";
                case "aPIGroup" -> "apiGroup";
                default -> Character.toLowerCase(name.charAt(0)) + name.substring(1);
            };
        }
    }

    /// @throws JsonFormatException if `bytes` are not an object in this encoding, or of a kind that
    ///     cannot be read in it
    static JsonReader.Document read(byte[] bytes) {
        if (bytes.length < MAGIC.length
                || !java.util.Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new JsonFormatException("protobuf: the first four bytes are not k8s and zero");
        }
        var envelope = new Input(bytes, MAGIC.length, bytes.length);
        var apiVersion = "";
        var kind = "";
        var raw = new Input(bytes, 0, 0);
        while (envelope.hasMore()) {
            long tag = envelope.varint();
            switch ((int) tag) {
                case 1 << 3 | 2 -> {
                    var type =
                            message("k8s.io.apimachinery.pkg.runtime.TypeMeta", envelope.part(), 0);
                    apiVersion = type.string("apiVersion");
                    kind = type.string("kind");
                }
                case 2 << 3 | 2 -> raw = envelope.part();
                default -> envelope.skip((int) tag & 7);
            }
        }
        var object = message(messageName(apiVersion, kind), raw, 0);
        var whole = JsonObject.builder().put("apiVersion", apiVersion).put("kind", kind);
        object.forEach(whole::put);
        return new JsonReader.Document(whole.build(), List.of());
    }

    private static String messageName(String apiVersion, String kind) {
        if (kind.equals("DeleteOptions")) {
            return META + kind;
        }
        int slash = apiVersion.indexOf('/');
        var group = slash < 0 ? "core" : apiVersion.substring(0, slash);
        var version = apiVersion.substring(slash + 1);
        var name = "k8s.io.api.%s.%s.%s".formatted(group.split("\\.", 2)[0], version, kind);
        if (group.equals(EXTENSIONS) || !Messages.BY_NAME.containsKey(name)) {
            throw new JsonFormatException(
                    "protobuf: no encoding of %s %s is known; send JSON"
                            .formatted(apiVersion, kind));
        }
        return name;
    }

    private static JsonObject message(String name, Input input, int depth) {
        var fields = Messages.BY_NAME.get(name);
        if (fields == null || depth > MAX_DEPTH) {
            throw new JsonFormatException("protobuf: %s cannot be read; send JSON".formatted(name));
        }
        var builder = JsonObject.builder();
        var lists = new LinkedHashMap<String, List<Json>>();
        var maps = new LinkedHashMap<String, JsonObject.Builder>();
        while (input.hasMore()) {
            long tag = input.varint();
            int wireType = (int) tag & 7;
            var field = fields.get((int) (tag >>> 3));
            if (field == null) {
                input.skip(wireType); // of a newer version
            } else if (field.shape().equals("{}")) {
                entry(
                        field,
                        input.part(),
                        maps.computeIfAbsent(field.name(), _ -> JsonObject.builder()),
                        depth);
            } else if (field.shape().equals("[]")) {
                var list = lists.computeIfAbsent(field.name(), _ -> new ArrayList<>());
                elements(field, wireType, input, list, depth);
            } else {
                var value = value(field.type(), wireType, input, depth);
                if (isInline(name, field) && value instanceof JsonObject inner) {
                    inner.forEach(builder::put);
                } else if (value != null && isSet(field, value)) {
                    builder.put(field.name(), value);
                }
            }
        }
        lists.forEach((field, values) -> builder.put(field, JsonArray.of(values)));
        maps.forEach((field, values) -> builder.put(field, values.build()));
        return builder.build();
    }

    private static boolean isInline(String message, Field field) {
        return INLINE.contains(field.name())
                || (field.name().equals("rule") && message.endsWith(".RuleWithOperations"));
    }

    private static boolean isSet(Field field, Json value) {
        if (field.type().equals("s")) {
            return !value.equals(Json.of("")) || EMPTY_STRING.contains(field.name());
        }
        boolean zero = value.equals(Json.of(0)) || value.equals(Json.of(false));
        return !(zero && NO_ZERO.contains(field.name()));
    }

    private static void entry(Field field, Input input, JsonObject.Builder map, int depth) {
        var key = "";
        var value = emptyOf(field.type());
        while (input.hasMore()) {
            int tag = (int) input.varint();
            if (tag >>> 3 == 1) {
                key = input.part().text();
            } else {
                var read = value(field.type(), tag & 7, input, depth + 1);
                value = read == null ? value : read;
            }
        }
        map.put(key, value);
    }

    private static Json emptyOf(String type) {
        return switch (type) {
            case "s", "y" -> Json.of("");
            case "i", "d" -> Json.of(0);
            case "b" -> Json.of(false);
            default -> JsonObject.EMPTY;
        };
    }

    private static void elements(
            Field field, int wireType, Input input, List<Json> list, int depth) {
        if (wireType == 2 && (field.type().equals("i") || field.type().equals("b"))) {
            var packed = input.part();
            while (packed.hasMore()) {
                list.add(Objects.requireNonNull(value(field.type(), 0, packed, depth)));
            }
            return;
        }
        var value = value(field.type(), wireType, input, depth);
        list.add(value == null ? JsonObject.EMPTY : value);
    }

    /// Null for a time that is not set.
    private static @Nullable Json value(String type, int wireType, Input input, int depth) {
        int expected =
                switch (type) {
                    case "b", "i" -> 0;
                    case "d" -> 1;
                    default -> 2;
                };
        if (wireType != expected) {
            throw new JsonFormatException(
                    "protobuf: wire type %d where %d belongs".formatted(wireType, expected));
        }
        return switch (type) {
            case "b" -> Json.of(input.varint() != 0);
            case "i" -> Json.of(input.varint());
            case "d" -> new JsonNumber(number(input.fixed64()));
            case "s" -> Json.of(input.part().text());
            case "y" -> Json.of(Base64.getEncoder().encodeToString(input.part().copy()));
            default -> special(type, input.part(), depth + 1);
        };
    }

    private static String number(double value) {
        if (!Double.isFinite(value)) {
            throw new JsonFormatException("protobuf: a number that JSON cannot say");
        }
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /// Messages whose JSON is not an object of their fields.
    private static @Nullable Json special(String type, Input input, int depth) {
        return switch (type) {
            case META + "Time", META + "Timestamp" -> time(input, DateTimeFormatter.ISO_INSTANT);
            case META + "MicroTime" -> time(input, MICROS);
            case META + "Duration" ->
                    Json.of(message(type, input, depth).number("duration", 0) / 1e9 + "s");
            case META + "FieldsV1", "k8s.io.apimachinery.pkg.runtime.RawExtension" -> raw(input);
            case "k8s.io.apimachinery.pkg.api.resource.Quantity" ->
                    Json.of(message(type, input, depth).string("string"));
            case "k8s.io.apimachinery.pkg.util.intstr.IntOrString" -> {
                var either = message(type, input, depth);
                yield either.number("type", 0) == 0
                        ? Json.of(either.number("intVal", 0))
                        : Json.of(either.string("strVal"));
            }
            default ->
                    type.endsWith(".ExtraValue") || type.equals(META + "Verbs")
                            ? message(type, input, depth).array("items")
                            : message(type, input, depth);
        };
    }

    private static @Nullable Json time(Input input, DateTimeFormatter format) {
        long seconds = 0;
        long nanos = 0;
        boolean set = false;
        while (input.hasMore()) {
            int tag = (int) input.varint();
            long number = input.varint();
            set |= number != 0;
            if (tag >>> 3 == 1) {
                seconds = number;
            } else {
                nanos = number;
            }
        }
        try {
            return set ? Json.of(format.format(Instant.ofEpochSecond(seconds, nanos))) : null;
        } catch (DateTimeException | ArithmeticException e) {
            throw new JsonFormatException("protobuf: %d is no time".formatted(seconds), e);
        }
    }

    private static Json raw(Input input) {
        Json value = JsonObject.EMPTY;
        while (input.hasMore()) {
            int tag = (int) input.varint();
            if (tag >>> 3 == 1) {
                value = JsonReader.read(input.part().copy()).value();
            } else {
                input.skip(tag & 7);
            }
        }
        return value;
    }
}
