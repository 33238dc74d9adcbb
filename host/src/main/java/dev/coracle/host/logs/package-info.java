// SPDX-License-Identifier: Apache-2.0
/// Reads what containers have written, from the log files that a container runtime keeps.
///
/// Knows files and lines, not pods. Start reading at [dev.coracle.host.logs.ContainerLog].
@NullMarked
package dev.coracle.host.logs;

import org.jspecify.annotations.NullMarked;
