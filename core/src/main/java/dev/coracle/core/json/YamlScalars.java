// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a scalar of YAML means, as the library behind kubectl has it: mostly YAML 1.1, with a few
/// things of 1.2.
final class YamlScalars {
    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
    private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> NOT_JSON =
            Set.of(
                    ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
                    "-.inf", "-.Inf", "-.INF");
    private static final Pattern INTEGER =
            Pattern.compile("[-+]?(?:0|0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|[1-9][0-9]*)");
    private static final Pattern FLOAT =
            Pattern.compile("[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?");
    private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(Long.SIZE);
    private static final String STANDARD = "tag:yaml.org,2002:";

    private YamlScalars() {}

    /// `tag` is null when none was written; `plain` means without quotes and not a block.
    ///
    /// @throws JsonFormatException if the tag says one thing and the text another, or JSON has no
    ///     such value
    static Json resolve(@Nullable String tag, boolean plain, String text) {
        if (tag == null || !tag.startsWith(STANDARD)) {
            return tag == null && plain ? implicit(text) : Json.of(text);
        }
        return switch (tag.substring(STANDARD.length())) {
            case "binary" -> binary(text);
            case "bool" -> typed(implicit(text), JsonBoolean.class, text, "!!bool");
            case "int" -> typed(implicit(text), JsonNumber.class, text, "!!int");
            case "float" -> typed(implicit(text), JsonNumber.class, text, "!!float");
            case "null" -> typed(implicit(text), JsonNull.class, text, "!!null");
            default -> Json.of(text); // !!str, !!timestamp and whatever else
        };
    }

    private static <T extends Json> Json typed(Json value, Class<T> type, String text, String tag) {
        if (type.isInstance(value)) {
            return value;
        }
        throw new JsonFormatException("cannot decode `%s` as a %s".formatted(text, tag));
    }

    private static Json binary(String text) {
        try {
            var bytes = Base64.getMimeDecoder().decode(text);
            return Json.of(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new JsonFormatException("!!binary value contains invalid base64 data", e);
        }
    }

    private static Json implicit(String text) {
        if (TRUE.contains(text)) {
            return JsonBoolean.TRUE;
        }
        if (FALSE.contains(text)) {
            return JsonBoolean.FALSE;
        }
        if (NULL.contains(text)) {
            return JsonNull.NULL;
        }
        if (NOT_JSON.contains(text)) {
            throw new JsonFormatException("JSON has no value for " + text);
        }
        char first = text.charAt(0);
        boolean numeric =
                first == '.' || first == '-' || first == '+' || (first >= '0' && first <= '9');
        return numeric ? number(text) : Json.of(text);
    }

    private static Json number(String text) {
        var plain = text.replace("_", "");
        if (INTEGER.matcher(plain).matches()) {
            var value = integer(plain);
            // What does not fit 64 bits becomes a float below.
            if (value.bitLength() < Long.SIZE
                    || (value.signum() > 0 && value.compareTo(LARGEST) < 0)) {
                return new JsonNumber(value.toString());
            }
        }
        if (FLOAT.matcher(plain).matches()) {
            double value = Double.parseDouble(plain);
            if (!Double.isInfinite(value)) {
                return new JsonNumber(shortest(value));
            }
        }
        return Json.of(text);
    }

    private static BigInteger integer(String text) {
        boolean negative = text.startsWith("-");
        var digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        var lower = digits.toLowerCase(Locale.ROOT);
        BigInteger value;
        if (lower.startsWith("0x")) {
            value = new BigInteger(lower.substring(2), 16);
        } else if (lower.startsWith("0b")) {
            value = new BigInteger(lower.substring(2), 2);
        } else if (lower.startsWith("0o")) {
            value = new BigInteger(lower.substring(2), 8);
        } else if (lower.startsWith("0") && lower.length() > 1) {
            value = new BigInteger(lower.substring(1), 8);
        } else {
            value = new BigInteger(lower);
        }
        return negative ? value.negate() : value;
    }

    /// The shortest text that reads back as `value`, as Go writes it into JSON: `1`, `0.5`, or
    /// `1e+21`.
    static String shortest(double value) {
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= -6 && exponent < 21) {
            return decimal.toPlainString();
        }
        var digits = decimal.unscaledValue().abs().toString();
        var mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return (value < 0 ? "-" : "")
                + mantissa
                + "e"
                + (exponent < 0 ? "-" : "+")
                + Math.abs(exponent);
    }
}
