// SPDX-License-Identifier: Apache-2.0
/// Runs what core decides: a mailbox for each machine, one clock for all alarms, and the loop that
/// carries out what controllers want written.
///
/// Start reading at [dev.coracle.host.loop.Mailbox].
@NullMarked
package dev.coracle.host.loop;

import org.jspecify.annotations.NullMarked;
