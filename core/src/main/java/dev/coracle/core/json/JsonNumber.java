// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

import java.math.BigDecimal;

/// A JSON number, kept as it was written: `1.0` stays `1.0`.
///
/// Two numbers are equal when their texts are; compare [#decimal] for numeric equality.
public record JsonNumber(String literal) implements Json {

    public static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /// Whether this is an integer that fits 64 bits, as Kubernetes' `int64` does. `1.0` is not.
    public boolean isLong() {
        return literal.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9')) && fitsLong();
    }

    private boolean fitsLong() {
        return decimal().toBigInteger().bitLength() < Long.SIZE;
    }

    /// @throws ArithmeticException if this is not an integer of 64 bits
    public long longValue() {
        return decimal().longValueExact();
    }

    public BigDecimal decimal() {
        return new BigDecimal(literal);
    }

    @Override
    public String toString() {
        return literal;
    }
}
