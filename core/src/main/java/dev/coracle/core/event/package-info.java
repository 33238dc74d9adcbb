// SPDX-License-Identifier: Apache-2.0
/// Events as components record them: repetitions are counted, look-alikes combined, spam dropped,
/// before anything is written.
///
/// Start reading at [dev.coracle.core.event.EventCorrelator].
@NullMarked
package dev.coracle.core.event;

import org.jspecify.annotations.NullMarked;
