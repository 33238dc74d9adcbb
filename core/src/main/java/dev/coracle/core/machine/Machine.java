// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.machine;

import java.time.Instant;
import java.util.List;

/// A component that decides but never acts. `I` is what it is told, `O` what it wants done.
///
/// A machine is confined to one thread at a time, so it may keep mutable state, yet it may not
/// block, start threads, read a clock or draw randomness: `now` is all the time it ever sees.
public interface Machine<I, O> {

    /// Takes one input and returns the wanted outputs, in order.
    List<O> handle(I input, Instant now);
}
