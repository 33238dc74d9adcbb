// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import java.time.Duration;

/// One line to show.
public sealed interface LiveLine {

    /// How a step is meant.
    enum Tone {
        PLAIN,
        GOOD,
        BAD
    }

    /// A step in a pod's life, `after` the beginning. `part` is a container (`nginx`,
    /// `init 1/2 install`), empty for the pod as a whole.
    record Step(Duration after, String pod, String part, String text, Tone tone)
            implements LiveLine {
        /// The same step of another part.
        Step of(String otherPart) {
            return new Step(after, pod, otherPart, text, tone);
        }
    }

    /// How far something has come: stands until the next line, whatever that is.
    record Progress(Duration after, String text) implements LiveLine {}

    /// What a container wrote.
    record Log(String pod, String container, String text) implements LiveLine {}
}
