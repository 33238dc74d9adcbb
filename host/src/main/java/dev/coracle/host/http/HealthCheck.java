// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import java.util.function.BooleanSupplier;

/// One thing that must be well for the server to be. `liveness` says whether a failure means the
/// process is broken (`/livez`) or only not ready yet (`/readyz`).
///
/// <https://kubernetes.io/docs/reference/using-api/health-checks/>
public record HealthCheck(String name, boolean liveness, BooleanSupplier well) {

    /// Matters to `/livez`, `/readyz` and `/healthz`.
    public static HealthCheck live(String name, BooleanSupplier well) {
        return new HealthCheck(name, true, well);
    }

    /// Matters to `/readyz` only.
    public static HealthCheck ready(String name, BooleanSupplier well) {
        return new HealthCheck(name, false, well);
    }
}
