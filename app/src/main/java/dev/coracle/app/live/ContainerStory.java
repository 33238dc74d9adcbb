// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import dev.coracle.app.live.LiveLine.Tone;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/// What has been told of one container so far.
///
/// Attempts are counted from 0, as `restartCount` is; `started` and `ended` are the last attempts
/// whose start and end were told.
final class ContainerStory {

    /// Reasons to wait that mean nothing is wrong and nothing is new.
    private static final Set<String> ORDINARY = Set.of("", "PodInitializing", "ContainerCreating");

    /// 128 and the number of SIGKILL, which comes when the grace period is over.
    private static final long KILLED = 137;

    private static final Pattern BACK_OFF = Pattern.compile("back-off (\\S+) restarting failed.*");

    private long started = -1;
    private long ended = -1;
    private String waiting = "";

    /// Tells `teller` what is new in `status` (a `v1.ContainerStatus`); `stopping` is whether the
    /// container was asked to end, so that its end is no failure.
    void tell(JsonObject status, boolean stopping, BiConsumer<String, Tone> teller) {
        long attempt = status.number("restartCount", 0);
        var state = status.object("state");
        var last = status.object("lastState").object("terminated");
        if (!last.isEmpty() && attempt > 0) {
            end(attempt - 1, last, false, teller);
        }
        if (state.has("running")) {
            start(attempt, teller);
        }
        if (state.has("terminated")) {
            end(attempt, state.object("terminated"), stopping, teller);
        }
        waiting(state.object("waiting"), attempt, teller);
    }

    private void start(long attempt, BiConsumer<String, Tone> teller) {
        if (started < attempt) {
            started = attempt;
            teller.accept(
                    attempt == 0 ? "started" : "started again, restart " + attempt, Tone.PLAIN);
        }
    }

    private void end(
            long attempt,
            JsonObject terminated,
            boolean stopping,
            BiConsumer<String, Tone> teller) {
        if (ended >= attempt) {
            return;
        }
        start(attempt, teller);
        ended = attempt;
        long code = terminated.number("exitCode", 0);
        var took = took(terminated);
        if (code == 0) {
            teller.accept("completed" + took, Tone.GOOD);
        } else if (stopping) {
            teller.accept(stopped(code, took), Tone.PLAIN);
        } else {
            teller.accept(
                    "failed%s: exit %d (%s)".formatted(took, code, terminated.string("reason")),
                    Tone.BAD);
        }
    }

    private void waiting(JsonObject state, long attempt, BiConsumer<String, Tone> teller) {
        var reason = state.string("reason");
        var message = state.string("message");
        var backOff = BACK_OFF.matcher(message);
        if (backOff.matches()) {
            // the pause after each attempt is told once
            message = "restart %d after a pause of %s".formatted(attempt + 1, backOff.group(1));
        } else {
            message = message.isEmpty() ? reason : reason + ": " + message;
        }
        if (!message.equals(waiting) && !ORDINARY.contains(reason)) {
            teller.accept(message, Tone.BAD);
        }
        waiting = message;
    }

    private static String stopped(long code, String took) {
        return code == KILLED
                ? "killed%s: did not end by itself (exit %d)".formatted(took, code)
                : "stopped%s: exit %d".formatted(took, code);
    }

    private static String took(JsonObject terminated) {
        try {
            var ran =
                    Duration.between(
                            Instant.parse(terminated.string("startedAt")),
                            Instant.parse(terminated.string("finishedAt")));
            // the API keeps whole seconds: what was shorter than one is not known
            return ran.toSeconds() < 1
                    ? ""
                    : String.format(Locale.ROOT, " after %d s", ran.toSeconds());
        } catch (DateTimeParseException _) {
            return ""; // never started
        }
    }
}
