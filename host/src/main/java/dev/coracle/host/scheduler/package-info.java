// SPDX-License-Identifier: Apache-2.0
/// The scheduler's shell: feeds [dev.coracle.core.scheduler.Scheduler] and carries out what it
/// wants.
@NullMarked
package dev.coracle.host.scheduler;

import org.jspecify.annotations.NullMarked;
