// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

/// JSON's null.
public enum JsonNull implements Json {
    NULL;

    @Override
    public String toString() {
        return "null";
    }
}
