// SPDX-License-Identifier: Apache-2.0
/// Measurements of whole processes, from outside, as a client sees them; and of probing, which is
/// done here. The only place besides the program itself that reads the clock.
///
/// Start reading at [dev.coracle.bench.Bench].
@NullMarked
package dev.coracle.bench;

import org.jspecify.annotations.NullMarked;
