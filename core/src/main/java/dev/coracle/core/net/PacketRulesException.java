// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

/// The kernel, or the program that talks to it, refused; nothing was changed.
public final class PacketRulesException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public PacketRulesException(String message) {
        super(message);
    }

    public PacketRulesException(String message, Throwable cause) {
        super(message, cause);
    }
}
