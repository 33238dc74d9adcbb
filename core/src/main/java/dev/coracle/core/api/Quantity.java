// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonString;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An amount of a resource: `500m`, `1Gi`, `1e3`.
///
/// Two quantities are equal when they are the same amount, however they were written; [#toString]
/// gives the canonical form in the family of suffixes it was written in. Amounts finer than a
/// billionth are rounded up, binary ones larger than 64 bits hold are capped, as upstream does.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
public final class Quantity implements Comparable<Quantity> {
    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Format.DECIMAL_SI);

    private static final String PATTERN = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";
    private static final Pattern TEXT =
            Pattern.compile(
                    "([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))"
                            + "(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]+)?");
    private static final int FINEST = 9;
    private static final int MILLI = 3;
    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final int LONGEST = 18; // digits that fit 64 bits whatever they are
    private static final BigInteger FURTHEST = BigInteger.valueOf(1_000); // exponent
    private static final Map<String, Integer> DECIMAL =
            Map.of(
                    "n", -9, "u", -6, "m", -3, "", 0, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E",
                    18);
    private static final String[] BINARY = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    private static final String[] SI = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};

    /// The families of suffixes.
    public enum Format {
        DECIMAL_SI,
        BINARY_SI,
        DECIMAL_EXPONENT
    }

    private final BigDecimal amount;
    private final Format format;
    private final @Nullable String written;

    private Quantity(BigDecimal amount, Format format) {
        this(amount, format, null);
    }

    private Quantity(BigDecimal amount, Format format, @Nullable String written) {
        this.amount = amount;
        this.format = format;
        this.written = written;
    }

    public static Quantity of(long value) {
        return new Quantity(BigDecimal.valueOf(value), Format.DECIMAL_SI);
    }

    /// So many bytes, written with `Ki`, `Mi` and so on.
    public static Quantity ofBytes(long value) {
        return new Quantity(BigDecimal.valueOf(value), Format.BINARY_SI);
    }

    public static Quantity ofMillis(long milli) {
        return new Quantity(BigDecimal.valueOf(milli, MILLI), Format.DECIMAL_SI);
    }

    /// Reads a quantity; empty when `json` is neither a number nor a string that holds one.
    public static Optional<Quantity> of(Json json) {
        return switch (json) {
            case JsonString(var text) -> of(text);
            case JsonNumber(var literal) -> of(literal);
            case Json _ -> Optional.empty();
        };
    }

    private static Optional<Quantity> of(String text) {
        return TEXT.matcher(text).matches() ? Optional.of(parse(text)) : Optional.empty();
    }

    /// @throws IllegalArgumentException if `text` is not a quantity, with upstream's message
    public static Quantity parse(String text) {
        var matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "quantities must match the regular expression '" + PATTERN + "'");
        }
        var number = new BigDecimal(withoutFinalPoint(matcher.group(1)));
        var suffix = matcher.group(2) == null ? "" : matcher.group(2);
        if (suffix.endsWith("i")) {
            var factor = BigDecimal.valueOf(2).pow(10 * binaryPower(suffix));
            return capped(number.multiply(factor));
        }
        var power = DECIMAL.get(suffix);
        boolean bare = power == null;
        int exponent = power == null ? exponent(suffix.substring(1)) : power;
        boolean keep = written(matcher.group(1), exponent);
        return new Quantity(
                rounded(number.scaleByPowerOfTen(exponent)),
                bare ? Format.DECIMAL_EXPONENT : Format.DECIMAL_SI,
                keep ? text : null);
    }

    /// Whether upstream takes a decimal number as canonical enough to give it back as written:
    /// `1.500` is, `0.5` is not.
    private static boolean written(String number, int exponent) {
        var unsigned = number.replaceFirst("^[+-]", "");
        int point = unsigned.indexOf('.');
        var whole = (point < 0 ? unsigned : unsigned.substring(0, point)).replaceFirst("^0+", "");
        var fraction = point < 0 ? "" : unsigned.substring(point + 1);
        var digits = (whole.isEmpty() ? "0" : whole) + fraction;
        int scale = exponent - fraction.length();
        return digits.length() <= LONGEST
                && scale >= -FINEST
                && scale % 3 == 0
                && !digits.endsWith("000")
                && !digits.startsWith("0");
    }

    private static String withoutFinalPoint(String number) {
        return number.endsWith(".") ? number.substring(0, number.length() - 1) : number;
    }

    private static int binaryPower(String suffix) {
        int power = 1;
        while (!BINARY[power].equals(suffix)) {
            power++;
        }
        return power;
    }

    private static int exponent(String text) {
        return new BigInteger(text.startsWith("+") ? text.substring(1) : text)
                .min(FURTHEST)
                .max(FURTHEST.negate())
                .intValueExact();
    }

    private static BigDecimal rounded(BigDecimal exact) {
        return exact.scale() > FINEST ? exact.setScale(FINEST, RoundingMode.UP) : exact;
    }

    private static Quantity capped(BigDecimal exact) {
        if (exact.abs().compareTo(LARGEST) > 0) {
            return new Quantity(exact.signum() > 0 ? LARGEST : LARGEST.negate(), Format.BINARY_SI);
        }
        boolean fraction = exact.abs().compareTo(BigDecimal.ONE) < 0;
        return new Quantity(rounded(exact), fraction ? Format.DECIMAL_SI : Format.BINARY_SI);
    }

    public BigDecimal decimal() {
        return amount;
    }

    public Format format() {
        return format;
    }

    public boolean isZero() {
        return amount.signum() == 0;
    }

    public int signum() {
        return amount.signum();
    }

    public boolean isInteger() {
        return amount.stripTrailingZeros().scale() <= 0;
    }

    /// This amount in whole thousandths, rounded away from zero as lists of resources keep them.
    public Quantity milli() {
        return amount.scale() > MILLI
                ? new Quantity(amount.setScale(MILLI, RoundingMode.UP), format)
                : this;
    }

    /// Whole units, rounded up (away from zero); the largest `long` when there are more.
    public long value() {
        return whole(amount);
    }

    /// Thousandths, rounded up (away from zero); the largest `long` when there are more.
    public long milliValue() {
        return whole(amount.scaleByPowerOfTen(3));
    }

    private static long whole(BigDecimal exact) {
        var whole = exact.setScale(0, RoundingMode.UP);
        return whole.abs().compareTo(LARGEST) > 0
                ? (whole.signum() > 0 ? Long.MAX_VALUE : -Long.MAX_VALUE)
                : whole.longValueExact();
    }

    /// The sum keeps this quantity's suffixes, or the other's when this is zero.
    public Quantity plus(Quantity other) {
        return new Quantity(amount.add(other.amount), isZero() ? other.format : format);
    }

    /// As [#plus].
    public Quantity minus(Quantity other) {
        return new Quantity(amount.subtract(other.amount), isZero() ? other.format : format);
    }

    public static Quantity max(Quantity a, Quantity b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    @Override
    public int compareTo(Quantity other) {
        return amount.compareTo(other.amount);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Quantity that && amount.compareTo(that.amount) == 0;
    }

    @Override
    public int hashCode() {
        return amount.stripTrailingZeros().hashCode();
    }

    /// The canonical form: no fraction, and the largest suffix that allows for it.
    @Override
    public String toString() {
        if (isZero()) {
            return "0";
        }
        if (written != null) {
            return written;
        }
        // Fractions and small numbers have no exact binary suffix.
        boolean binary =
                format == Format.BINARY_SI
                        && isInteger()
                        && amount.abs().compareTo(BigDecimal.valueOf(1024)) >= 0;
        return binary ? binary(amount.toBigIntegerExact()) : decimalForm();
    }

    private static String binary(BigInteger whole) {
        int power = 0;
        var left = whole;
        while (power < BINARY.length - 1 && left.getLowestSetBit() >= 10) {
            left = left.shiftRight(10);
            power++;
        }
        return left + BINARY[power];
    }

    private String decimalForm() {
        var stripped = amount.stripTrailingZeros();
        // The largest multiple of three that leaves a whole number.
        int largest = Math.floorDiv(-stripped.scale(), 3) * 3;
        int power = format == Format.DECIMAL_EXPONENT ? largest : Math.min(largest, 18);
        var mantissa = stripped.scaleByPowerOfTen(-power).toBigIntegerExact().toString();
        if (format == Format.DECIMAL_EXPONENT) {
            return power == 0 ? mantissa : mantissa + "e" + power;
        }
        return mantissa + SI[(power + FINEST) / 3];
    }
}
