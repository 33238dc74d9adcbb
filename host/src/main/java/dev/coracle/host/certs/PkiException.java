// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

/// A key or certificate could not be made, read or kept; the message names the file.
public final class PkiException extends RuntimeException {
    public PkiException(String message, Throwable cause) {
        super(message, cause);
    }

    public PkiException(String message) {
        super(message);
    }
}
