// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import java.time.Duration;
import java.util.List;

/// What a command run in the container comes to. `command` is its words joined by blanks; for
/// `sh -c TEXT`, the text alone will do. The last answer whose time has come counts; before the
/// first one's, the command is not found.
public record CommandScript(String command, List<Answer> answers) {
    public CommandScript {
        answers = List.copyOf(answers);
    }

    /// From `from` on the command takes `takes` and ends with this; output is both of stdout and
    /// stderr.
    public record Answer(Duration from, Duration takes, int exitCode, String output) {}
}
