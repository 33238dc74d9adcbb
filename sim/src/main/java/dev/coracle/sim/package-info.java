// SPDX-License-Identifier: Apache-2.0
/// Pretends: virtual time, containers that follow a script, faults, and checks of what must always
/// hold. The machines it runs are the ones that a node runs.
///
/// Start reading at [dev.coracle.sim.World], then [dev.coracle.sim.Cluster].
@NullMarked
package dev.coracle.sim;

import org.jspecify.annotations.NullMarked;
