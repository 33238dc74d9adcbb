// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.json;

/// Text is not the JSON or YAML it should be; the message says where and why.
public final class JsonFormatException extends RuntimeException {
    public JsonFormatException(String message) {
        super(message);
    }

    public JsonFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
