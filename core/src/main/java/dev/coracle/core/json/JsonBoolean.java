// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

/// A JSON boolean.
public enum JsonBoolean implements Json {
    FALSE,
    TRUE;

    public static JsonBoolean of(boolean value) {
        return value ? TRUE : FALSE;
    }

    public boolean value() {
        return this == TRUE;
    }

    @Override
    public String toString() {
        return value() ? "true" : "false";
    }
}
