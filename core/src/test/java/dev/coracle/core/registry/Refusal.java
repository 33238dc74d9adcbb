// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// The Status with which something is refused.
final class Refusal {
    private Refusal() {}

    static Status of(ThrowingCallable call) {
        return Objects.requireNonNull(catchThrowableOfType(ApiException.class, call), "not refused")
                .status();
    }
}
