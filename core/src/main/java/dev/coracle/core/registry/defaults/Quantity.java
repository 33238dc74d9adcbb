// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonString;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// An amount of a resource: `500m`, `1.5Gi`, `1e3`; finer than a billionth is rounded up.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
public record Quantity(BigDecimal value, Format format) implements Comparable<Quantity> {

    /// Which family of suffixes an amount was written with, and is written with again.
    public enum Format {
        BINARY,
        DECIMAL,
        EXPONENT
    }

    /// What is said of a text that is no quantity.
    public static final String PATTERN = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

    private static final Pattern SYNTAX =
            Pattern.compile(
                    "([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))"
                            + "([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,4}|)");
    private static final Map<String, Integer> POWERS_OF_1024 =
            Map.of("Ki", 1, "Mi", 2, "Gi", 3, "Ti", 4, "Pi", 5, "Ei", 6);
    private static final Map<String, Integer> POWERS_OF_TEN =
            Map.of(
                    "n", -9, "u", -6, "m", -3, "", 0, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E",
                    18);
    private static final List<String> DECIMAL_SUFFIXES =
            List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final List<String> BINARY_SUFFIXES =
            List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final BigInteger KIBI = BigInteger.valueOf(1024);
    private static final int NANO = 9;
    private static final int MILLI = 3;

    /// Reads a quantity; empty when `json` is neither a number nor a string that holds one.
    public static Optional<Quantity> of(Json json) {
        return switch (json) {
            case JsonString(var text) -> parse(text);
            case JsonNumber(var literal) -> parse(literal);
            case Json _ -> Optional.empty();
        };
    }

    public static Optional<Quantity> parse(String text) {
        var matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var number = new BigDecimal(matcher.group(1));
        var suffix = matcher.group(2);
        var power = POWERS_OF_1024.get(suffix);
        if (power != null) {
            return Optional.of(
                    rounded(number.multiply(new BigDecimal(KIBI.pow(power))), Format.BINARY));
        }
        var ten = POWERS_OF_TEN.get(suffix);
        return Optional.of(
                ten != null
                        ? rounded(number.scaleByPowerOfTen(ten), Format.DECIMAL)
                        : rounded(
                                number.scaleByPowerOfTen(Integer.parseInt(suffix.substring(1))),
                                Format.EXPONENT));
    }

    private static Quantity rounded(BigDecimal value, Format format) {
        return new Quantity(
                value.scale() > NANO ? value.setScale(NANO, RoundingMode.UP) : value, format);
    }

    /// This amount in whole thousandths, rounded away from zero as lists of resources keep them.
    public Quantity milli() {
        return value.scale() > MILLI
                ? new Quantity(value.setScale(MILLI, RoundingMode.UP), format)
                : this;
    }

    public int signum() {
        return value.signum();
    }

    public boolean isInteger() {
        return value.stripTrailingZeros().scale() <= 0;
    }

    public Quantity plus(Quantity other) {
        return new Quantity(value.add(other.value), value.signum() == 0 ? other.format : format);
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    /// The canonical form: no fraction, the largest suffix that leaves none.
    @Override
    public String toString() {
        if (value.signum() == 0) {
            return "0";
        }
        boolean small = value.abs().compareTo(new BigDecimal(KIBI)) < 0;
        if (format == Format.BINARY && !small && isInteger()) {
            return binary();
        }
        var stripped = value.stripTrailingZeros();
        int exponent = Math.floorDiv(-stripped.scale(), 3) * 3;
        if (format != Format.EXPONENT) {
            exponent = Math.min(exponent, 18);
        }
        var mantissa = stripped.scaleByPowerOfTen(-exponent).toBigIntegerExact();
        if (format == Format.EXPONENT) {
            return exponent == 0 ? mantissa.toString() : mantissa + "e" + exponent;
        }
        return mantissa + DECIMAL_SUFFIXES.get((exponent + NANO) / 3);
    }

    private String binary() {
        var mantissa = value.toBigIntegerExact();
        int power = 0;
        while (power < BINARY_SUFFIXES.size() - 1 && mantissa.remainder(KIBI).signum() == 0) {
            mantissa = mantissa.divide(KIBI);
            power++;
        }
        return mantissa + BINARY_SUFFIXES.get(power);
    }
}
