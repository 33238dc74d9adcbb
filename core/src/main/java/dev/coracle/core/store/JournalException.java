// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

/// The journal could not be written or read; the message names the file and what is wrong with it.
public final class JournalException extends RuntimeException {
    public JournalException(String message, Throwable cause) {
        super(message, cause);
    }

    public JournalException(String message) {
        super(message);
    }
}
