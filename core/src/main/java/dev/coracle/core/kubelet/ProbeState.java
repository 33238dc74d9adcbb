// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

/// What one probe has found out about one instance of a container. It only changes through [#next].
///
/// The same outcome has to come `successThreshold` or `failureThreshold` times in a row before the
/// verdict follows it. A startup probe is over once it has a verdict, a liveness probe once it has
/// failed: what comes then is another instance.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
record ProbeState(Verdict verdict, Outcome last, int run) {

    enum Verdict {
        UNKNOWN,
        SUCCESS,
        FAILURE
    }

    enum Outcome {
        NONE,
        SUCCESS,
        FAILURE
    }

    /// Before the first answer.
    static ProbeState first(ProbeSpec.Kind kind) {
        return new ProbeState(kind.atFirst(), Outcome.NONE, 0);
    }

    /// What a probe of a container that was found running had come to before.
    static ProbeState passed() {
        return new ProbeState(Verdict.SUCCESS, Outcome.NONE, 0);
    }

    ProbeState next(ProbeSpec spec, boolean success) {
        if (isOver(spec.kind())) {
            return this;
        }
        var outcome = success ? Outcome.SUCCESS : Outcome.FAILURE;
        int inRow = outcome == last ? run + 1 : 1;
        boolean enough = inRow >= (success ? spec.successThreshold() : spec.failureThreshold());
        var decided = success ? Verdict.SUCCESS : Verdict.FAILURE;
        return new ProbeState(enough ? decided : verdict, outcome, inRow);
    }

    boolean isOver(ProbeSpec.Kind kind) {
        return switch (kind) {
            case STARTUP -> verdict != Verdict.UNKNOWN;
            case LIVENESS -> verdict == Verdict.FAILURE;
            case READINESS -> false;
        };
    }
}
