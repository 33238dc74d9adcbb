// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonBoolean;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonString;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.regex.Pattern;

/// Checks single values and brings them into the form they are stored in.
final class Scalars {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Pattern TIME =
            Pattern.compile(
                    "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");
    private static final Pattern MICRO_TIME =
            Pattern.compile(
                    "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}(Z|[+-]\\d\\d:\\d\\d)");
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'");
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'");

    private Scalars() {}

    static boolean isZero(Type.Scalar type, Json value) {
        return switch (type) {
            case STRING -> value instanceof JsonString(var text) && text.isEmpty();
            case BOOLEAN -> value == JsonBoolean.FALSE;
            case INT32, INT64, DOUBLE ->
                    value instanceof JsonNumber number && number.decimal().signum() == 0;
            case QUANTITY, INT_OR_STRING, TIME, MICRO_TIME, BYTES, ANY -> false;
        };
    }

    static Json decode(Type.Scalar type, Json value, Place place) {
        if (value instanceof JsonNull) {
            return absent(type);
        }
        return switch (type) {
            case ANY -> value;
            case STRING -> string(type, value, place);
            case BOOLEAN -> {
                if (value instanceof JsonBoolean) {
                    yield value;
                }
                throw DecodeException.wrongType(value, type, place);
            }
            case INT32 -> integer(type, value, place, Integer.SIZE);
            case INT64 -> integer(type, value, place, Long.SIZE);
            case DOUBLE -> {
                if (value instanceof JsonNumber) {
                    yield value;
                }
                throw DecodeException.wrongType(value, type, place);
            }
            case QUANTITY -> quantity(value, place);
            case INT_OR_STRING ->
                    value instanceof JsonString
                            ? value
                            : integer(Type.Scalar.INT32, value, place, Integer.SIZE);
            case TIME -> time(string(type, value, place), TIME, "05Z07:00", SECONDS, place);
            case MICRO_TIME ->
                    time(string(type, value, place), MICRO_TIME, "05.000000Z07:00", MICROS, place);
            case BYTES -> bytes(string(type, value, place), place);
        };
    }

    /// What Go makes of a null in a list or a map.
    private static Json absent(Type.Scalar type) {
        return switch (type) {
            case STRING, BYTES -> Json.of("");
            case BOOLEAN -> JsonBoolean.FALSE;
            case INT32, INT64, DOUBLE, INT_OR_STRING -> Json.of(0);
            case QUANTITY -> Json.of("0");
            case TIME, MICRO_TIME, ANY -> JsonNull.NULL;
        };
    }

    private static JsonString string(Type.Scalar type, Json value, Place place) {
        if (value instanceof JsonString string) {
            return string;
        }
        throw DecodeException.wrongType(value, type, place);
    }

    private static Json integer(Type.Scalar type, Json value, Place place, int bits) {
        if (!(value instanceof JsonNumber number)) {
            throw DecodeException.wrongType(value, type, place);
        }
        if (!INTEGER.matcher(number.literal()).matches()
                || number.decimal().toBigInteger().bitLength() >= bits) {
            throw DecodeException.wrongNumber(number, type, place);
        }
        return number;
    }

    private static Json quantity(Json value, Place place) {
        var text =
                switch (value) {
                    case JsonString(var written) -> written.strip();
                    case JsonNumber(var literal) -> literal;
                    default -> throw DecodeException.wrongType(value, Type.Scalar.QUANTITY, place);
                };
        try {
            return Json.of(Quantity.parse(text).toString());
        } catch (IllegalArgumentException e) {
            throw DecodeException.at(place, e.getMessage() + ", not " + StrictDecoder.quoted(text));
        }
    }

    private static Json time(
            JsonString text,
            Pattern shape,
            String layoutEnd,
            DateTimeFormatter format,
            Place place) {
        try {
            if (shape.matcher(text.value()).matches()) {
                var time = OffsetDateTime.parse(text.value());
                return Json.of(format.format(time.withOffsetSameInstant(ZoneOffset.UTC)));
            }
        } catch (DateTimeException e) {
            throw DecodeException.at(
                    place,
                    "parsing time %s: %s"
                            .formatted(StrictDecoder.quoted(text.value()), e.getMessage()));
        }
        throw DecodeException.at(
                place,
                "parsing time %s as \"2006-01-02T15:04:%s\": it has another form"
                        .formatted(StrictDecoder.quoted(text.value()), layoutEnd));
    }

    /// Line breaks are allowed, as in Go's decoder.
    private static Json bytes(JsonString text, Place place) {
        var joined = text.value().replace("\n", "").replace("\r", "");
        try {
            if (joined.length() % 4 == 0) {
                return Json.of(
                        Base64.getEncoder().encodeToString(Base64.getDecoder().decode(joined)));
            }
        } catch (IllegalArgumentException e) {
            throw DecodeException.at(place, "illegal base64 data: " + e.getMessage());
        }
        throw DecodeException.at(
                place, "illegal base64 data at input byte " + (joined.length() / 4 * 4));
    }
}
