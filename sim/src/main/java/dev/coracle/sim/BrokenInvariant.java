// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

/// Something happened that must never happen.
public final class BrokenInvariant extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BrokenInvariant(String message) {
        super(message);
    }
}
