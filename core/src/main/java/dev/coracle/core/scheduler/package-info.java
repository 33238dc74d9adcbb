// SPDX-License-Identifier: Apache-2.0
/// Chooses a node for each pod that has none, or says why there is none.
///
/// Start reading at [dev.coracle.core.scheduler.Scheduler], the machine; the rules are in
/// [dev.coracle.core.scheduler.Filters], the choice in [dev.coracle.core.scheduler.Placement].
@NullMarked
package dev.coracle.core.scheduler;

import org.jspecify.annotations.NullMarked;
