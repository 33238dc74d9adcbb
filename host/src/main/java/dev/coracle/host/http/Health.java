// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Answers `/healthz`, `/livez` and `/readyz`, whole or one check of them, as text.
///
/// <https://kubernetes.io/docs/reference/using-api/health-checks/>
final class Health {
    static final Set<String> ENDPOINTS = Set.of("healthz", "livez", "readyz");

    private final List<HealthCheck> checks;

    Health(List<HealthCheck> checks) {
        var all = new ArrayList<HealthCheck>();
        all.add(HealthCheck.live("ping", () -> true)); // that we answer is the check
        all.addAll(checks);
        this.checks = List.copyOf(all);
    }

    /// Code and text.
    record Answer(int code, String text) {}

    /// `endpoint` is one of [#ENDPOINTS], `check` empty for all of its checks.
    ///
    /// @throws ApiException 404 if there is no such check
    Answer answer(String endpoint, String check, boolean verbose, Set<String> excluded) {
        var chosen =
                checks.stream()
                        .filter(c -> c.liveness() || endpoint.equals("readyz"))
                        .filter(c -> check.isEmpty() || c.name().equals(check))
                        .toList();
        if (chosen.isEmpty()) {
            throw Errors.unknownPath();
        }
        var report = new StringBuilder();
        boolean well = true;
        for (var each : chosen) {
            if (excluded.contains(each.name())) {
                report.append("[+]%s excluded: ok\n".formatted(each.name()));
            } else if (each.well().getAsBoolean()) {
                report.append("[+]%s ok\n".formatted(each.name()));
            } else {
                report.append("[-]%s failed: reason withheld\n".formatted(each.name()));
                well = false;
            }
        }
        if (well && !(verbose && check.isEmpty())) {
            return new Answer(200, "ok");
        }
        return new Answer(
                well ? 200 : 500,
                report + "%s check %s\n".formatted(endpoint, well ? "passed" : "failed"));
    }
}
