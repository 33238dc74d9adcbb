// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.io.Serial;

/// A container cannot be created from its spec: what CreateContainerConfigError reports.
final class ConfigException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private final String reason;

    ConfigException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// The message, never null.
    String reason() {
        return reason;
    }
}
