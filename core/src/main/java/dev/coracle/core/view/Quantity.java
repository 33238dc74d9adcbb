// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An amount of a resource: `500m`, `1.5`, `64Mi`, `1e3`.
///
/// Two quantities are equal when their amounts are, whatever the suffix; the family of the suffix
/// (decimal or binary) is kept for [#toString].
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
public record Quantity(BigDecimal amount, boolean binary) {
    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, false);

    private static final Pattern FORM =
            Pattern.compile(
                    "([+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\\d{1,3}))?");
    private static final String DECIMAL = "num kMGTPE";
    private static final List<String> BINARY = List.of("Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final BigDecimal KIBI = BigDecimal.valueOf(1024);

    /// Reads the text form.
    ///
    /// @throws IllegalArgumentException if it is none
    public static Quantity parse(String text) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a quantity such as 500m, 1.5 or 64Mi");
        }
        var number = new BigDecimal(matcher.group(1));
        var suffix = matcher.group(2);
        if (matcher.group(3) != null) {
            return new Quantity(number.scaleByPowerOfTen(Integer.parseInt(matcher.group(3))), false);
        }
        if (suffix == null) {
            return new Quantity(number, false);
        }
        int binary = BINARY.indexOf(suffix);
        return binary >= 0
                ? new Quantity(number.multiply(KIBI.pow(binary + 1)), true)
                : new Quantity(
                        number.scaleByPowerOfTen(3 * (DECIMAL.indexOf(suffix) - 3)), false);
    }

    /// The amount, rounded up to a whole number.
    public long value() {
        return whole(amount);
    }

    /// A thousand times the amount, rounded up to a whole number: CPU in millis.
    public long millis() {
        return whole(amount.scaleByPowerOfTen(3));
    }

    private static long whole(BigDecimal number) {
        var rounded = number.setScale(0, RoundingMode.UP).toBigInteger();
        return rounded.bitLength() < Long.SIZE ? rounded.longValue() : Long.MAX_VALUE;
    }

    public Quantity plus(Quantity other) {
        return new Quantity(amount.add(other.amount), amount.signum() == 0 ? other.binary : binary);
    }

    public boolean isZero() {
        return amount.signum() == 0;
    }

    /// The canonical form: no fraction, the largest suffix that leaves none.
    @Override
    public String toString() {
        if (isZero()) {
            return "0";
        }
        if (binary && amount.stripTrailingZeros().scale() <= 0) {
            return binaryText(amount.toBigIntegerExact());
        }
        var scaled = amount.scaleByPowerOfTen(9).setScale(0, RoundingMode.UP).toBigInteger();
        int suffix = 0;
        var thousand = BigInteger.valueOf(1000);
        while (suffix < DECIMAL.length() - 1 && scaled.mod(thousand).signum() == 0) {
            scaled = scaled.divide(thousand);
            suffix++;
        }
        return scaled + (suffix == 3 ? "" : DECIMAL.substring(suffix, suffix + 1));
    }

    private static String binaryText(BigInteger amount) {
        var left = amount;
        int suffix = 0;
        while (suffix < BINARY.size() && left.mod(BigInteger.valueOf(1024)).signum() == 0) {
            left = left.shiftRight(10);
            suffix++;
        }
        return left + (suffix == 0 ? "" : BINARY.get(suffix - 1));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Quantity that && amount.compareTo(that.amount) == 0;
    }

    @Override
    public int hashCode() {
        return amount.stripTrailingZeros().hashCode();
    }
}
